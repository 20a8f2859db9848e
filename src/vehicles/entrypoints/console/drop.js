// A fleet file can be dropped anywhere.
import { html, useEffect, useState } from "./vendor/standalone.module.js";
import { go } from "./address.js";
import { isRunning, open } from "./import_job.js";
import { t } from "./messages.js";
import { notify } from "./parts.js";

const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false;

function drop(event) {
  const [file] = event.dataTransfer.files;
  if (!file) return;
  if (isRunning()) {
    notify({ text: t("import.running"), kind: "warn", seconds: 6 });
    return;
  }
  go("import");
  open(file);
}

export function Drop() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const handle = (act) => (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      act(event);
    };
    const handlers = {
      dragover: handle(() => setOver(true)),
      dragleave: handle((event) => event.relatedTarget === null && setOver(false)),
      drop: handle((event) => {
        setOver(false);
        drop(event);
      })
    };
    for (const [name, each] of Object.entries(handlers)) window.addEventListener(name, each);
    return () => {
      for (const [name, each] of Object.entries(handlers)) window.removeEventListener(name, each);
    };
  }, []);
  return isOver && html`<div class="drop" aria-hidden="true"><p>${t("import.drop")}</p></div>`;
}
