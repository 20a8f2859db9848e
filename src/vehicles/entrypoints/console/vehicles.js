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

/** Names of manufacturers by identifier; the same for everybody, so it is read once. */
export const manufacturers = store({});

export async function readManufacturers() {
	try {
		manufacturers.set((await ask("console/manufacturers.json")).body);
	} catch {
		manufacturers.set({}); // then the identifier has to do
	}
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

export const matches = ({ vin, fuelType, noOfAxles }, filter) =>
	vin.includes(filter.search ?? "") && [undefined, fuelType].includes(filter.fuelType) && [undefined, `${noOfAxles}`].includes(filter.noOfAxles);

/** Returns a function that reads so many more vehicles and shows them as they come. Pages may be short or empty. */
function reader(filter, signal, show) {
	const queries = queriesOf(filter);
	const found = new Map();
	let cursor = null;
	const showAs = (state, failure = null) => show({ rows: [...found.values()], state, failure });
	return async () => {
		const wanted = found.size + PAGE_SIZE;
		showAs("loading");
		try {
			while (queries.length > 0 && found.size < wanted) {
				const { body } = await ask("vehicles", { query: { ...queries[0], limit: PAGE_SIZE, cursor }, signal });
				for (const each of body.items) found.set(each.vin, each);
				cursor = body.nextCursor;
				if (cursor === null) queries.shift();
				showAs("loading");
			}
			showAs(queries.length > 0 ? "more" : "done");
		} catch (error) {
			if (!signal.aborted) showAs("failed", error);
		}
	};
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
	const more = useRef(() => {});
	useEffect(() => {
		const controller = new AbortController();
		more.current = reader(filter, controller.signal, (next) => setList({ ...next, key }));
		more.current();
		return () => controller.abort();
	}, [key]);
	/** Show a vehicle as it is now, on top if it is new. */
	const put = (vehicle) =>
		setList((now) => {
			const isKnown = now.rows.some((each) => each.vin === vehicle.vin);
			if (!isKnown && !matches(vehicle, filter)) return now;
			const rows = isKnown ? now.rows.map((each) => (each.vin === vehicle.vin ? vehicle : each)) : [vehicle, ...now.rows];
			return { ...now, rows };
		});
	return { ...(list.key === key ? list : NOTHING), key, more: () => more.current(), put };
}
