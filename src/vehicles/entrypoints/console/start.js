// What an empty registry offers, and the sample fleet.
import { html, useEffect } from "./vendor/preact.js";
import { go } from "./address.js";
import { ask, storageOf } from "./api.js";
import { sendDeletions } from "./deletions.js";
import { t } from "./messages.js";
import { notify, store } from "./parts.js";
import { reload } from "./vehicles.js";

const IN_PARALLEL = 4;
const MARK = `vehicles.sample ${new URL(".", location).pathname}`; // other registries of the same host have other paths
const storage = storageOf("localStorage");
const hasSample = store(storage.getItem(MARK) !== null);

const mark = (isThere) => {
	if (isThere) storage.setItem(MARK, "1");
	else storage.removeItem(MARK);
	hasSample.set(isThere);
};

/** Do something with each vehicle of the sample, a few at a time; all of it can be repeated. */
async function forEachVehicle(act, tell) {
	const { body } = await ask("console/sample.json");
	const waiting = body.map(([vin, noOfAxles, fuelType]) => ({ vin, noOfAxles, fuelType }));
	const work = async () => {
		while (waiting.length > 0) {
			await act(waiting.shift());
			tell({ n: body.length - waiting.length, all: body.length });
		}
	};
	const ends = await Promise.allSettled(Array.from({ length: IN_PARALLEL }, work));
	const failed = ends.find((each) => each.reason);
	if (failed) throw failed.reason;
}

async function add(vehicle) {
	const options = { method: "PUT", query: { vin: vehicle.vin }, body: vehicle, headers: { "If-None-Match": "*" } };
	await ask("vehicle", options).catch(unless(412)); // it is there already
}

/** Delete a vehicle of the sample, unless somebody has changed it. */
async function take({ vin, noOfAxles, fuelType }) {
	const found = await ask("vehicle", { query: { vin } }).catch(unless(404));
	if (found?.body.noOfAxles !== noOfAxles || found.body.fuelType !== fuelType) return;
	const headers = { "If-Match": found.headers.get("ETag") };
	await ask("vehicle", { method: "DELETE", query: { vin }, headers }).catch(unless(404, 412));
}

const unless = (...statuses) => (failure) => {
	if (!statuses.includes(failure.status)) throw failure;
};

/** What is done with the sample: { key, n, all }, or null. It goes on while other views are shown. */
const step = store(null);

async function run(key, act, before, after) {
	step.set({ key, n: 0, all: 0 });
	document.querySelector("h1").focus(); // the button goes
	try {
		await before();
		await forEachVehicle(act, (progress) => step.set({ key, ...progress }));
		after();
	} catch (failure) {
		notify({ text: failure.message, kind: "bad" });
	}
	step.set(null);
	reload();
}

const adding = () => run("adding", add, () => mark(true), () => {}); // before, because it may end in the middle

const removing = () => run("removing", take, sendDeletions, () => {
	mark(false);
	notify({ text: t("sample.removed"), seconds: 6 });
});

const card = (key, act) => html`<li>
	<h2>${t(key)}</h2>
	<p>${t(`${key}.about`)}</p>
	<button type="button" onClick=${act}>${t(key)}</button>
</li>`;

export function Start({ onRegister }) {
	const now = step.use();
	useEffect(() => {
		if (!step.get()) mark(false); // an empty registry has no sample, even if another one at this address had
	}, []);
	if (now) return html`<p class="status" role="status">${t(`sample.${now.key}`, now)}</p>`;
	return html`<section class="start">
		<p class="lead">${t("start")}</p>
		<ul>
			${card("start.import", () => go("import"))}
			${card("start.register", onRegister)}
			${card("start.sample", adding)}
		</ul>
	</section>`;
}

export function SampleNotice() {
	const now = step.use();
	if (!hasSample.use()) return null;
	return html`<div class="sample">
		<p role="status">${now ? t(`sample.${now.key}`, now) : t("sample")}</p>
		${!now && html`<button type="button" class="quiet" onClick=${removing}>${t("sample.remove")}</button>`}
	</div>`;
}
