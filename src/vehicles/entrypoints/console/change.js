// The dialogs that edit and delete one vehicle, in the version that the person has seen.
import { html, useEffect, useState } from "./vendor/preact.js";
import { ask } from "./api.js";
import { remove } from "./deletions.js";
import { Axles, Fuel, VinText, axlesOf, errorsByField } from "./fields.js";
import { fuelName, t } from "./messages.js";
import { Dialog, Problem, useAutofocus } from "./parts.js";
import { manufacturerOf, manufacturers } from "./vehicles.js";

/** The vehicle as it is stored now: { vehicle, tag, failure, retry }. */
function useStored(vin, onSeen) {
	const [stored, setStored] = useState({});
	const [attempt, setAttempt] = useState(0);
	useEffect(() => {
		const controller = new AbortController();
		read(vin, onSeen, controller.signal).then(setStored, (failure) => controller.signal.aborted || setStored({ failure }));
		return () => controller.abort();
	}, [vin, attempt]);
	return { ...stored, retry: () => setAttempt((count) => count + 1) };
}

async function read(vin, onSeen, signal) {
	const { body, headers } = await ask("vehicle", { query: { vin }, signal });
	onSeen(body);
	return { vehicle: body, tag: headers.get("ETag") };
}

/** What to show until a vehicle can be edited or deleted. */
function Pending({ failure, retry, onGone }) {
	if (!failure) return html`<p class="hint" role="status">${t("loading")}</p>`;
	return failure.status === 404 ? html`<${Gone} onGone=${onGone} />` : html`<${Problem} failure=${failure} onRetry=${retry} />`;
}

function Gone({ onGone }) {
	return html`<div class="problem" role="alert"><p>${t("gone")}</p></div>
		<div class="actions" ref=${useAutofocus()}><button type="button" class="primary" autofocus onClick=${onGone}>${t("close")}</button></div>`;
}

export function Edit({ vin, onClose, onDone, onGone, onSeen }) {
	const stored = useStored(vin, onSeen);
	return html`<${Dialog} title=${t("edit.title")} onClose=${onClose}>
		<p class="subject"><${VinText} vin=${vin} /></p>
		${stored.vehicle
			? html`<${EditForm} stored=${stored} onClose=${onClose} onDone=${onDone} onGone=${onGone} onSeen=${onSeen} />`
			: html`<div class="body"><${Pending} ...${stored} onGone=${onGone} /></div>`}
	<//>`;
}

/** What differs from a vehicle: nothing else is sent. */
function changed(vehicle, values) {
	return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== vehicle[name]));
}

function EditForm({ stored: { vehicle, tag }, onClose, onDone, onGone, onSeen }) {
	const form = useAutofocus();
	const [axles, setAxles] = useState(`${vehicle.noOfAxles}`);
	const [fuel, setFuel] = useState(vehicle.fuelType);
	const [other, setOther] = useState(null);
	const [failure, setFailure] = useState(null);
	const mine = changed(vehicle, { noOfAxles: axlesOf(axles), fuelType: fuel });

	async function save(expected) {
		try {
			const options = { method: "PATCH", query: { vin: vehicle.vin }, body: mine, headers: { "If-Match": expected } };
			onDone((await ask("vehicle", options)).body);
		} catch (error) {
			if (error.status === 412) await compare();
			else setFailure(error);
		}
	}

	/** Somebody else was faster: read what is stored now. */
	async function compare() {
		try {
			setFailure(null);
			setOther(await read(vehicle.vin, onSeen));
		} catch (error) {
			setFailure(error);
		}
	}

	const submit = (event) => {
		event.preventDefault();
		return Object.keys(mine).length > 0 ? save(tag) : onClose();
	};
	if (failure?.status === 404) return html`<div class="body"><${Gone} onGone=${onGone} /></div>`;
	if (other) {
		const choices = { onOverwrite: () => save(other.tag), onKeep: () => onDone(other.vehicle) };
		return html`<${Conflict} mine=${mine} other=${other.vehicle} failure=${failure} ...${choices} />`;
	}
	const errors = failure ? errorsByField(failure) : {};
	return html`<form ref=${form} onSubmit=${submit} novalidate>
		<div class="pair">
			<${Axles} id="edit-axles" value=${axles} onInput=${setAxles} errors=${errors.noOfAxles} autofocus />
			<${Fuel} id="edit-fuel" value=${fuel} onInput=${setFuel} errors=${errors.fuelType} none=${t("choose")} />
		</div>
		${failure && Object.keys(errors).every((field) => field === "") && html`<${Problem} failure=${failure} />`}
		<div class="actions">
			<button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
			<button class="primary">${t("save")}</button>
		</div>
	</form>`;
}

/** A field in both versions; `mine` is missing if the person did not change it. */
const row = (label, mine, stored) =>
	html`<tr class=${[undefined, stored].includes(mine) ? "" : "differs"}><th scope="row">${label}</th><td>${mine ?? "–"}</td><td>${stored}</td></tr>`;

function Conflict({ mine, other, failure, onOverwrite, onKeep }) {
	return html`<div class="body" ref=${useAutofocus()}>
		<div role="alert"><p>${t("conflict")}</p></div>
		<table class="versions">
			<thead><tr><td></td><th scope="col">${t("conflict.mine")}</th><th scope="col">${t("conflict.stored")}</th></tr></thead>
			<tbody>
				${row(t("axles"), mine.noOfAxles, other.noOfAxles)}
				${row(t("fuel_type"), fuelName(mine.fuelType), fuelName(other.fuelType))}
			</tbody>
		</table>
		${failure && html`<${Problem} failure=${failure} />`}
		<div class="actions">
			<button type="button" onClick=${onOverwrite}>${t("conflict.overwrite")}</button>
			<button type="button" class="primary" autofocus onClick=${onKeep}>${t("conflict.keep")}</button>
		</div>
	</div>`;
}

export function Delete({ vin, onClose, onGone, onSeen }) {
	const stored = useStored(vin, onSeen);
	return html`<${Dialog} title=${t("delete.title")} onClose=${onClose}>
		<div class="body">
			${stored.vehicle ? html`<${Confirm} vin=${vin} tag=${stored.tag} onClose=${onClose} />` : html`<${Pending} ...${stored} onGone=${onGone} />`}
		</div>
	<//>`;
}

function Confirm({ vin, tag, onClose }) {
	const name = manufacturerOf(vin, manufacturers.use());
	const label = name ? `${vin} (${name})` : vin;
	const confirm = () => {
		onClose();
		remove({ vin, tag, label });
	};
	return html`<p>${t("delete.ask", { label })}</p>
		<div class="actions" ref=${useAutofocus()}>
			<button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
			<button type="button" class="danger" autofocus onClick=${confirm}>${t("delete")}</button>
		</div>`;
}
