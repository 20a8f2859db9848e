// Downloads go through requests, since a link would send no token.
import { ask } from "./api.js";

const KEPT_MS = 60_000; // as long as a browser may take to begin

/** Give a file to the person. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/** Read an answer of the API as a file, and return it with the name that the API gives it, or else `name`. */
export async function read(path, query, name) {
  const { headers, body } = await ask(path, { query, as: "blob" });
  return { body, name: /filename="([^"]+)"/u.exec(headers.get("Content-Disposition") ?? "")?.[1] ?? name };
}

export async function download(path, query, name) {
  const file = await read(path, query, name);
  save(file.body, file.name);
}
