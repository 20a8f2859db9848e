import { html } from "./vendor/standalone.module.js";
import { Heading } from "./parts.js";
import { t } from "./messages.js";

export function Week() {
  return html`<${Heading}>${t("week")}<//>`;
}
