// What the views have in common.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { t } from "./messages.js";

/** A value that components can watch, across views. */
export function store(value) {
	const watchers = new Set();
	return {
		get: () => value,
		set(next) {
			value = typeof next === "function" ? next(value) : next;
			for (const watch of watchers) watch(value);
		},
		use() {
			const [seen, setSeen] = useState(value);
			useEffect(() => {
				watchers.add(setSeen);
				setSeen(value);
				return () => watchers.delete(setSeen);
			}, []);
			return seen;
		}
	};
}

const notices = store([]);
let lastNotice = 0;

/**
 * Show a notice until it is closed, or for some seconds; `actions` are { label, act } and close it too.
 * Returns a function that closes it.
 */
export function notify({ text, kind = "info", actions = [], seconds = 0, focus = false }) {
	lastNotice += 1;
	const id = lastNotice;
	const close = () => notices.set((all) => all.filter((each) => each.id !== id));
	notices.set((all) => [...all, { id, text, kind, actions, focus, close }]);
	if (seconds) setTimeout(close, seconds * 1000);
	return close;
}

export function Notices() {
	return html`<div class="notices" role="region" aria-label=${t("notices")}>
		<div role="status">${notices.use().map((each) => html`<${Notice} key=${each.id} ...${each} />`)}</div>
	</div>`;
}

function Notice({ text, kind, actions, focus, close }) {
	const first = useRef(null);
	useEffect(() => {
		const { current } = first;
		if (focus) current.querySelector("button").focus();
		return () => {
			if (current.contains(document.activeElement)) document.querySelector("h1")?.focus();
		};
	}, []);
	const act = (action) => () => {
		close();
		action.act();
	};
	return html`<div class=${`notice ${kind}`} ref=${first}>
		<p>${text}</p>
		${actions.map((each) => html`<button type="button" class="quiet" onClick=${act(each)}>${each.label}</button>`)}
		<button type="button" class="icon" aria-label=${t("close")} onClick=${close}>×</button>
	</div>`;
}

/** A ref. What is inside and has `autofocus` gets the focus, also if it appears in an open dialog. */
export function useAutofocus() {
	const inside = useRef(null);
	useEffect(() => inside.current.querySelector("[autofocus]").focus(), []);
	return inside;
}

/** A modal dialog; focus returns to where it was, or to the heading if that is gone. */
export function Dialog({ title, onClose, children, className = "" }) {
	const dialog = useRef(null);
	useEffect(() => {
		const before = document.activeElement;
		const { current } = dialog;
		current.showModal();
		return () => {
			current.close();
			(before?.isConnected ? before : document.querySelector("h1"))?.focus();
		};
	}, []);
	return html`<dialog ref=${dialog} class=${className} aria-labelledby="dialog-title" onClose=${onClose}>
		<header>
			<h2 id="dialog-title">${title}</h2>
			<button type="button" class="icon" aria-label=${t("close")} onClick=${onClose}>×</button>
		</header>
		${children}
	</dialog>`;
}

/** What went wrong and what to do about it. */
export function Problem({ failure, onRetry }) {
	const todo = failure.kind === "problem" ? failure.problem && t("failure.problem.todo", failure.problem) : t(`failure.${failure.kind}.todo`);
	return html`<div class="problem" role="alert">
		<p><strong>${failure.message}</strong></p>
		${todo && html`<p>${todo}</p>`}
		${onRetry && failure.kind !== "signature" && html`<p><button type="button" onClick=${onRetry}>${t("retry")}</button></p>`}
	</div>`;
}

/** The heading of a view, which gets the focus when the view changes. */
export function Heading({ children }) {
	return html`<h1 tabindex="-1">${children}</h1>`;
}
