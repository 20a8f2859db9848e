// The table of vehicles. On a phone each vehicle is a card, and the headings are buttons that sort them.
import { html } from "./vendor/preact.js";
import { go } from "./address.js";
import { Delete, Edit } from "./change.js";
import { VinText } from "./fields.js";
import { compareTexts, date, fuelName, number, t } from "./messages.js";
import { manufacturerOf } from "./vehicles.js";

const SKELETON = Array.from(
	{ length: 8 },
	() => html`<tr role="row" class="skeleton"><td role="cell" colspan="6"><span></span></td></tr>`
);

/** Columns: what the heading sorts by. */
const COLUMNS = [
	["vin", ({ vin }) => vin],
	["manufacturer", ({ vin }, names) => manufacturerOf(vin, names)],
	["axles", ({ noOfAxles }) => noOfAxles],
	["fuel", ({ fuelType }) => fuelName(fuelType)],
	["registered", ({ timestamp }) => timestamp]
];

const compare = (one, other) => (typeof one === "number" ? one - other : compareTexts(one, other));

/** Sort what is loaded; without an order, it is as the registry returns it. */
function sorted(rows, sort, names) {
	const valueOf = COLUMNS.find(([key]) => key === sort?.replace("-", ""))?.[1];
	if (!valueOf) return rows;
	const direction = sort.startsWith("-") ? -1 : 1;
	return rows.toSorted((one, other) => direction * compare(valueOf(one, names), valueOf(other, names)));
}

export function Table({ rows, names, query, setOpen, isLoading }) {
	const { sort } = query;
	const sortBy = (key) => () => go("fleet", { ...query, sort: sort === key ? `-${key}` : key }, { replace: true });
	const order = (key) => ({ [key]: "ascending", [`-${key}`]: "descending" })[sort] ?? null;
	// The roles say what the elements are anyway: on a phone, where they are laid out otherwise, they would be lost.
	return html`<table class="vehicles" role="table" aria-label=${t("vehicles")}>
		<thead role="rowgroup"><tr role="row" data-label=${t("sort")}>
			${COLUMNS.map(
				([key]) => html`<th role="columnheader" scope="col" class=${`of-${key}`} aria-sort=${order(key)}>
					<button type="button" onClick=${sortBy(key)}>${t(key)}</button>
				</th>`
			)}
			<th role="columnheader" scope="col"><span class="unseen">${t("actions")}</span></th>
		</tr></thead>
		<tbody role="rowgroup">
			${sorted(rows, sort, names).map(
				(each) => html`<${Row} key=${each.vin} vehicle=${each} name=${manufacturerOf(each.vin, names)} setOpen=${setOpen} />`
			)}
			${isLoading && rows.length === 0 && SKELETON}
		</tbody>
	</table>`;
}

function Row({ vehicle: { vin, noOfAxles, fuelType, timestamp }, name, setOpen }) {
	return html`<tr role="row">
		<td role="cell" class="vin-cell"><${VinText} vin=${vin} /></td>
		<td role="cell" class="manufacturer">${name || "–"}</td>
		<td role="cell" class="axles">${number(noOfAxles)}<span class="unit"> ${t("axles.unit", { n: noOfAxles })}</span></td>
		<td role="cell" class="fuel">${fuelName(fuelType)}</td>
		<td role="cell" class="registered"><time datetime=${timestamp}>${date(timestamp)}</time></td>
		<td role="cell" class="row-actions">
			<button type="button" class="quiet" aria-label=${t("edit.one", { vin })} onClick=${() => setOpen({ dialog: Edit, vin })}>${t("edit")}</button>
			<button type="button" class="quiet" aria-label=${t("delete.one", { vin })} onClick=${() => setOpen({ dialog: Delete, vin })}>${t("delete")}</button>
		</td>
	</tr>`;
}
