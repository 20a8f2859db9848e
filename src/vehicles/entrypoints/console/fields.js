// Fields of a vehicle, with what is wrong about them.
import { html } from "./vendor/preact.js";
import { FUEL_TYPES, fuelName, sentence, t } from "./messages.js";

/** A labelled input, or a list if there are `options`; `errors` and `children` describe it. */
export function Field({ id, label, value, onInput, options, errors = [], children, ...others }) {
	const about = [errors.length > 0 && `${id}-errors`, children && `${id}-about`].filter(Boolean).join(" ");
	const described = {
		id,
		value,
		"aria-describedby": about || null,
		"aria-invalid": errors.length > 0 ? "true" : null,
		onInput: (event) => onInput(event.target.value),
		...others
	};
	return html`<div class="field">
		<label for=${id}>${label}</label>
		${options
			? html`<select ...${described}>${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select>`
			: html`<input autocomplete="off" ...${described} />`}
		${errors.length > 0 && html`<ul class="errors" id=${`${id}-errors`}>${errors.map((each) => html`<li>${sentence(each)}</li>`)}</ul>`}
		${children && html`<div id=${`${id}-about`}>${children}</div>`}
	</div>`;
}

export function Axles({ id, value, onInput, errors, ...others }) {
	return html`<${Field} id=${id} label=${t("axles")} inputmode="numeric" value=${value} onInput=${onInput} errors=${errors} ...${others} />`;
}

export function Fuel({ id, value, onInput, errors, none }) {
	const options = [["", none], ...FUEL_TYPES.map((each) => [each, fuelName(each)])];
	return html`<${Field} id=${id} label=${t("fuel_type")} value=${value} onInput=${onInput} errors=${errors} options=${options} />`;
}

/** A number as the API wants it; what is no number is sent as it is, and the API says what is wrong. */
export const axlesOf = (text) => (/^\s*\d+\s*$/u.test(text) ? Number(text) : text.trim());

/** The errors of problem details by the field that they are at; "" are all others. */
export function errorsByField(failure) {
	const all = failure.problem?.errors ?? [];
	return Object.groupBy(all, (each) => /^\/(vin|noOfAxles|fuelType)$/u.exec(each.pointer ?? "")?.[1] ?? "");
}

/** A VIN in its three sections: manufacturer, description, and the serial part that tells vehicles apart. */
export function VinText({ vin }) {
	return html`<span class="vin"><span>${vin.slice(0, 3)}</span><span>${vin.slice(3, 9)}</span><span>${vin.slice(9)}</span></span>`;
}
