// A fleet file can be dropped anywhere.
import { html } from "./vendor/preact.js";
import { go } from "./address.js";
import { isRunning, open } from "./import_job.js";
import { t } from "./messages.js";
import { notify, store } from "./parts.js";

const isOver = store(false);

function onFiles(name, act) {
	window.addEventListener(name, (event) => {
		if (!event.dataTransfer?.types.includes("Files")) return;
		event.preventDefault();
		act(event);
	});
}

onFiles("dragover", () => isOver.get() || isOver.set(true));
onFiles("dragleave", (event) => event.relatedTarget === null && isOver.set(false));
onFiles("drop", ({ dataTransfer }) => {
	isOver.set(false);
	if (isRunning()) {
		notify({ text: t("import.running"), kind: "warn", seconds: 6 });
	} else if (dataTransfer.files.length > 0) {
		const [file, another] = dataTransfer.files;
		if (another) notify({ text: t("import.one", file), kind: "warn", seconds: 6 });
		go("import");
		open(file);
	}
});

export function Drop() {
	return isOver.use() && html`<div class="drop" aria-hidden="true"><p>${t("import.drop")}</p></div>`;
}
