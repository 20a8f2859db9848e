// Tables as CSV: what the console sends, and what it joins and filters for downloads.

const quoted = (text) => `"${text.replaceAll(/\s+/gu, " ").replaceAll('"', '""')}"`;

/** Write rows of texts; each stays on one line. */
export const write = (rows) => rows.map((each) => `${each.map((cell) => quoted(cell)).join(",")}\r\n`).join("");

/** Split a CSV into records, each as it came: a line end within quotation marks belongs to its record. */
function records(text) {
  return text.match(/(?:[^"\r\n]|"[^"]*")+(?:\r\n|\n|$)/gu) ?? [];
}

/** The last cells of a record, without their quotation marks. */
function lastCells(record, delimiter, count) {
  const cells = record.trimEnd().match(delimiter === ";" ? /(?:^|;)(?:"(?:[^"]|"")*"|[^";]*)/gu : /(?:^|,)(?:"(?:[^"]|"")*"|[^",]*)/gu) ?? [];
  return cells.slice(-count).map((each) => each.replace(/^[;,]/u, "").replaceAll(/^"|"$/gu, "").replaceAll('""', '"'));
}

/** A CSV with commas as an Excel with another delimiter opens it; what stands in cells keeps its commas. */
export const forExcel = (text, delimiter) => `\uFEFF${text.replaceAll(/"(?:[^"]|"")*"|,|\r?\n/gu, (found) => ({ ",": delimiter, "\n": "\r\n" })[found] ?? found)}`;

/** Join tables that have the same headings; a table may be null. */
export function join(one, other) {
  if (one === null || other === null) return one ?? other;
  return one + records(other).slice(1).join("");
}

/** The errors of a row as the API writes them into the table of refused rows. */
const written = ({ errors }) => errors.map(({ field, code, detail }) => [field, code, detail].filter(Boolean).join(": ")).join("; ");

/** The table of refused rows without some of them; all `rows` are in the order of the table. Null if none is left. */
export function without(table, rows, dropped) {
  if (table === null) return null;
  const [headings, ...all] = records(table);
  const delimiter = /;"?suggestion"?\s*$/u.test(headings) ? ";" : ",";
  const waiting = [...rows];
  const kept = all.filter((record) => {
    const [error] = lastCells(record, delimiter, 2);
    const place = waiting.findIndex((each) => written(each) === error);
    return place < 0 || !dropped.has(waiting.splice(place, 1)[0].line);
  });
  return kept.length > 0 ? headings + kept.join("") : null;
}
