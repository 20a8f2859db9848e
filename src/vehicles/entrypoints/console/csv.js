// Tables as CSV: what the console sends, splits and offers for download.
import { EXCEL_DELIMITER } from "./messages.js";

const quoted = (text) => `"${text.replaceAll(/\s+/gu, " ").replaceAll('"', '""')}"`;

/** Write rows of texts; each stays on one line. */
export const write = (rows) => rows.map((each) => `${each.map((cell) => quoted(cell)).join(",")}\r\n`).join("");

/** Split a CSV into records, each as it came: a line end within quotation marks belongs to its record. */
export const records = (text) => text.match(/(?:[^"\r\n]|"[^"]*")+(?:\r\n|\n|$)/gu) ?? [];

const put = (found, cell) => (cell?.includes(EXCEL_DELIMITER) ? `"${cell}"` : { ",": EXCEL_DELIMITER, "\n": "\r\n" }[found] ?? found);

/** A CSV with commas as the Excel of this language opens it by a double click. */
export const csvFile = (text) => new Blob([`\uFEFF${text.replace("\uFEFF", "").replaceAll(/"(?:[^"]|"")*"|([^",\r\n]+)|,|\r?\n/gu, put)}`], { type: "text/csv" });
