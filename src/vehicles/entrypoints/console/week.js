// The weekly summary: the latest week or an earlier one, and what it is as long as there is none.
import { html, useEffect, useState } from "./vendor/preact.js";
import { go } from "./address.js";
import { ask } from "./api.js";
import { Shares, Weeks } from "./charts.js";
import { sendDeletions } from "./deletions.js";
import { download } from "./download.js";
import { Field } from "./fields.js";
import { countryName, dateRange, fuelName, number, signed, t } from "./messages.js";
import { Heading, Problem, notify, store } from "./parts.js";

const SECONDS = 6;
const NOT_HERE = new Set(["summaries-on-schedule", "method-not-allowed", "unknown-path"]);

/** Whether the API makes summaries on request; on AWS it says that only the schedule does. */
const isOnSchedule = store(false);

/** Parts of the name of a week, such as 2026-W47. */
const partsOf = (week) => ({ year: week.slice(0, 4), week: `${Number(week.slice(6))}` });
const weekName = (week) => t("week.name", partsOf(week));

/** A summary, the latest one by default, and the weeks that have one: { summary, weeks, failure, read }. */
function useSummary(week) {
	const [known, setKnown] = useState({});
	const [attempt, setAttempt] = useState(0);
	const key = `${attempt} ${week ?? ""}`;
	useEffect(() => {
		const controller = new AbortController();
		const { signal } = controller;
		const set = (changed) => signal.aborted || setKnown((now) => ({ ...(now.key === key ? now : { weeks: now.weeks }), ...changed, key }));
		ask("summary", { query: { week, format: "json" }, signal }).then(({ body }) => set({ summary: body }), (failure) => set({ failure }));
		ask("summaries", { signal }).then(({ body }) => set({ weeks: body.items.map((each) => each.week) }), () => set({}));
		return () => controller.abort();
	}, [key]);
	const { weeks = [] } = known;
	return { ...(known.key === key ? known : {}), weeks, read: () => setAttempt((count) => count + 1) };
}

export function Week({ query }) {
	const asked = /^\d{4}-W\d\d$/u.test(query.week) ? query.week : null;
	const { summary, weeks, failure, read } = useSummary(asked);
	const isMissing = failure?.status === 400 || failure?.type === "summary-not-found";
	const week = asked ?? summary?.week;
	const made = (latest) => {
		if (asked === latest || (!asked && weeks.every((each) => each <= latest))) read();
		else go("week", { week: latest });
	};
	return html`
		<div class="top">
			<${Heading}>${t("week")}<//>
			${week && html`<${Summarize} onMade=${made} />`}
		</div>
		${week && (summary || weeks.length > 0) && html`<${Choice} week=${week} summary=${summary} weeks=${weeks} />`}
		${!summary && !failure && html`<p class="status" role="status">${t("loading")}</p>`}
		${failure && !isMissing && html`<${Problem} failure=${failure} onRetry=${read} />`}
		${isMissing && (week ? html`<p class="problem" role="alert">${t("week.missing", partsOf(week))}</p>` : html`<${Before} onMade=${made} />`)}
		${summary && html`<${Summary} summary=${summary} />`}
	`;
}

/** Makes the summary of the current week now; where only the schedule does it, it says so. */
function Summarize({ className = "", onMade }) {
	const [state, setState] = useState({});
	const make = async () => {
		if (state.isRunning) return;
		setState({ isRunning: true });
		try {
			await sendDeletions(); // else it would count what is deleted
			const { body } = await ask("summaries", { method: "POST", repeated: true });
			setState({});
			notify({ text: t("week.made", partsOf(body.week)), kind: "good", seconds: SECONDS });
			onMade(body.week);
		} catch (failure) {
			isOnSchedule.set(NOT_HERE.has(failure.type));
			setState({ failure });
		}
	};
	if (isOnSchedule.use()) return html`<p class="hint" role="status">${t("week.schedule")}</p>`;
	const isEmpty = state.failure?.type === "summary-not-found";
	return html`<div class="make">
		<button type="button" class=${className} aria-disabled=${state.isRunning ? "true" : null} onClick=${make}>${t(state.isRunning ? "week.making" : "week.make")}</button>
		${isEmpty && html`<p class="hint" role="alert">${t("week.empty")}</p>`}
		${state.failure && !isEmpty && html`<${Problem} failure=${state.failure} />`}
	</div>`;
}

function Before({ onMade }) {
	return html`<section class="card lone">
		<h2>${t("week.none")}</h2>
		<p>${t("week.about")}</p>
		<p>${t("week.when")}</p>
		<${Summarize} className="primary" onMade=${onMade} />
	</section>`;
}

const rowsOf = (list, name) => list.map((each) => ({ name: name(each), vehicles: each.vehicles }));
const sorted = (rows) => rows.filter((each) => each.vehicles > 0).toSorted((one, other) => other.vehicles - one.vehicles);

function Summary({ summary }) {
	const { week, total, complete } = summary;
	return html`
		${!complete && html`<p class="note">${t("week.provisional")}</p>`}
		<${Facts} summary=${summary} />
		<div class="charts">
			<${Registrations} rows=${summary.registeredByWeek} />
			<${Totals} rows=${summary.history} />
			${total > 0 && html`
				<${Shares} key=${`${week} fuel`} id="by-fuel" title=${t("fuel_type")} total=${total} rows=${sorted(rowsOf(summary.byFuelType, ({ fuelType }) => fuelName(fuelType)))} />
				<${Shares} key=${`${week} axles`} id="by-axles" title=${t("axles")} total=${total} rows=${rowsOf(summary.byNoOfAxles, ({ noOfAxles }) => number(noOfAxles))} />
				<${Shares} key=${`${week} manufacturer`} id="by-manufacturer" title=${t("manufacturer")} total=${total} rows=${sorted(brands(summary.byManufacturer))} />
				<${Shares} key=${`${week} country`} id="by-country" title=${t("week.country")} total=${total} rows=${sorted(rowsOf(summary.byCountry, ({ country }) => (country ? countryName(country) : t("unknown"))))} />
			`}
		</div>
	`;
}

/** Manufacturers have several identifiers; those without a name are shown as they are. */
function brands(list) {
	const counts = new Map();
	for (const { wmi, name, vehicles } of list) counts.set(name ?? wmi, (counts.get(name ?? wmi) ?? 0) + vehicles);
	return [...counts].map(([name, vehicles]) => ({ name, vehicles }));
}

/** It stays while another week is read, and so does the focus. */
function Choice({ week, summary, weeks }) {
	const [failure, setFailure] = useState(null);
	const options = [...new Set([...weeks, week])].toSorted().toReversed().map((each) => [each, weekName(each)]);
	const get = (format) => () => {
		setFailure(null);
		download("summary", { week, format }, `summary-${week}.${format}`).catch(setFailure);
	};
	return html`
		<div class="choice">
			<${Field} id="week" label=${t("week.one")} value=${week} options=${options} onInput=${(chosen) => go("week", { week: chosen })}>
				<p class="hint">${summary ? dateRange(summary.from, summary.to, summary.timeZone) : "\u00A0"}</p>
			<//>
			<div class="actions">
				${["csv", "json"].map((each) => summary && html`<button type="button" onClick=${get(each)}>${t(`week.${each}`)}</button>`)}
			</div>
		</div>
		${failure && html`<${Problem} failure=${failure} />`}
	`;
}

const fact = (label, value, more) => html`<div><dt>${label}</dt><dd>${value}${more && html`<span>${more}</span>`}</dd></div>`;

function Facts({ summary: { total, registered, change } }) {
	return html`<dl class="figures">
		${fact(t("week.total"), number(total), change && t("week.change", { change: signed(change.total), ...partsOf(change.since) }))}
		${fact(t("week.registered"), number(registered))}
		${change?.deleted !== null && change && fact(t("week.deleted"), number(change.deleted))}
	</dl>`;
}

function Registrations({ rows }) {
	const shown = rows.map(({ week, vehicles }) => ({ name: weekName(week), mark: partsOf(week).week, value: vehicles }));
	const about = t("week.registrations.about", { n: shown.reduce((sum, each) => sum + each.value, 0), weeks: shown.length });
	return html`<${Weeks} id="registrations" title=${t("week.registrations")} about=${about} rows=${shown} heading=${t("week.registered")} />`;
}

function Totals({ rows }) {
	if (rows.length < 2) return null;
	const shown = rows.map(({ week, total }) => ({ name: weekName(week), mark: partsOf(week).week, value: total }));
	const about = t("week.totals.about", { from: number(shown[0].value), first: shown[0].name, to: number(shown.at(-1).value), last: shown.at(-1).name });
	return html`<${Weeks} id="totals" title=${t("week.totals")} about=${about} rows=${shown} heading=${t("week.total")} every=${Math.ceil(shown.length / 12)} />`;
}
