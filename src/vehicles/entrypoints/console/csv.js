// Tables as CSV: what the console sends, and what it joins and filters for downloads.
import { EXCEL_DELIMITER } from "./messages.js";

const quoted = (text) => `"${text.replaceAll(/\s+/gu, " ").replaceAll('"', '""')}"`;

/** Write rows of texts; each stays on one line. */
export const write = (rows) => rows.map((each) => `${each.map((cell) => quoted(cell)).join(",")}\r\n`).join("");

/** Split a CSV into records, each as it came: a line end within quotation marks belongs to its record. */
function records(text) {
	return text.match(/(?:[^"\r\n]|"[^"]*")+(?:\r\n|\n|$)/gu) ?? [];
}

const put = (found, cell) => (cell?.includes(EXCEL_DELIMITER) ? `"${cell}"` : { ",": EXCEL_DELIMITER, "\n": "\r\n" }[found] ?? found);

/** A CSV with commas as the Excel of this language opens it by a double click. */
export const csvFile = (text) => new Blob([`\uFEFF${text.replace("\uFEFF", "").replaceAll(/"(?:[^"]|"")*"|([^",\r\n]+)|,|\r?\n/gu, put)}`], { type: "text/csv" });

/** Join tables that have the same headings; a table may be null. */
export function join(one, other) {
	if (one === null || other === null) return one ?? other;
	return one + records(other).slice(1).join("");
}

/** Whether a record of the table of refused rows ends with the errors of a row, as the API writes them there. */
function hasErrors(record, { errors }) {
	const written = errors.map(({ field, code, detail }) => [field, code, detail].filter(Boolean).join(": ")).join("; ");
	const text = record.replaceAll('""', '"');
	const place = text.lastIndexOf(written);
	return place > 0 && /[",;]/u.test(text[place - 1]) && /^"?[,;][\w ]*\s*$/u.test(text.slice(place + written.length));
}

/** The table of refused rows without those at some lines; null if none is left. */
export function without(table, rows, lines) {
	if (table === null) return null;
	const [headings, ...all] = records(table);
	const waiting = [...rows];
	const kept = all.filter((record) => {
		const place = waiting.findIndex((each) => hasErrors(record, each));
		return place < 0 || !lines.has(waiting.splice(place, 1)[0].line);
	});
	return kept.length > 0 ? headings + kept.join("") : null;
}
