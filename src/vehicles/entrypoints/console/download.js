// Downloads go through requests, since a link would send no token.
import { ask } from "./api.js";
import { csvFile } from "./csv.js";

const KEPT_MS = 60_000; // as long as a browser may take to begin

/** Give a file to the person. */
export function save(blob, name) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(blob);
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** Save an answer of the API under the name that the API gives it, or else `name`; a CSV is written for Excel. */
export async function download(path, query, name) {
	const { headers, body } = await ask(path, { query, as: "blob" });
	const given = /filename="([^"]+)"/u.exec(headers.get("Content-Disposition") ?? "")?.[1];
	save(query.format === "csv" ? csvFile(await body.text()) : body, given ?? name);
}
