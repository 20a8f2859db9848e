// The dialog that registers a vehicle and explains its VIN while it is typed.
import { html, useEffect, useRef, useState } from "./vendor/preact.js";
import { go } from "./address.js";
import { ask } from "./api.js";
import { hidden } from "./deletions.js";
import { Explanation } from "./explanation.js";
import { Axles, Field, Fuel, axlesOf, errorsByField } from "./fields.js";
import { sentence, t } from "./messages.js";
import { Dialog, Problem, notify } from "./parts.js";

const SECONDS = 6;

/** The same content is sent under the same key, so that repeating it registers nothing twice. */
function keyFor(content, kept) {
	if (kept.content !== content) {
		kept.content = content;
		kept.key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(16)).join("-");
	}
	return kept.key;
}

/** Send a registration, and say that it is done and what is doubtful about it. */
async function register(body, key) {
	await hidden.get().get(body.vin.toUpperCase())?.send(); // else the vehicle would still be there
	const answer = await ask("vehicle", { method: "POST", body, headers: { "Idempotency-Key": key }, repeated: true });
	const { warnings, ...vehicle } = answer.body;
	const isDoubtful = warnings.length > 0;
	const text = [t("register.done", vehicle), ...warnings.map((each) => sentence(each))].join(" ");
	notify({ text, kind: isDoubtful ? "warn" : "good", seconds: isDoubtful ? 0 : SECONDS });
	return vehicle;
}

export function Register({ onClose, onDone }) {
	const [values, setValues] = useState({ vin: "", axles: "", fuel: "" });
	const [failure, setFailure] = useState(null);
	const [isSending, setSending] = useState(false);
	const form = useRef(null);
	const kept = useRef({});
	useEffect(() => form.current?.querySelector("[aria-invalid]")?.focus(), [failure]);
	const { axles, fuel } = values;
	const vin = values.vin.trim();
	const change = (name) => (value) => {
		setFailure(null);
		setValues((all) => ({ ...all, [name]: value }));
	};

	async function submit(event) {
		event.preventDefault();
		if (document.activeElement.id === "register-vin" && vin && !(axles && fuel)) {
			form.current.querySelector(axles ? "#register-fuel" : "#register-axles").focus(); // a scanner sends Enter after the VIN
		} else if (!isSending) {
			setSending(true);
			const body = { vin, ...(axles && { noOfAxles: axlesOf(axles) }), ...(fuel && { fuelType: fuel }) };
			await register(body, keyFor(JSON.stringify(body), kept.current)).then(onDone, setFailure);
			setSending(false);
		}
	}

	const use = (text) => {
		change("vin")(text);
		form.current.querySelector("#register-vin").focus();
	};
	const errors = failure ? errorsByField(failure) : {};
	return html`<${Dialog} title=${t("register.title")} onClose=${onClose}>
		<form ref=${form} onSubmit=${submit} novalidate>
			<${Field} id="register-vin" label=${t("vin")} value=${values.vin} onInput=${change("vin")} errors=${errors.vin}
				class="vin" autocapitalize="characters" spellcheck="false" autofocus>
				<div class="explanation" aria-live="polite"><${Explanation} text=${vin} isRefused=${Boolean(errors.vin)} onUse=${use} /></div>
			<//>
			<div class="pair">
				<${Axles} id="register-axles" value=${axles} onInput=${change("axles")} errors=${errors.noOfAxles} />
				<${Fuel} id="register-fuel" value=${fuel} onInput=${change("fuel")} errors=${errors.fuelType} none=${t("choose")} />
			</div>
			${failure && html`<${Refused} failure=${failure} vin=${vin} onClose=${onClose} />`}
			<div class="actions">
				<button type="button" class="quiet" onClick=${onClose}>${t("cancel")}</button>
				<button class="primary" aria-disabled=${isSending ? "true" : null}>${t(isSending ? "sending" : "register")}</button>
			</div>
		</form>
	<//>`;
}

/** What stands at no field. */
function Refused({ failure, vin, onClose }) {
	const show = () => {
		onClose();
		go("fleet", { search: vin.toUpperCase() });
	};
	if (failure.type === "vehicle-already-registered") {
		return html`<div class="problem" role="alert">
			<p>${t("register.taken")}</p>
			<p><button type="button" onClick=${show}>${t("register.show")}</button></p>
		</div>`;
	}
	return failure.type === "invalid-vehicle" ? null : html`<${Problem} failure=${failure} />`;
}
