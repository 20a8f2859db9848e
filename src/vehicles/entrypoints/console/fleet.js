// The fleet: search, filters, the table, and what can be done with a vehicle.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { go, useEvent } from "./address.js";
import { forgetGone, hidden, show } from "./deletions.js";
import { Export } from "./export.js";
import { Field, Fuel } from "./fields.js";
import { FUEL_TYPES, sentence, t } from "./messages.js";
import { Heading, Problem } from "./parts.js";
import { Register } from "./register.js";
import { SampleNotice, Start } from "./start.js";
import { Table } from "./table.js";
import { manufacturers, readRest, refreshTotals, searched, totals, useVehicles } from "./vehicles.js";

const TYPING_MS = 250;

/** What an address may ask for; all else in it means nothing. */
const filterOf = ({ search = "", fuelType, noOfAxles }) => ({
	search: searched(search),
	...(FUEL_TYPES.includes(fuelType) && { fuelType }),
	...(/^[1-9]\d?$/u.test(noOfAxles) && { noOfAxles })
});

export function Fleet({ query }) {
	const filter = filterOf(query);
	const list = useVehicles(filter);
	const known = totals.use();
	const waiting = hidden.use();
	const [draft, setTyped] = useState(null);
	const typed = draft ?? filter.search;
	const [open, setOpen] = useState(null);
	useEffect(readRest, []);
	useEffect(() => setTyped((text) => (searched(text ?? "") === filter.search ? text : null)), [filter.search]);
	useEffect(forgetGone, [list.key]);

	const isTyping = searched(typed) !== filter.search; // then the list answers another search: nothing is said of it
	const answer = isTyping ? { state: known?.about ? "typing" : "loading" } : list;
	const isFiltered = Object.values(filter).some(Boolean);
	const rows = list.rows.filter(({ vin }) => !waiting.has(vin) && vin.includes(searched(typed)));
	const isEmpty = list.rows.every(({ vin }) => waiting.has(vin)) && list.state === "done" && !isFiltered;
	const close = () => setOpen((now) => (now === open ? null : now)); // an answer may come when another dialog is open
	const done = (vehicle) => {
		show(vehicle.vin);
		list.put(vehicle);
		refreshTotals();
		close();
	};
	const gone = () => {
		hidden.set((all) => new Map(all).set(open.vin, null));
		refreshTotals();
		close();
	};
	return html`
		<div class="top">
			<${Heading}>${t("fleet")} <${Total} known=${known} hiding=${[...waiting.values()].filter(Boolean).length} /><//>
			<div class="actions">
				${!isEmpty && html`<button type="button" onClick=${() => setOpen({ dialog: Export })}>${t("export")}</button>`}
				<button type="button" class="primary" onClick=${() => setOpen({ dialog: Register })}>${t("register.title")}</button>
			</div>
		</div>
		${known?.total > 0 && html`<${SampleNotice} />`}
		${isEmpty
			? html`<${Start} onRegister=${() => setOpen({ dialog: Register })} />`
			: html`<${Filters} query=${{ ...filter, sort: query.sort }} typed=${typed} setTyped=${setTyped} failure=${answer.failure} isTyping=${isTyping} onEnter=${known?.about} />
					<${Results} ...${answer} isTyping=${isTyping} rows=${rows} query=${query} isFiltered=${isFiltered} setOpen=${setOpen} />`}
		${open && html`<${open.dialog} vin=${open.vin} filter=${filter} onClose=${close} onDone=${done} onGone=${gone} onSeen=${list.put} />`}
	`;
}

function Total({ known, hiding }) {
	if (!known) return null;
	const n = Math.max(known.total - hiding, 0);
	return html`<span class="total">${t(known.about ? "total.about" : "total", { n })}</span>`;
}

/** The search and the filters; they are in the address. A fleet that is costly to search is searched on Enter. */
function Filters({ query, typed, setTyped, failure, isTyping, onEnter }) {
	const isSearching = useRef(false);
	const endSearch = () => (isSearching.current = false);
	const set = (changed, options) => go("fleet", { ...query, search: searched(typed), ...changed }, options);
	const search = () => {
		if (!isTyping) return;
		set({}, { replace: isSearching.current }); // one search is one step back, however it was typed
		isSearching.current = true;
	};
	useEffect(() => {
		if (!isTyping || onEnter) return () => {};
		const timer = setTimeout(search, TYPING_MS);
		return () => clearTimeout(timer);
	}, [typed, query, onEnter]);
	useEvent("popstate", () => {
		endSearch();
		setTyped(null); // as in the address
	});
	const submit = (event) => {
		event.preventDefault();
		search();
		endSearch();
		if (searched(typed).length === 17) event.target.elements.search.select(); // a scanner types the next one
	};
	const wrong = failure?.status === 400 ? (failure.problem?.errors ?? []) : [];
	const isShort = typed.trim() !== "" && searched(typed) === "";
	return html`<form class="filters" role="search" onSubmit=${submit} onFocusOut=${endSearch}>
		<${Field} id="search" type="search" label=${t("search")} value=${typed} onInput=${setTyped} placeholder=${t("search.hint")} spellcheck="false" errors=${wrong}>
			${isShort ? t("search.short") : onEnter && isTyping && t("search.enter")}
		<//>
		<${Fuel} id="filter-fuel" value=${query.fuelType ?? ""} onInput=${(fuelType) => set({ fuelType })} none=${t("any")} />
		<${AxlesFilter} value=${query.noOfAxles ?? ""} onInput=${(noOfAxles) => set({ noOfAxles })} />
	</form>`;
}

const USUAL_AXLES = ["1", "2", "3", "4", "5", "6", "7", "8"];

function AxlesFilter({ value, onInput }) {
	const numbers = value === "" || USUAL_AXLES.includes(value) ? USUAL_AXLES : [...USUAL_AXLES, value];
	const options = [["", t("any")], ...numbers.map((each) => [each, each])];
	return html`<${Field} id="filter-axles" label=${t("axles")} value=${value} onInput=${onInput} options=${options} />`;
}

function Results({ state, failure, more, isTyping, rows, query, isFiltered, setOpen }) {
	const names = manufacturers.use();
	const isLoading = state === "loading";
	const isWrongSearch = failure?.status === 400;
	const status = {
		loading: rows.length > 0 && !isTyping ? t("list.searching", { n: rows.length }) : t("loading"),
		more: t("list.more", { n: rows.length }),
		done: rows.length === 0 ? t("list.none") : t("list.all", { n: rows.length })
	}[state];
	const next = () => {
		document.querySelector("main .status").focus(); // the button goes
		more();
	};
	const again = () => {
		readRest();
		next();
	};
	const clear = () => {
		go("fleet", { sort: query.sort });
		document.querySelector("h1").focus();
	};
	return html`<section aria-busy=${isLoading ? "true" : "false"}>
		${(rows.length > 0 || isLoading) && html`<${Table} rows=${rows} names=${names} query=${query} setOpen=${setOpen} isLoading=${isLoading} />`}
		<p class="status" role="status" tabindex="-1">${status}</p>
		${state === "more" && html`<p class="center"><button type="button" onClick=${next}>${t("more")}</button></p>`}
		${state === "done" && rows.length === 0 && isFiltered && html`<p class="center"><button type="button" onClick=${clear}>${t("list.clear")}</button></p>`}
		${failure && !isWrongSearch && html`<${Problem} failure=${failure} onRetry=${again} />`}
		${isWrongSearch && !failure.problem?.errors && html`<p class="errors">${sentence({ detail: failure.message })}</p>`}
	</section>`;
}
