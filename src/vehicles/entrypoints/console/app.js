// The frame of the console: navigation, notices, signing in, and the view that the address names.
import { html, render, useEffect, useRef } from "./vendor/preact.js";
import { VIEWS, link, useAddress } from "./address.js";
import { connect } from "./api.js";
import { repeatDeletions } from "./deletions.js";
import { Drop } from "./drop.js";
import { Fleet } from "./fleet.js";
import { Import } from "./import.js";
import { Notices, store } from "./parts.js";
import { t } from "./messages.js";
import { SignIn, signIn } from "./sign_in.js";
import { Week } from "./week.js";

const SHOWN = { fleet: Fleet, import: Import, week: Week };
const waiting = store(false);

function App() {
	const { view, query } = useAddress();
	const first = useRef(view);
	useEffect(() => {
		document.title = `${t(view)} – ${t("app.name")}`;
		if (first.current !== view) document.querySelector("h1")?.focus();
		first.current = null;
	}, [view]);
	return html`
		<a class="skip" href="#main" onClick=${skip}>${t("app.skip")}</a>
		<header class="bar">
			<p class="name"><img src=${new URL("icon.svg", import.meta.url)} alt="" width="28" height="28" />${t("app.name")}</p>
			<nav aria-label=${t("app.views")}>
				${VIEWS.map((each) => html`<a href=${link(each)} aria-current=${each === view ? "page" : null}>${t(each)}</a>`)}
			</nav>
		</header>
		<main id="main" tabindex="-1"><${SHOWN[view]} query=${query} /></main>
		<footer><a href="../docs">${t("app.api")}</a></footer>
		<${Waiting} />
		<${Notices} />
		<${SignIn} />
		<${Drop} />
	`;
}

/** The fragment of the address is the state of the view, so the link only moves the focus. */
function skip(event) {
	event.preventDefault();
	document.querySelector("main").focus();
}

function Waiting() {
	return html`<p class="waiting" role="status">${waiting.use() ? t("waiting") : ""}</p>`;
}

connect({ signIn, waiting: waiting.set });
repeatDeletions();
document.querySelector("#app").replaceChildren();
render(html`<${App} />`, document.querySelector("#app"));
