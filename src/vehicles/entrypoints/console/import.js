// The view of an import: choosing a file, how it was understood, the check, and what became of it.
import { html, useEffect, useRef } from "./vendor/preact.js";
import { link } from "./address.js";
import { csvFile } from "./csv.js";
import { save } from "./download.js";
import { Field } from "./fields.js";
import { RowsToFix } from "./fix.js";
import { check, countDoubtful, discard, doubtfulRows, job, open, refusedOf, run, settled, tallyOf } from "./import_job.js";
import { number, sentence, t } from "./messages.js";
import { Heading, Problem } from "./parts.js";
import { Understood } from "./understood.js";

const ACCEPTED = ".xlsx,.xls,.ods,.csv,.tsv,.txt,.json,.jsonl,.ndjson,.gz";

export function Import() {
	const now = job.use();
	const isOpen = now !== null;
	const wasOpen = useRef(isOpen);
	useEffect(() => {
		if (wasOpen.current !== isOpen) document.querySelector("h1").focus();
		wasOpen.current = isOpen;
	}, [isOpen]);
	return html`
		<div class="top">
			<${Heading}>${t("import")}${isOpen && html` <span class="total">${now.name}</span>`}<//>
			${isOpen && now.phase !== "importing" && html`<button type="button" onClick=${discard}>${t("import.another")}</button>`}
		</div>
		${isOpen ? html`<${Job} now=${now} />` : html`<${Choose} />`}
	`;
}

const take = (event) => event.target.files.length > 0 && open(event.target.files[0]);

function Choose() {
	return html`<section class="card choose">
		<${Field} id="file" type="file" label=${t("import.file")} accept=${ACCEPTED} onChange=${take} onInput=${() => {}}>
			<p class="hint">${t("import.file.about")}</p>
		<//>
		<p>${t("import.columns")}</p>
		<p class="hint">${t("import.safe")}</p>
	</section>`;
}

function Job({ now }) {
	const { phase, failure, understood, options, checked, result } = now;
	const isChecked = ["checked", "importing", "stopped"].includes(phase);
	const counts = phase === "checked" && tallyOf(now);
	return html`
		<${State} now=${now} counts=${counts} />
		${failure && html`<${Why} failure=${failure} onRetry=${phase !== "stopped" && failure.kind !== "file" && (() => check())} />`}
		${phase === "done" && html`<${Result} result=${result} delimiter=${understood.delimiter} />`}
		${counts && counts.added + counts.changed === 0 && html`<${Refused} counts=${counts} table=${refusedOf(checked, settled(now))} ...${checked} />`}
		${phase === "checked" && html`<${RowsToFix} now=${now} />`}
		${isChecked && html`<${Doubtful} rows=${doubtfulRows(checked)} count=${countDoubtful(checked)} />`}
		${["checking", "checked", "refused"].includes(phase) && (understood?.headings.length > 0 || understood?.sheet || options.sheet) && html`<${Understood} now=${now} />`}
	`;
}

/** What the check says, or how far the import is, in words; and what can be done. */
function State({ now, counts }) {
	const { phase, checked, progress } = now;
	const canRun = phase === "stopped" || (counts && counts.added + counts.changed > 0);
	const isEmpty = counts && counts.added + counts.changed + counts.refused + counts.alreadyThere + counts.leftOut === 0;
	const last = checked?.upToLine ?? 0;
	const line = progress?.outcome.upToLine ?? 0;
	const text = {
		checking: () => t("import.checking", { name: now.name }),
		refused: () => t("import.refused"),
		checked: () => (isEmpty ? t("import.empty") : tallyText(counts, "check")),
		importing: () => t(line > 0 ? "import.importing" : "import.running", { line, last }),
		stopped: () => t("import.stopped", { line, last }),
		done: () => tallyText(now.result.tally, "done")
	}[phase];
	const said = useRef(null);
	useEffect(() => {
		if (document.activeElement === document.body) said.current.focus(); // the button that was pressed is gone
	}, [phase]);
	return html`<section class="state ${phase}">
		<div>
			<p class="tally" role="status" tabindex="-1" ref=${said}>${text()}</p>
			${(phase === "importing" || phase === "stopped") && html`<progress aria-label=${t("import.progress")} max=${last} value=${phase === "importing" && line === 0 ? null : line}></progress>`}
			${phase === "done" && html`<p class="hint">${t("import.done")}</p>`}
			${counts?.refused > 0 && canRun && html`<p class="hint">${t("import.unfixed")}</p>`}
			${counts && !canRun && !isEmpty && html`<p class="hint">${t("import.nothing")}</p>`}
		</div>
		${canRun && html`<button type="button" class="primary" onClick=${run}>${t(phase === "stopped" ? "import.continue" : "import")}</button>`}
		${phase === "done" && html`<a class="button primary" href=${link("fleet")}>${t("import.fleet")}</a>`}
	</section>`;
}

/** The tally in words, without what is zero; what was added is always said. */
function tallyText(counts, when) {
	const keys = { added: `${when}.added`, changed: `${when}.changed`, alreadyThere: "alreadyThere", repeated: "repeated", refused: `${when}.refused`, leftOut: "leftOut" };
	const shown = Object.keys(keys).filter((each) => each === "added" || counts[each] > 0);
	return shown.map((each) => t(`import.${keys[each]}`, { n: counts[each] })).join(", ");
}

function Why({ failure, onRetry }) {
	if (failure.status === 413) {
		const bytes = /(\d+) bytes/u.exec(failure.message)?.[1];
		return html`<div class="problem" role="alert"><p><strong>${t("import.too_large")} ${bytes && t("import.too_large.limit", { n: bytes / 2 ** 20 })}</strong></p><p>${t("import.too_large.todo")}</p></div>`;
	}
	if (failure.problem?.understood?.headings.length > 0) return html`<p class="problem" role="alert">${t("import.assign")}</p>`;
	if (failure.type === "unreadable-file") return html`<p class="problem" role="alert" lang="en">${failure.message}</p>`;
	return html`<${Problem} failure=${failure} onRetry=${onRetry} />`;
}

function Result({ result, delimiter }) {
	return html`
		${result.note && html`<p class="note">${t(result.note)}</p>`}
		<${Refused} counts=${result.tally} table=${result.refused} ...${result} understood=${{ delimiter }} />
		<${Doubtful} rows=${result.doubtful} count=${result.doubtfulCount} isOpen />
	`;
}

function Refused({ counts, table, refusedOmitted, understood }) {
	if (counts.refused === 0) return null;
	const get = () => save(understood.delimiter === ";" ? new Blob([table]) : csvFile(table), t("import.refused.name"));
	return html`<section class="card">
		<p>${t("import.refused.about", { n: counts.refused })}${refusedOmitted > 0 && ` ${t("import.refused.omitted", { n: refusedOmitted })}`}</p>
		${table && html`<p><button type="button" onClick=${get}>${t("import.refused.rows")}</button></p>`}
	</section>`;
}

function Doubtful({ rows, count, isOpen = false }) {
	if (count === 0) return null;
	return html`<details class="card" open=${isOpen}>
		<summary>${t("import.doubtful", { n: count })}${count > rows.length && ` (${t("import.listed", { n: rows.length })})`}</summary>
		<ul class="doubtful">
			${rows.map(({ line, values, warnings }) => html`<li><span class="vin">${values.vin}</span> <span class="hint">(${t("import.line", { line: number(line) })})</span> ${warnings.map((each) => sentence(each)).join(" ")}</li>`)}
		</ul>
	</details>`;
}
