// The dialog that exports what the fleet shows, as a workbook or as CSV.
import { html, useState } from "./vendor/preact.js";
import { sendDeletions } from "./deletions.js";
import { download } from "./download.js";
import { t } from "./messages.js";
import { Dialog, Problem } from "./parts.js";

const FORMATS = ["xlsx", "csv"];

export function Export({ filter, onClose }) {
	const { search: vinContains, fuelType, noOfAxles } = filter;
	const [state, setState] = useState({});
	const isFiltered = Object.values(filter).some(Boolean);
	const run = (format) => async () => {
		if (state.isRunning) return;
		setState({ isRunning: true });
		try {
			await sendDeletions(); // else the file would have what the list does not show
			await download("vehicles/export", { format, vinContains, fuelType, noOfAxles }, `fleet.${format}`);
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
