// What a VIN means, or what is wrong with it, while it is typed.
import { html, useEffect, useState } from "./vendor/preact.js";
import { ask } from "./api.js";
import { countryName, sentence, t } from "./messages.js";

const PAUSE_MS = 150;
const VIN_LENGTH = 17;

/** GET /vin for a text, or null as long as the answer to exactly this text is not there. */
function useExplanation(text) {
	const [known, setKnown] = useState({ text: "", explanation: null });
	useEffect(() => {
		if (text === "") return () => {};
		const controller = new AbortController();
		const timer = setTimeout(async () => {
			try {
				const { body } = await ask("vin", { query: { vin: text }, signal: controller.signal });
				setKnown({ text, explanation: body });
			} catch {
				// An explanation is a help only; what is wrong with the registry, registering will say.
			}
		}, PAUSE_MS);
		return () => {
			clearTimeout(timer);
			controller.abort();
		};
	}, [text]);
	return known.text === text ? known.explanation : null;
}

/** What is known of a text; `isRefused` if the field says itself what is wrong. */
export function Explanation({ text, isRefused, onUse }) {
	const explanation = useExplanation(text);
	if (text === "") return html`<p class="hint">${t("vin.hint")}</p>`;
	if (explanation === null) return html`<p class="hint">${t("vin.count", { n: text.length })}</p>`;
	const isTyping = text.length < VIN_LENGTH;
	const errors = explanation.errors.filter((each) => !isTyping || each.code === "vin.illegal_character");
	const hasPrefix = text.length === VIN_LENGTH + 1 && /^i/iu.test(text);
	const suggestions = explanation.suggestions.map((each) => each.vin).filter((each) => !hasPrefix || each !== text.slice(1).toUpperCase());
	return html`
		${isTyping && html`<p class="hint">${t("vin.count", { n: text.length })}</p>`}
		${errors.some((each) => each.positions) && html`<${Marked} text=${text} errors=${errors} />`}
		${!hasPrefix && !isRefused && errors.length > 0 && html`<ul class="errors">${errors.map((each) => html`<li>${sentence(each)}</li>`)}</ul>`}
		${hasPrefix &&
		html`<p class="warnings">${t("vin.prefix")} <button type="button" onClick=${() => onUse(text.slice(1))}>${t("vin.prefix.remove")}</button></p>`}
		${suggestions.length > 0 &&
		html`<p class="suggestions">
			${t("vin.meant")} ${suggestions.map((each) => html`<button type="button" onClick=${() => onUse(each)}>${each}</button>`)}
		</p>`}
		${(explanation.vin || explanation.country || explanation.manufacturer) && html`<${Facts} explanation=${explanation} />`}
		${explanation.warnings.length > 0 && html`<ul class="warnings">${explanation.warnings.map((each) => html`<li>${sentence(each)}</li>`)}</ul>`}
	`;
}

/** The text with the characters marked that are wrong; screen readers read the sentences. */
function Marked({ text, errors }) {
	const wrong = new Set(errors.flatMap((each) => each.positions ?? []));
	return html`<p class="marked" aria-hidden="true">
		${[...text].map((each, place) => (wrong.has(place + 1) ? html`<mark>${each}</mark>` : html`<span>${each}</span>`))}
	</p>`;
}

function Facts({ explanation: { manufacturer, country, checkDigit } }) {
	const verdict = checkDigit?.regime === "none" ? "unneeded" : "wrong";
	return html`<dl class="facts">
		<div><dt>${t("manufacturer")}</dt><dd>${manufacturer?.name ?? t("unknown")}</dd></div>
		<div><dt>${t("country")}</dt><dd>${country ? countryName(country) : t("unknown")}</dd></div>
		${checkDigit && html`<div><dt>${t("check_digit")}</dt><dd>${t(`check_digit.${checkDigit.matches ? "right" : verdict}`)}</dd></div>`}
	</dl>`;
}
