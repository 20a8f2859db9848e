// The import of one file: its check, the rows that are fixed, and carrying it out, which goes on while other views are shown.
import { Failure, ask } from "./api.js";
import { records, write } from "./csv.js";
import { sendDeletions } from "./deletions.js";
import { t } from "./messages.js";
import { store } from "./parts.js";
import { reload } from "./vehicles.js";

const FIELDS = ["vin", "noOfAxles", "fuelType"];
const COUNTS = ["added", "alreadyThere", "changed", "repeated", "refused"];
const MAX_ROWS = 1000;
const NONE = { understood: null, notes: [], tally: { refused: 0 }, rows: [], rowsOmitted: 0, headings: null, refused: [], refusedOmitted: 0, upToLine: 0 };

/**
 * Null, or the job. `edits` are the rows that a person has edited, by line: { values, errors, suggestions }, or
 * { isLeftOut }; `fixed` is the answer to the last check of them, `sent` to their import.
 */
export const job = store(null);

let content = null;
let checking = new AbortController();
let fixing = new AbortController();
let edited = null;

const set = (changed) => job.set((now) => ({ ...now, ...changed }));
export const isRunning = () => job.get()?.phase === "importing";

const hasEdits = () => job.get()?.edits.size > 0 && job.get().phase !== "done";
const mayDiscard = () => !hasEdits() || window.confirm(t("import.discard"));
const isUnfinished = ({ edits }) => [...edits.values()].some((each) => each.errors?.length > 0);

window.addEventListener("beforeunload", (event) => {
	if (isRunning() || hasEdits()) event.preventDefault();
});

function stop() {
	checking.abort();
	fixing.abort();
}

/** Take a file and check it. */
export async function open(file) {
	if (!mayDiscard()) return;
	const options = { columns: {}, onConflict: "skip", emptyFuel: "", sheet: "" };
	stop();
	job.set({ name: file.name, phase: "checking", options, understood: null, checked: null, edits: new Map(), fixed: NONE });
	checking = new AbortController();
	const { signal } = checking;
	const read = await file.arrayBuffer().catch(() => null); // as it is now, whatever becomes of the file
	if (signal.aborted) return; // another file was chosen meanwhile
	if (read) {
		content = new Blob([read]);
		await check();
	} else {
		set({ phase: "refused", failure: new Failure("file") });
	}
}

export function discard() {
	if (!mayDiscard()) return;
	stop();
	content = null;
	job.set(null);
}

function send(body, { columns = {}, ...options }, signal) {
	const column = Object.entries(columns).map(([field, heading]) => `${field}:${heading}`);
	const headers = { "Content-Type": "application/octet-stream" };
	return ask("vehicles/import", { method: "POST", repeated: true, headers, body, query: { column, ...options }, signal });
}

/** Send the file, part by part. */
async function sendAll(options, fromLine, take, signal) {
	for (let line = fromLine; line !== null; ) {
		const { body, isRepeated } = await send(content, { ...options, fromLine: line }, signal);
		take(body);
		if (isRepeated) set({ isResumed: !options.dryRun });
		line = body.nextLine;
	}
}

const sum = (one, other) => Object.fromEntries(COUNTS.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));

/** The outcome of a part of a file beside those before; `refused` are records of a CSV, each with its line, if it is listed. */
function joined(one, other) {
	const rows = [...one.rows, ...other.rows];
	const [headings, ...refused] = records(other.refused ?? "");
	const lines = wrongRows(other).map((each) => each.line); // in the same order
	return {
		understood: one.understood ?? other.understood,
		notes: [...new Set([...one.notes, ...other.notes])],
		tally: sum(one.tally, other.tally),
		rows: rows.slice(0, MAX_ROWS),
		rowsOmitted: one.rowsOmitted + other.rowsOmitted + Math.max(rows.length - MAX_ROWS, 0),
		headings: one.headings ?? headings,
		refused: [...one.refused, ...refused.map((text, place) => ({ text, line: lines[place] }))],
		refusedOmitted: one.refusedOmitted + (other.refusedOmitted ?? 0),
		upToLine: other.upToLine
	};
}

/** Check the file under these options; edited rows stay as long as the columns do. */
export async function check(changed = {}) {
	const areKept = !("columns" in changed || "sheet" in changed);
	if (!areKept && !mayDiscard()) return set({}); // shows what is still chosen
	stop();
	checking = new AbortController();
	const { signal } = checking;
	const options = { ...job.get().options, ...("sheet" in changed && { columns: {} }), ...changed };
	set({ options, phase: "checking", failure: null, ...(!areKept && { edits: new Map(), fixed: NONE }) });
	let checked = NONE;
	try {
		await sendDeletions(); // else what is deleted would be there already
		if (signal.aborted) return;
		await sendAll({ ...options, dryRun: true }, 1, (part) => (checked = joined(checked, part)), signal);
	} catch (failure) {
		if (!signal.aborted) set({ phase: "refused", failure, understood: failure.problem?.understood ?? job.get().understood });
		return;
	}
	const { edits, checked: before } = job.get();
	const wrong = new Set(wrongRows(checked).map((each) => each.line));
	if ([...edits.keys()].every((line) => wrong.has(line))) {
		set({ phase: "checked", checked: { ...checked, options }, understood: checked.understood, fixed: NONE });
	} else {
		// An edited row wins over an option that takes it as it is in the file: the others are edited instead.
		const last = checked.tally.refused > wrong.size ? Math.max(...wrong) : Infinity;
		const taken = wrongRows(before).filter(({ line }) => line < last && !wrong.has(line) && !edits.has(line));
		for (const { line, values, suggestions } of taken) {
			const [vin] = options.acceptSuggestions ? suggestions : [];
			edits.set(line, { values: { ...values, ...(vin && { vin }), ...(values.fuelType?.trim() === "" && { fuelType: options.emptyFuel }) } });
		}
		set({ phase: "checked", options: before.options, edits });
	}
	edited = checkEdits();
	await edited;
}

export const wrongRows = ({ rows }) => rows.filter((each) => each.errors.length > 0);
export const doubtfulRows = ({ rows }) => rows.filter((each) => each.warnings.length > 0);

/** How many vehicles are doubtful; not all of them are listed. */
export const countDoubtful = (outcome) => doubtfulRows(outcome).length + outcome.rowsOmitted - outcome.tally.refused + wrongRows(outcome).length;

const sentLines = (edits) => [...edits.keys()].filter((line) => edits.get(line).values).toSorted((one, other) => one - other);

/** Edit a row: its values, or whether it is left out, as a row without any is; null undoes it. */
export async function edit(line, changed) {
	const edits = new Map(job.get().edits);
	edits.delete(line);
	const isBlank = changed?.values && Object.values(changed.values).join("").trim() === "";
	if (changed) edits.set(line, isBlank ? { isLeftOut: true } : changed);
	set({ edits });
	edited = checkEdits();
	await edited;
}

async function sendEdits(more, signal) {
	const { edits, understood, options } = job.get();
	const lines = sentLines(edits);
	if (lines.length === 0) return { outcome: NONE, lines };
	const fields = FIELDS.filter((each) => each in understood.columns);
	const rows = lines.map((line) => fields.map((each) => edits.get(line).values[each] ?? ""));
	const { onConflict, emptyFuel } = options;
	const { body } = await send(new Blob([write([fields, ...rows])]), { onConflict, emptyFuel, ...more }, signal);
	const lineOf = (line) => lines[line - 2]; // line 1 has the headings
	for (const row of body.rows) {
		row.line = lineOf(row.line);
		for (const each of row.errors) each.detail = each.detail.replace(/^contradicts line (\d+)/u, (_, line) => `contradicts line ${lineOf(line)}`);
	}
	return { outcome: body, lines };
}

async function checkEdits() {
	fixing.abort();
	fixing = new AbortController();
	const { signal } = fixing;
	try {
		const { outcome, lines } = await sendEdits({ dryRun: true }, signal);
		if (signal.aborted) return;
		const wrong = new Map(wrongRows(outcome).map((each) => [each.line, each]));
		const edits = new Map(job.get().edits);
		for (const line of lines) {
			const { errors = [], suggestions = [] } = wrong.get(line) ?? {};
			edits.set(line, { values: edits.get(line).values, errors, suggestions });
		}
		set({ edits, fixed: { ...outcome, count: lines.length }, failure: null });
	} catch (failure) {
		if (!signal.aborted) set({ failure });
	}
}

const linesOf = ({ edits }, is) => [...edits].filter(([, each]) => is(each)).map(([line]) => line);
const leftOut = (now) => linesOf(now, (each) => each.isLeftOut);
export const settled = (now) => linesOf(now, (each) => each.isLeftOut || each.errors?.length === 0);

/** What would become of the rows. */
export function tallyOf({ checked, fixed, edits }) {
	const total = sum(checked.tally, fixed.tally);
	const out = leftOut({ edits }).length;
	return { ...total, refused: total.refused - (fixed.count ?? 0) - out, leftOut: out };
}

async function runEdits() {
	if (!job.get().sent) set({ sent: await sendEdits({}) });
}

/** Import it, or go on where it stopped. A row of the file wins over an edited one: if it changes vehicles, it comes last. */
export async function run() {
	await edited; // what was typed last
	if (isRunning()) return;
	const { options, phase, progress = { outcome: NONE, line: 1 } } = job.get();
	if (phase === "checked" && isUnfinished(job.get()) && !window.confirm(t("import.unfinished"))) return;
	let inFile = false;
	const take = (part) => {
		const { progress: now } = job.get();
		set({ progress: { outcome: joined(now.outcome, part), line: part.nextLine ?? null } });
	};
	set({ phase: "importing", failure: null, progress, ...(phase === "stopped" && { isResumed: true }) });
	try {
		await sendDeletions();
		if (options.onConflict === "update") await runEdits();
		inFile = true;
		if (progress.line !== null) await sendAll(options, progress.line, take);
		inFile = false;
		await runEdits();
		set({ phase: "done", result: resultOf(job.get()) });
		reload();
	} catch (failure) {
		if (inFile && failure.problem?.tally) take({ ...failure.problem, nextLine: failure.problem.upToLine + 1 });
		set({ phase: "stopped", failure });
	}
}

/** The refused rows that were not edited, or are wrong still, as a CSV. */
export function refusedOf({ headings, refused }, lines) {
	const kept = refused.filter((each) => !lines.includes(each.line));
	return kept.length > 0 ? headings + kept.map((each) => each.text).join("") : null;
}

function resultOf({ progress: { outcome }, edits, checked, isResumed, fixed: expected, sent: { outcome: fixed, lines } }) {
	const wrong = new Set(wrongRows(fixed).map((each) => each.line));
	const out = leftOut({ edits });
	const total = sum(outcome.tally, fixed.tally);
	const note = isResumed ? "import.resumed" : total.added < sum(checked.tally, expected.tally).added && "import.again";
	return {
		note,
		tally: { ...total, refused: Math.max(total.refused - lines.length - out.length, 0), leftOut: out.length },
		doubtful: [...doubtfulRows(outcome), ...doubtfulRows(fixed)],
		doubtfulCount: countDoubtful(outcome) + countDoubtful(fixed),
		refused: refusedOf(outcome, [...lines.filter((line) => !wrong.has(line)), ...out]),
		refusedOmitted: outcome.refusedOmitted
	};
}
