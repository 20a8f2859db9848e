// A deletion can be undone for ten seconds: only then it is sent, or when the page is left.
import { ask } from "./api.js";
import { t } from "./messages.js";
import { notify, store } from "./parts.js";
import { refreshTotals, reload } from "./vehicles.js";

const SECONDS = 10;

/** VINs that are not shown, with what sends their deletion and waits for it, and null if they are gone. */
export const hidden = store(new Map());

const hide = (vin, waiting) => hidden.set((all) => new Map(all).set(vin, waiting));

export function show(vin) {
	hidden.set((all) => new Map([...all].filter(([each]) => each !== vin)));
}

/** A list that is read from now on has no vehicle that is gone, unless it was registered again. */
export function forgetGone() {
	hidden.set((all) => new Map([...all].filter(([, waiting]) => waiting)));
}

/** Delete a vehicle in the version that was seen, unless somebody undoes it. */
export function remove(vehicle, tag, label) {
	const { vin } = vehicle;
	let sent = null;
	const send = (options) => (sent ??= sendOnce(options));
	const timer = setTimeout(send, SECONDS * 1000);
	const close = notify({ text: t("delete.done", { label }), actions: [{ label: t("delete.undo"), act: undo }], focus: true });
	hide(vin, send);

	function undo() {
		clearTimeout(timer);
		show(vin);
	}

	async function sendOnce(options) {
		clearTimeout(timer);
		close();
		try {
			await ask("vehicle", { method: "DELETE", query: { vin }, headers: { "If-Match": tag }, ...options });
			hide(vin, null);
			refreshTotals();
		} catch (failure) {
			if (failure.status === 404) {
				hide(vin, null);
				return;
			}
			show(vin);
			const isChanged = failure.status === 412;
			if (isChanged) reload();
			notify({
				text: isChanged ? t("delete.changed", { vin }) : t("delete.failed", { vin, why: failure.message }),
				kind: "bad",
				actions: isChanged ? [] : [{ label: t("retry"), act: () => remove(vehicle, tag, label) }]
			});
		}
	}
}

export const sendAll = (options) => Promise.all([...hidden.get().values()].map((send) => send?.(options)));

window.addEventListener("pagehide", () => sendAll({ keepalive: true }));
