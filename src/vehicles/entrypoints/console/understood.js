// How a file was understood, and what a person can decide about it; every change runs the check again.
import { html } from "./vendor/preact.js";
import { Field } from "./fields.js";
import { LABELS } from "./fix.js";
import { check } from "./import_job.js";
import { fuelName, number, t } from "./messages.js";

const FIELDS = Object.entries(LABELS);
const FORMATS = { jsonl: "JSON Lines", xlsx: "Excel", xls: "Excel 97", ods: "OpenDocument" };

export function Understood({ now }) {
	const { understood, options, phase } = now;
	const { sheet, headingLine, ignored, first } = understood;
	const facts = [FORMATS[understood.format] ?? understood.format.toUpperCase(), sheet && t("import.sheet.named", { sheet }), headingLine && t("import.headings", { line: number(headingLine) })];
	const headings = [...new Set(understood.headings)].filter((each) => each.trim() !== "");
	const assign = (field) => (heading) => check({ columns: Object.fromEntries(Object.entries({ ...options.columns, [field]: heading }).filter(([, each]) => each !== "")) });
	const isUnclear = now.failure?.problem?.understood && FIELDS.every(([field]) => field in understood.columns);
	const columns = isUnclear ? options.columns : understood.columns; // two headings of one meaning
	const missing = phase === "refused" ? [{ detail: t("import.column.missing") }] : [];
	return html`<section class="card" aria-labelledby="understood">
		<h2 id="understood">${t("import.understood")}</h2>
		<p class="hint">${facts.filter(Boolean).join(", ")}</p>
		${headings.length > 0 && html`<div class="pair">
			${FIELDS.map(([field, label]) => html`<${Field} id=${`column-${field}`} label=${t("import.column", { field: t(label) })} value=${columns[field] ?? ""}
				options=${[["", t("choose")], ...headings.map((each) => [each, each])]} errors=${field in columns ? [] : missing} onInput=${assign(field)} />`)}
		</div>`}
		${ignored.length > 0 && html`<p class="hint">${t("import.ignored", { names: ignored.join(", ") })}</p>`}
		${first.length > 0 && html`<${First} rows=${first} />`}
		<div class="pair">
			<${Field} id="on-conflict" label=${t("import.conflict")} value=${options.onConflict} onInput=${(onConflict) => check({ onConflict })}
				options=${[["skip", t("import.conflict.skip")], ["update", t("import.conflict.update")]]} />
			<${Field} id="empty-fuel" label=${t("import.empty_fuel")} value=${options.emptyFuel} onInput=${(emptyFuel) => check({ emptyFuel })}
				options=${[["", t("import.empty_fuel.refuse")], ["none", fuelName("none")]]} />
			${(sheet || options.sheet) && html`<${Field} id="sheet" label=${t("import.sheet")} value=${options.sheet || sheet} onInput=${() => {}} onChange=${(event) => check({ sheet: event.target.value.trim() })} />`}
		</div>
		<${Notes} notes=${now.checked?.notes ?? []} />
	</section>`;
}

function First({ rows }) {
	return html`<table class="first" aria-label=${t("import.first")}>
		<thead><tr>${FIELDS.map(([, label]) => html`<th scope="col">${t(label)}</th>`)}</tr></thead>
		<tbody>${rows.map(({ vin, noOfAxles, fuelType }) => html`<tr><td class="vin">${vin}</td><td>${noOfAxles ?? "–"}</td><td>${fuelType ? fuelName(fuelType) : "–"}</td></tr>`)}</tbody>
	</table>`;
}

/** What else the registry says about the file; it speaks English. */
function Notes({ notes }) {
	if (notes.length === 0) return null;
	return html`<details>
		<summary>${t("import.notes", { n: notes.length })}</summary>
		<ul class="hint" lang="en">${notes.map((each) => html`<li>${each}</li>`)}</ul>
	</details>`;
}
