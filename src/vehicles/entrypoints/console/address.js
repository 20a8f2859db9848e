// The state of a view is in the fragment of the address: it can be bookmarked, and no log of a server gets to see it.
import { useEffect, useState } from "./vendor/preact.js";

export const VIEWS = ["fleet", "import", "week"];

/** The view and its state, such as #fleet?search=WMA. */
function read() {
	const [view, query] = location.hash.slice(1).split("?");
	return { view: VIEWS.includes(view) ? view : "fleet", query: Object.fromEntries(new URLSearchParams(query)) };
}

export function link(view, query = {}) {
	const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
	return given.size > 0 ? `#${view}?${given}` : `#${view}`;
}

/** Show a view. With `replace`, the back button does not lead to the state before. */
export function go(view, query = {}, { replace = false } = {}) {
	history[replace ? "replaceState" : "pushState"](null, "", link(view, query));
	window.dispatchEvent(new Event("hashchange"));
}

export function useAddress() {
	const [address, setAddress] = useState(read);
	useEvent("hashchange", () => setAddress(read()));
	return address;
}

/** Do something at each event of the window. */
export function useEvent(name, act) {
	useEffect(() => {
		window.addEventListener(name, act);
		return () => window.removeEventListener(name, act);
	}, []);
}
