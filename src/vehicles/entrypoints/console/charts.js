// Charts as bars. Each is a table, or has one, so that nothing is only in the picture.
import { html, useState } from "./vendor/preact.js";
import { number, percent, t } from "./messages.js";

const HEIGHT = 100;
const GAP = 0.2; // of the width of a column

/** What a fleet consists of: a row per part with its name, a bar, the number and the share. The first rows are shown. */
export function Shares({ id, title, rows, total, first = 10 }) {
	const [isWhole, setWhole] = useState(false);
	const shown = isWhole ? rows : rows.slice(0, first);
	const largest = Math.max(...rows.map((each) => each.vehicles));
	return html`<section class="chart">
		<h2 id=${id}>${title}</h2>
		<table class="shares" aria-labelledby=${id}>
			<colgroup><col /><col class="part" /><col class="count" /><col class="share" /></colgroup>
			<thead class="unseen"><tr><th scope="col">${title}</th><td></td><th scope="col">${t("vehicles")}</th><th scope="col">${t("week.share")}</th></tr></thead>
			<tbody>${shown.map(({ name, vehicles }) => html`<tr>
				<th scope="row">${name}</th>
				<td><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width=${(100 * vehicles) / largest} height="1" /></svg></td>
				<td>${number(vehicles)}</td>
				<td>${percent(vehicles / total)}</td>
			</tr>`)}</tbody>
		</table>
		${rows.length > first && html`<button type="button" class="quiet" aria-expanded=${isWhole ? "true" : "false"} onClick=${() => setWhole(!isWhole)}>
			${isWhole ? t("week.fewer", { n: first }) : t("week.all", { n: rows.length })}
		</button>`}
	</section>`;
}

/** A number per week, from left to right; rows are { name, mark, value }, and some marks are written below. */
export function Weeks({ id, title, about, rows, heading, every = 1 }) {
	const largest = Math.max(1, ...rows.map((each) => each.value));
	const width = 1 - GAP;
	return html`<section class="chart wide">
		<h2 id=${id}>${title}</h2>
		<figure>
			<p class="scale" aria-hidden="true">${number(largest)}</p>
			<svg class="weeks" role="img" aria-labelledby=${`${id} ${id}-about`} viewBox=${`0 0 ${rows.length} ${HEIGHT}`} preserveAspectRatio="none">
				${rows.map(({ name, value }, place) => {
					const height = (HEIGHT * value) / largest;
					return html`<rect x=${place + GAP / 2} y=${HEIGHT - height} width=${width} height=${height}><title>${`${name}: ${number(value)}`}</title></rect>`;
				})}
			</svg>
			<p class="marks" aria-hidden="true">${rows.map(({ mark }, place) => ((rows.length - 1 - place) % every === 0 ? html`<span>${mark}</span>` : null))}</p>
			<figcaption id=${`${id}-about`}>${about}</figcaption>
		</figure>
		<details>
			<summary>${t("week.table")}<span class="unseen">: ${title}</span></summary>
			<table class="numbers" aria-label=${title}>
				<thead><tr><th scope="col">${t("week.one")}</th><th scope="col">${heading}</th></tr></thead>
				<tbody>${rows.toReversed().map(({ name, value }) => html`<tr><th scope="row">${name}</th><td>${number(value)}</td></tr>`)}</tbody>
			</table>
		</details>
	</section>`;
}
