// The rows of a file that cannot be imported, to be fixed in place.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { check, edit, job, tallyOf, wrongRows } from "./import_job.js";
import { FUEL_TYPES, fuelName, number, sentence, t } from "./messages.js";
import { notify } from "./parts.js";

const ROWS_AT_ONCE = 50;
export const LABELS = { vin: "vin", noOfAxles: "axles", fuelType: "fuel_type" };

export function RowsToFix({ now: { checked, edits, understood, options, count = ROWS_AT_ONCE } }) {
	const before = useRef(count);
	useEffect(() => {
		if (count > before.current) document.querySelectorAll(".fix tbody tr")[before.current].querySelector("input").focus(); // the button may be gone
		before.current = count;
	}, [count]);
	const rows = wrongRows(checked);
	if (rows.length === 0) return null;
	const fields = Object.keys(LABELS).filter((each) => each in understood.columns);
	const hidden = checked.tally.refused - rows.length;
	// The roles say what the elements are anyway: on a phone, where they are laid out otherwise, they would be lost.
	return html`<section class="fixing" aria-labelledby="to-fix">
		<div class="top">
			<div><h2 id="to-fix">${t("import.fix")}</h2><p class="hint">${t("import.fix.about")}</p></div>
			${!options.acceptSuggestions && rows.some((each) => each.suggestions.length === 1 && !edits.has(each.line)) && html`<button type="button" onClick=${useSure}>${t("import.fix.sure")}</button>`}
		</div>
		<table class="fix" role="table" aria-labelledby="to-fix">
			<thead role="rowgroup"><tr role="row">
				<th role="columnheader" scope="col">${t("import.fix.line")}</th>
				${fields.map((each) => html`<th role="columnheader" scope="col">${t(LABELS[each])}</th>`)}
				<th role="columnheader" scope="col">${t("import.fix.wrong")}</th>
				<th role="columnheader" scope="col"><span class="unseen">${t("actions")}</span></th>
			</tr></thead>
			<tbody role="rowgroup">${rows.slice(0, count).map((each) => html`<${Row} key=${each.line} row=${each} edited=${edits.get(each.line)} fields=${fields} />`)}</tbody>
		</table>
		${rows.length > count && html`<p class="center"><button type="button" onClick=${() => job.set((now) => ({ ...now, count: count + ROWS_AT_ONCE }))}>${t("more")}</button></p>`}
		${hidden > 0 && html`<p class="note">${t("import.fix.hidden", { n: hidden })}</p>`}
	</section>`;
}

async function useSure() {
	const before = tallyOf(job.get()).refused;
	await check({ acceptSuggestions: true });
	const now = job.get();
	if (now?.phase === "checked") notify({ text: t("import.fix.taken", { n: before - tallyOf(now).refused }), seconds: 9 });
}

/** The state of a row: wrong, checking, fixed or out. */
function stateOf(edited) {
	if (edited?.isLeftOut) return "out";
	if (!edited) return "wrong";
	if (!edited.errors) return "checking";
	return edited.errors.length > 0 ? "wrong" : "fixed";
}

function Row({ row, edited, fields }) {
	const element = useRef(null);
	const { line } = row;
	const state = stateOf(edited);
	const values = edited?.values ?? row.values;
	const { errors, suggestions } = edited?.errors ? edited : row;
	const change = (field) => (value) => edit(line, { values: { ...values, [field]: value } });
	const use = (vin) => {
		element.current.querySelector("input").focus();
		change("vin")(vin);
	};
	const cell = (field) => ({
		label: t("import.cell", { field: t(LABELS[field]), line: number(line) }),
		value: values[field] ?? "",
		isWrong: state === "wrong" && errors.some((each) => each.field === field),
		about: `errors-${line}`,
		isOff: state === "out",
		onChange: change(field)
	});
	return html`<tr role="row" class=${state} ref=${element}>
		<th role="rowheader" scope="row"><span class="unit">${t("import.fix.line")} </span>${number(line)}</th>
		${fields.map((each) => html`<td role="cell" class=${`of-${each}`}>${each === "fuelType" ? html`<${FuelCell} ...${cell(each)} raw=${row.values.fuelType ?? ""} isKnown=${row.errors.every((error) => error.field !== "fuelType")} />` : html`<${TextCell} ...${cell(each)} field=${each} />`}</td>`)}
		<td role="cell" class="why" id=${`errors-${line}`}>
			${state === "wrong" && html`<ul class="errors">${errors.map((each) => html`<li>${LABELS[each.field] && each.field !== "vin" && html`<b>${t(LABELS[each.field])}: </b>`}${sentence(each)}</li>`)}</ul>`}
			${state === "wrong" && suggestions.length > 0 && html`<p class="suggestions">${t("vin.meant")} ${suggestions.map((each) => html`<button type="button" onClick=${() => use(each)}>${each}</button>`)}</p>`}
			${state !== "wrong" && html`<p class="verdict">${t(`import.fix.${state}`)}</p>`}
		</td>
		<td role="cell" class="row-actions">
			<button type="button" class="quiet" aria-label=${t(state === "out" ? "import.fix.back.one" : "import.fix.leave.one", { line: number(line) })}
				onClick=${() => edit(line, state === "out" ? null : { isLeftOut: true })}>${t(state === "out" ? "import.fix.back" : "import.fix.leave")}</button>
		</td>
	</tr>`;
}

/** What is typed stays, whatever is checked meanwhile. */
function TextCell({ field, label, value, isWrong, about, isOff, onChange }) {
	const [typed, setTyped] = useState(value);
	useEffect(() => setTyped(value), [value]);
	return html`<input class=${field === "vin" ? "vin" : ""} inputmode=${field === "vin" ? "text" : "numeric"} aria-label=${label} aria-invalid=${isWrong ? "true" : null}
		aria-describedby=${about} disabled=${isOff} autocomplete="off" spellcheck="false" value=${typed} onInput=${(event) => setTyped(event.target.value)} onChange=${() => typed !== value && onChange(typed)} />`;
}

/** A list of the fuel types, and of what stood there. */
function FuelCell({ label, value, raw, isKnown, isWrong, about, isOff, onChange }) {
	const shown = isKnown ? raw : t("import.fix.raw", { raw });
	const others = FUEL_TYPES.includes(raw) ? [] : [[raw, raw.trim() === "" ? t("import.fix.empty") : shown]];
	return html`<select aria-label=${label} aria-invalid=${isWrong ? "true" : null} aria-describedby=${about} disabled=${isOff} value=${value} onChange=${(event) => onChange(event.target.value)}>
		${[...others, ...FUEL_TYPES.map((each) => [each, fuelName(each)]).filter(([, text]) => !isKnown || text !== raw)].map(([key, text]) => html`<option value=${key} selected=${key === value}>${text}</option>`)}
	</select>`;
}
