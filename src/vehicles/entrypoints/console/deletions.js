// A deletion can be undone for ten seconds: only then it is sent, or when the page is left.
import { ask, storageOf } from "./api.js";
import { t } from "./messages.js";
import { notify, store } from "./parts.js";
import { refreshTotals, reload } from "./vehicles.js";

const SECONDS = 10;
const LEFT = `vehicles.deletions ${new URL(".", location).pathname}`;
const storage = storageOf("sessionStorage");

/** Deletions by the VINs that are not shown: { vin, tag, label, send }, or null if they are gone. */
export const hidden = store(new Map());

const hide = (vin, waiting) => hidden.set((all) => new Map(all).set(vin, waiting));

export function show(vin) {
	hidden.set((all) => new Map([...all].filter(([each]) => each !== vin)));
}

/** A list that is read from now on has no vehicle that is gone, unless it was registered again. */
export function forgetGone() {
	hidden.set((all) => new Map([...all].filter(([, waiting]) => waiting)));
}

/** It ends even when the page is left, and may be repeated. */
const request = ({ vin, tag }) => ask("vehicle", { method: "DELETE", query: { vin }, headers: { "If-Match": tag }, keepalive: true });

/** Delete a vehicle in the version that was seen, unless somebody undoes it within some seconds. */
export function remove(deletion, seconds = SECONDS) {
	const { vin, label } = deletion;
	let sent = null;
	const send = () => (sent ??= sendOnce());
	const timer = setTimeout(send, seconds * 1000);
	const close = seconds > 0 ? notify({ text: t("delete.done", { label }), actions: [{ label: t("delete.undo"), act: undo }], focus: true }) : () => {};
	hide(vin, { ...deletion, send });

	function undo() {
		clearTimeout(timer);
		show(vin);
	}

	async function sendOnce() {
		clearTimeout(timer);
		close();
		const failure = await request(deletion).catch((error) => error.status !== 404 && error);
		if (!(failure instanceof Error)) {
			await refreshTotals(); // else the total would have the vehicle again until the answer
			hide(vin, null);
			return;
		}
		show(vin);
		const isChanged = failure.status === 412;
		if (isChanged) reload();
		notify({
			text: isChanged ? t("delete.changed", { vin }) : t("delete.failed", { vin, why: failure.message }),
			kind: "bad",
			actions: isChanged ? [] : [{ label: t("retry"), act: () => remove(deletion) }]
		});
	}
}

const pending = () => [...hidden.get().values()].filter(Boolean);
export const sendDeletions = () => Promise.all(pending().map((each) => each.send()));

/** Whoever leaves the page undoes nothing. The next page repeats it: its list may be read before. */
window.addEventListener("pagehide", () => {
	storage.setItem(LEFT, JSON.stringify(pending()));
	for (const each of pending()) request(each).catch(() => {}); // one that waits for its next attempt would be lost
	sendDeletions();
});

export function repeatDeletions() {
	for (const each of JSON.parse(storage.getItem(LEFT) ?? "[]")) remove(each, 0);
	storage.removeItem(LEFT);
}
