// All texts, each in English and in German, as JSON: a test reads them.
// {name} is replaced; of "one|many" the first is for n = 1.
const MESSAGES = {
  "app.name": ["Vehicle registry", "Fahrzeugregister"],
  "app.views": ["Views", "Ansichten"],
  "app.skip": ["Skip to the content", "Zum Inhalt springen"],
  "app.api": ["API for programs", "API für Programme"],

  "fleet": ["Fleet", "Flotte"],
  "import": ["Import", "Import"],
  "week": ["Weekly summary", "Wochenbericht"],

  "retry": ["Try again", "Noch einmal versuchen"],
  "close": ["Close", "Schließen"],
  "cancel": ["Cancel", "Abbrechen"],
  "notices": ["Notices", "Hinweise"],
  "loading": ["Loading …", "Wird geladen …"],

  "failure.offline": ["The registry does not answer.", "Das Register antwortet nicht."],
  "failure.offline.todo": [
    "Check that it is running and that this device is connected. What is on the screen is kept.",
    "Prüfen Sie, ob es läuft und dieses Gerät verbunden ist. Was auf dem Bildschirm steht, bleibt erhalten."
  ],
  "failure.busy": ["The registry is too busy at the moment.", "Das Register ist im Moment überlastet."],
  "failure.busy.todo": ["Nothing was lost. Try again in a moment.", "Es ging nichts verloren. Versuchen Sie es gleich noch einmal."],
  "failure.signed_out": ["You are not signed in.", "Sie sind nicht angemeldet."],
  "failure.signed_out.todo": ["Sign in to see the fleet.", "Melden Sie sich an, um die Flotte zu sehen."],
  "failure.forbidden": ["You do not have the permission for this.", "Dazu fehlt Ihnen die Berechtigung."],
  "failure.forbidden.todo": [
    "Ask the operator of the registry for a token that allows it.",
    "Bitten Sie den Betreiber des Registers um ein Token, das es erlaubt."
  ],
  "failure.signature": ["The console cannot be used with this registry.", "Die Konsole kann mit diesem Register nicht verwendet werden."],
  "failure.signature.todo": [
    "It accepts only requests that are signed with AWS credentials (AuthMode IAM), which a browser does not have. Use the command line, or ask the operator to deploy it with AuthMode JWT.",
    "Es nimmt nur Anfragen an, die mit AWS-Zugangsdaten signiert sind (AuthMode IAM); die hat ein Browser nicht. Verwenden Sie die Kommandozeile, oder bitten Sie den Betreiber, es mit AuthMode JWT bereitzustellen."
  ],
  "failure.problem.todo": [
    "If it goes on, tell the operator of the registry this number: {instance}",
    "Wenn das so bleibt, nennen Sie dem Betreiber des Registers diese Nummer: {instance}"
  ],

  "waiting": ["The registry is busy. Trying again …", "Das Register ist ausgelastet. Neuer Versuch …"]
};

const LOCALE = navigator.languages.find((each) => /^(?:de|en)\b/iu.test(each)) ?? "en";
const LANGUAGE = LOCALE.slice(0, 2).toLowerCase();
const PLACE = LANGUAGE === "de" ? 1 : 0;

const numbers = new Intl.NumberFormat(LOCALE);
const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });

document.documentElement.lang = LANGUAGE;

export const number = (value) => numbers.format(value);
export const date = (timestamp) => dates.format(new Date(timestamp));
export const hasText = (key) => key in MESSAGES;

/** The text of a key in the language of the browser. */
export function t(key, values = {}) {
  const forms = MESSAGES[key][PLACE].split("|");
  const form = forms.length === 2 && values.n !== 1 ? forms[1] : forms[0];
  return form.replaceAll(/\{(\w+)\}/gu, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name]));
}
