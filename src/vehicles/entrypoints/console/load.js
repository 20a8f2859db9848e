// Loads the modules, a few at a time: on AWS each is a call of the function, and a new account runs ten at once.

/** Each after those that it imports. */
const MODULES = [
  "vendor/standalone.module", "more_messages", "csv", "messages", "address", "api", "parts", "fields", "charts",
  "download", "explanation", "vehicles", "deletions", "import_job", "export", "fix", "understood", "register",
  "start", "sign_in", "change", "table", "drop", "week", "fleet", "import", "app"
];
const AT_ONCE = 4;

try {
  for (let next = 0; next < MODULES.length; next += AT_ONCE) {
    await Promise.all(MODULES.slice(next, next + AT_ONCE).map((name) => import(`./${name}.js`)));
  }
} catch (error) {
  document.querySelector("#app").textContent =
    "The console could not be loaded: reload the page. / Die Seite konnte nicht geladen werden: bitte neu laden.";
  throw error;
}
