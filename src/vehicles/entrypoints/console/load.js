// Loads the modules, a few at a time: on AWS each is a call of the function, and a new account runs ten at once.

/** Each after those that it imports. */
const MODULES = [
	"vendor/preact", "more_messages", "messages", "csv", "address", "api", "parts", "fields", "charts",
	"download", "explanation", "vehicles", "deletions", "import_job", "export", "fix", "understood", "register",
	"start", "sign_in", "change", "table", "drop", "week", "fleet", "import", "app"
];
const AT_ONCE = 6;

try {
	const waiting = MODULES.values();
	const load = async () => {
		for (const name of waiting) await import(`./${name}.js`);
	};
	await Promise.all(Array.from({ length: AT_ONCE }, load));
} catch (error) {
	document.querySelector("#app").textContent =
		"The console could not be loaded: reload the page. / Die Seite konnte nicht geladen werden: bitte neu laden.";
	throw error;
}
