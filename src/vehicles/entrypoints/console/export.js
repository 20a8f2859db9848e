// The dialog that exports what the fleet shows, as a workbook or as CSV.
import { html, useState } from "./vendor/standalone.module.js";
import { forExcel } from "./csv.js";
import { sendAll } from "./deletions.js";
import { read, save } from "./download.js";
import { EXCEL_DELIMITER, t } from "./messages.js";
import { Dialog, Problem } from "./parts.js";

const FORMATS = ["xlsx", "csv"];

/** Get the file as the API writes it; a CSV is written as the Excel of this language opens it. */
async function get(format, { search, fuelType, noOfAxles }) {
  const file = await read("vehicles/export", { format, vinContains: search, fuelType, noOfAxles }, `fleet.${format}`);
  const body = format === "csv" ? new Blob([forExcel(await file.body.text(), EXCEL_DELIMITER)], { type: "text/csv" }) : file.body;
  save(body, file.name);
}

export function Export({ filter, onClose }) {
  const [state, setState] = useState({});
  const isFiltered = Object.values(filter).some(Boolean);
  const run = (format) => async () => {
    if (state.isRunning) return;
    setState({ isRunning: true });
    try {
      await sendAll(); // else the file would have what the list does not show
      await get(format, filter);
      onClose();
    } catch (failure) {
      setState({ failure });
    }
  };
  return html`<${Dialog} title=${t("export.title")} onClose=${onClose}>
    <div class="body">
      <p>${t(isFiltered ? "export.filtered" : "export.whole")}</p>
      <div class="formats">
        ${FORMATS.map((each, place) => html`<button type="button" class=${place === 0 ? "primary" : ""} autofocus=${place === 0} onClick=${run(each)}>${t(`export.${each}`)}</button>`)}
      </div>
      <p class="hint" role="status">${state.isRunning ? t("export.running") : t("export.about")}</p>
      ${state.failure && (state.failure.status === 413 ? html`<p class="problem" role="alert">${t("export.too_large")}</p>` : html`<${Problem} failure=${state.failure} />`)}
    </div>
  <//>`;
}
