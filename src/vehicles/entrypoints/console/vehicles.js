// What the console knows of the fleet: pages of vehicles, totals, names of manufacturers.
import { useEffect, useRef, useState } from "./vendor/preact.js";
import { ask } from "./api.js";
import { store } from "./parts.js";

const PAGE_SIZE = 50;
const MIN_SEARCH = 3;
const END_LENGTH = 6;
const NOTHING = { rows: [], state: "loading", failure: null };

/** GET /fleet, or null as long as it is not known. */
export const totals = store(null);

export async function refreshTotals() {
	try {
		totals.set((await ask("fleet")).body);
	} catch {
		totals.set((known) => known); // the list says what is wrong
	}
}

/** Names of manufacturers by identifier; they stay the same, so they are read once. */
export const manufacturers = store({});

let reading = null;

/** Read what the list does not say. */
export function readRest() {
	refreshTotals();
	reading ??= ask("console/manufacturers.json").then(({ body }) => manufacturers.set(body), () => (reading = null));
}

/** Who built a vehicle: if the third character is 9, positions 12 to 14 complete the identifier (ISO 3780). */
export function manufacturerOf(vin, names) {
	const wmi = vin.slice(0, 3);
	return names[wmi.endsWith("9") ? wmi + vin.slice(11, 14) : wmi] ?? "";
}

/** A search as people type and scan it (I marks an import), as the API knows it; "" if it is too short. */
export function searched(text) {
	const characters = text.replaceAll(/[\s*-]/gu, "").toUpperCase().replace(/^I(?=.{17}$)/u, "");
	return characters.length < MIN_SEARCH ? "" : characters;
}

/** Six characters are probably the last ones of a VIN, so these vehicles come first. */
function queriesOf({ search = "", fuelType, noOfAxles }) {
	const filter = { fuelType, noOfAxles };
	if (search.length < MIN_SEARCH) return [filter];
	const anywhere = { ...filter, vinContains: search };
	return search.length === END_LENGTH ? [{ ...filter, vinEndsWith: search }, anywhere] : [anywhere];
}

const matches = ({ vin, fuelType, noOfAxles }, filter) =>
	vin.includes(filter.search ?? "") && [undefined, fuelType].includes(filter.fuelType) && [undefined, `${noOfAxles}`].includes(filter.noOfAxles);

/**
 * A list: `more` reads so many more vehicles and shows them as they come; pages may be short or empty.
 * `put` takes a vehicle as it is now, whatever a page says: on top if it is new, and out if it no longer matches.
 */
function listOf(filter, signal, show) {
	const queries = queriesOf(filter);
	const newer = new Set();
	let found = new Map();
	let cursor = null;
	let shown = {};
	const showAs = (state, failure = null) => {
		shown = { rows: [...found.values()], state, failure };
		show(shown);
	};
	async function more() {
		const wanted = found.size + PAGE_SIZE;
		showAs("loading");
		try {
			while (queries.length > 0 && found.size < wanted) {
				const { body } = await ask("vehicles", { query: { ...queries[0], limit: PAGE_SIZE, cursor }, signal });
				for (const each of body.items) if (!newer.has(each.vin)) found.set(each.vin, each);
				cursor = body.nextCursor;
				if (cursor === null) queries.shift();
				showAs("loading");
			}
			showAs(queries.length > 0 ? "more" : "done");
		} catch (error) {
			if (!signal.aborted) showAs("failed", error);
		}
	}
	function put(vehicle) {
		const { vin } = vehicle;
		newer.add(vin);
		if (!matches(vehicle, filter)) found.delete(vin);
		else if (found.has(vin)) found.set(vin, vehicle);
		else found = new Map([[vin, vehicle], ...found]);
		showAs(shown.state, shown.failure);
	}
	return { more, put };
}

const revision = store(0);

/** Read the list again, because much has changed. */
export function reload() {
	revision.set((number) => number + 1);
	refreshTotals();
}

/**
 * The vehicles that match a filter: { rows, state, failure, key, more, put }; state is loading, more, done or failed.
 * What belongs to another filter is never returned.
 */
export function useVehicles(filter) {
	const key = `${revision.use()} ${JSON.stringify(filter)}`;
	const [list, setList] = useState({ ...NOTHING, key });
	const current = useRef(null);
	useEffect(() => {
		const controller = new AbortController();
		current.current = listOf(filter, controller.signal, (next) => setList({ ...next, key }));
		current.current.more();
		return () => controller.abort();
	}, [key]);
	return { ...(list.key === key ? list : NOTHING), key, more: () => current.current.more(), put: (vehicle) => current.current.put(vehicle) };
}
