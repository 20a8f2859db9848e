import { html } from "./vendor/standalone.module.js";
import { Heading } from "./parts.js";
import { t } from "./messages.js";

export function Import() {
  return html`<${Heading}>${t("import")}<//>`;
}
