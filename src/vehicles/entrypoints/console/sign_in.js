// Asks for the token that a registry wants; it is kept until the tab is closed.
import { html, useState } from "./vendor/preact.js";
import { setToken } from "./api.js";
import { Field } from "./fields.js";
import { t } from "./messages.js";
import { Dialog, store } from "./parts.js";

const request = store(null);

/** Resolves to whether a token was given. The API itself (problem details) wants its own token, a gateway a JWT. */
export function signIn(failure, isRefused) {
	return new Promise((resolve) => {
		request.set({ isJwt: failure.problem === null, isRefused, resolve });
	});
}

export function SignIn() {
	const asked = request.use();
	return asked && html`<${Form} key=${asked} ...${asked} />`;
}

function Form({ isJwt, isRefused, resolve }) {
	const [token, setTyped] = useState("");
	const [wrong, setWrong] = useState(isRefused && "sign_in.refused");
	const end = (isGiven) => {
		request.set(null);
		resolve(isGiven);
	};
	const submit = (event) => {
		event.preventDefault();
		const given = token.trim().replace(/^bearer\s+/iu, "");
		if (given === "") return;
		if (/[^!-~]/u.test(given)) {
			setWrong("sign_in.characters"); // a header cannot hold it
		} else {
			setToken(given);
			end(true);
		}
	};
	return html`<${Dialog} title=${t("sign_in")} onClose=${() => end(false)}>
		<form onSubmit=${submit}>
			<p>${t(isJwt ? "sign_in.jwt" : "sign_in.token")}</p>
			<${Field} id="token" type="password" label=${t("token")} value=${token} onInput=${setTyped} errors=${wrong ? [{ detail: t(wrong) }] : []} autofocus>
				<p class="hint">${t("token.kept")}</p>
			<//>
			<div class="actions"><button class="primary">${t("sign_in")}</button></div>
		</form>
	<//>`;
}
