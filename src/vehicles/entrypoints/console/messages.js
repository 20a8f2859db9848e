// All texts, each in English and in German, as JSON: a test reads them.
// {name} is replaced; of "one|many" the first is for n = 1.
import { MORE_MESSAGES } from "./more_messages.js";

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
	"sending": ["Sending …", "Wird gesendet …"],

	"failure.offline": ["The registry does not answer.", "Das Register antwortet nicht."],
	"failure.offline.todo": [
		"Check that it is running and that this device is connected.",
		"Prüfen Sie, ob es läuft und dieses Gerät verbunden ist."
	],
	"failure.busy": ["The registry is too busy at the moment.", "Das Register ist im Moment überlastet."],
	"failure.busy.todo": ["Try again in a moment.", "Versuchen Sie es gleich noch einmal."],
	"failure.signed_out": ["You are not signed in.", "Sie sind nicht angemeldet."],
	"failure.signed_out.todo": ["Sign in to see the fleet.", "Melden Sie sich an, um die Flotte zu sehen."],
	"failure.forbidden": ["You do not have the permission for this.", "Dazu fehlt Ihnen die Berechtigung."],
	"failure.forbidden.todo": [
		"Ask the operator for a token that allows it.",
		"Bitten Sie den Betreiber um ein Token, das es erlaubt."
	],
	"failure.signature": ["The console cannot be used with this registry.", "Die Konsole kann mit diesem Register nicht verwendet werden."],
	"failure.signature.todo": [
		"It accepts only requests signed with AWS credentials (AuthMode IAM), which a browser does not have. Use the command line, or ask the operator for AuthMode JWT.",
		"Es nimmt nur Anfragen an, die mit AWS-Zugangsdaten signiert sind (AuthMode IAM); die hat ein Browser nicht. Verwenden Sie die Kommandozeile, oder bitten Sie den Betreiber um AuthMode JWT."
	],
	"failure.problem.todo": [
		"If it goes on, tell the operator of the registry this number: {instance}",
		"Wenn das so bleibt, nennen Sie dem Betreiber des Registers diese Nummer: {instance}"
	],

	"vehicles": ["Vehicles", "Fahrzeuge"],
	"total": ["{n} vehicle|{n} vehicles", "{n} Fahrzeug|{n} Fahrzeuge"],
	"total.about": ["about {n} vehicles", "etwa {n} Fahrzeuge"],
	"search": ["Search VIN", "FIN suchen"],
	"search.hint": ["Part of a VIN, or its last six", "Teil einer FIN oder ihre letzten sechs"],
	"search.short": ["Type at least three characters.", "Geben Sie mindestens drei Zeichen ein."],
	"search.enter": ["Press Enter to search.", "Drücken Sie die Eingabetaste, um zu suchen."],
	"any": ["Any", "Alle"],
	"more": ["More", "Mehr"],
	"sort": ["Sort by", "Sortieren nach"],
	"actions": ["Actions", "Aktionen"],
	"list.searching": ["{n} so far. Searching …", "Bisher {n}. Suche läuft …"],
	"list.more": ["{n} shown. There are more.", "{n} gezeigt. Es gibt weitere."],
	"list.all": ["{n} vehicle.|{n} vehicles.", "{n} Fahrzeug.|{n} Fahrzeuge."],
	"list.none": ["No vehicle matches.", "Kein Fahrzeug passt dazu."],
	"list.clear": ["Show the whole fleet", "Ganze Flotte zeigen"],

	"vin": ["VIN", "FIN"],
	"manufacturer": ["Manufacturer", "Hersteller"],
	"country": ["Country", "Land"],
	"axles": ["Axles", "Achsen"],
	"axles.unit": ["axle|axles", "Achse|Achsen"],
	"fuel": ["Fuel", "Antrieb"],
	"fuel_type": ["Fuel type", "Antriebsart"],
	"fuel.electric": ["Electric", "Elektrisch"],
	"fuel.gaseous": ["Gaseous", "Gas"],
	"fuel.diesel": ["Diesel", "Diesel"],
	"fuel.petrol": ["Petrol", "Benzin"],
	"fuel.hydrogen": ["Hydrogen", "Wasserstoff"],
	"fuel.hybrid": ["Hybrid", "Hybrid"],
	"fuel.none": ["None (trailer)", "Keiner (Anhänger)"],
	"registered": ["Registered", "Registriert"],
	"unknown": ["Unknown", "Unbekannt"],
	"choose": ["Choose …", "Auswählen …"],
	"check_digit": ["Check digit", "Prüfziffer"],
	"check_digit.right": ["Matches", "Stimmt"],
	"check_digit.unneeded": ["No law requires one here", "Hier nicht vorgeschrieben"],
	"check_digit.wrong": ["Does not match", "Stimmt nicht"],

	"register": ["Register", "Registrieren"],
	"register.title": ["Register vehicle", "Fahrzeug registrieren"],
	"register.done": ["{vin} is registered.", "{vin} ist registriert."],
	"register.taken": ["This vehicle is already registered.", "Dieses Fahrzeug ist bereits registriert."],
	"register.show": ["Show the vehicle", "Fahrzeug zeigen"],
	"vin.hint": ["17 characters, as in the registration document. You can scan it.", "17 Zeichen, wie im Fahrzeugschein. Sie können sie scannen."],
	"vin.count": ["{n} of 17 characters", "{n} von 17 Zeichen"],
	"vin.meant": ["Did you mean", "Meinten Sie"],
	"vin.prefix": ["The I in front marks an import; it is no part of the VIN.", "Das I am Anfang kennzeichnet einen Import; es gehört nicht zur FIN."],
	"vin.prefix.remove": ["Remove the I", "Das I entfernen"],

	"edit": ["Edit", "Ändern"],
	"edit.one": ["Edit {vin}", "Ändern: {vin}"],
	"edit.title": ["Edit vehicle", "Fahrzeug ändern"],
	"save": ["Save", "Speichern"],
	"gone": ["This vehicle has been deleted in the meantime. Nothing was changed.", "Dieses Fahrzeug wurde inzwischen gelöscht. Es wurde nichts geändert."],
	"conflict": [
		"Somebody else has changed this vehicle in the meantime. Nothing was overwritten: choose which version stays.",
		"Jemand anderes hat dieses Fahrzeug inzwischen geändert. Es wurde nichts überschrieben: Wählen Sie, was gelten soll."
	],
	"conflict.mine": ["Yours", "Ihre Angaben"],
	"conflict.stored": ["Stored now", "Jetzt gespeichert"],
	"conflict.overwrite": ["Overwrite with yours", "Mit Ihren überschreiben"],
	"conflict.keep": ["Keep what is stored", "Gespeichertes behalten"],

	"delete": ["Delete", "Löschen"],
	"delete.one": ["Delete {vin}", "Löschen: {vin}"],
	"delete.title": ["Delete vehicle", "Fahrzeug löschen"],
	"delete.ask": ["Delete {label} from the registry?", "{label} aus dem Register löschen?"],
	"delete.done": ["{label} was deleted.", "{label} wurde gelöscht."],
	"delete.undo": ["Undo", "Rückgängig"],
	"delete.changed": [
		"{vin} was not deleted: somebody has changed it in the meantime.",
		"{vin} wurde nicht gelöscht: Jemand hat das Fahrzeug inzwischen geändert."
	],
	"delete.failed": ["{vin} was not deleted. {why}", "{vin} wurde nicht gelöscht. {why}"],

	"start": ["No vehicle is registered yet. How do you want to begin?", "Noch ist kein Fahrzeug registriert. Wie möchten Sie anfangen?"],
	"start.import": ["Import a file", "Datei importieren"],
	"start.import.about": ["A spreadsheet or list as you have it: Excel, CSV or JSON.", "Eine Tabelle oder Liste, wie Sie sie haben: Excel, CSV oder JSON."],
	"start.register": ["Register a vehicle", "Fahrzeug registrieren"],
	"start.register.about": ["Type or scan one VIN.", "Tippen oder scannen Sie eine FIN."],
	"start.sample": ["Try it with a sample fleet", "Mit einer Beispielflotte ausprobieren"],
	"start.sample.about": ["Made-up vehicles that you can remove again.", "Erfundene Fahrzeuge, die Sie wieder entfernen können."],
	"sample": ["The registry holds a sample fleet.", "Das Register enthält eine Beispielflotte."],
	"sample.adding": ["Adding the sample: {n} of {all} …", "Die Beispielflotte wird angelegt: {n} von {all} …"],
	"sample.remove": ["Remove the sample", "Beispielflotte entfernen"],
	"sample.removing": ["Removing the sample: {n} of {all} …", "Die Beispielflotte wird entfernt: {n} von {all} …"],
	"sample.removed": ["The sample is removed. Vehicles that were changed are kept.", "Die Beispielflotte ist entfernt. Geänderte Fahrzeuge bleiben."],

	"sign_in": ["Sign in", "Anmelden"],
	"sign_in.token": [
		"This registry asks for a token: the one that it was started with (VEHICLES_TOKEN). Its operator knows it.",
		"Dieses Register verlangt ein Token: das, mit dem es gestartet wurde (VEHICLES_TOKEN). Der Betreiber kennt es."
	],
	"sign_in.jwt": [
		"This registry asks for an access token (JWT) of your organization's sign-in. Its operator can tell you how to get one.",
		"Dieses Register verlangt ein Zugriffstoken (JWT) der Anmeldung Ihrer Organisation. Der Betreiber kann Ihnen sagen, wie Sie eines bekommen."
	],
	"sign_in.refused": ["The registry did not accept this token: it is wrong, or it has expired.", "Das Register hat dieses Token nicht angenommen: Es ist falsch oder abgelaufen."],
	"sign_in.characters": ["A token has no blanks, accents or long dashes. Copy it again.", "Ein Token hat keine Leerzeichen, Umlaute oder langen Striche. Kopieren Sie es neu."],
	"token": ["Token", "Token"],
	"token.kept": ["It is kept until you close this tab.", "Es bleibt erhalten, bis Sie diesen Tab schließen."],

	"code.vin.empty": "Geben Sie eine FIN ein.",
	"code.vin.length": "Eine FIN hat genau 17 Zeichen.",
	"code.vin.illegal_character": "Das Zeichen an Position {positions} kommt in einer FIN nicht vor.",
	"code.vin.frame_number": "Das sieht nach einer japanischen Rahmennummer aus; sie ist keine FIN.",
	"code.vin.placeholder": "Es wiederholt sich ein Zeichen, wie bei einem Platzhalter.",
	"code.vin.serial_not_numeric": "An Position {positions} muss eine Ziffer stehen.",
	"code.vin.check_digit": "Die Prüfziffer an Position 9 passt nicht zu den anderen Zeichen. Meist ist ein anderes Zeichen vertippt.",
	"code.vin.check_digit_missing": "An Position 9 steht keine Prüfziffer, obwohl sie dort üblich ist.",
	"code.vin.check_digit_unexpected": "Position 9 sieht nach einer Prüfziffer aus, die nicht passt. Prüfen Sie die FIN.",
	"code.vin.model_year_code_unusual": "An Position 10 steht kein Code für ein Modelljahr.",
	"code.vin.unassigned_block": "Die ersten beiden Zeichen sind keinem Land zugeteilt.",
	"code.vin.mixed_case": "Groß- und Kleinbuchstaben sind gemischt. Prüfen Sie auf Tippfehler, etwa l statt 1.",
	"code.vin.unknown_wmi": "Der Hersteller (die ersten drei Zeichen) steht nicht in der Liste bekannter Hersteller.",
	"code.field.missing": ["This is missing.", "Diese Angabe fehlt."],
	"code.field.type": ["Enter a whole number from 1 to 99.", "Geben Sie eine ganze Zahl von 1 bis 99 ein."],
	"code.field.choice": ["Choose one of the fuel types.", "Wählen Sie eine der Antriebsarten."],
	"code.filter.vin_contains": "Suchen Sie nach 3 bis 17 Zeichen einer FIN; I, O und Q kommen darin nicht vor.",
	"code.filter.vin_ends_with": "Suchen Sie nach Zeichen einer FIN; I, O und Q kommen darin nicht vor.",

	"waiting": ["The registry is busy. Trying again …", "Das Register ist ausgelastet. Neuer Versuch …"]
};
const TEXTS = { ...MESSAGES, ...MORE_MESSAGES };

const LOCALE = navigator.languages.find((each) => /^(?:de|en)\b/iu.test(each)) ?? "en";
const LANGUAGE = LOCALE.slice(0, 2).toLowerCase();
const PLACE = LANGUAGE === "de" ? 1 : 0;

/** The delimiter of a CSV that Excel opens by a double click. */
export const EXCEL_DELIMITER = LANGUAGE === "de" ? ";" : ",";

const numbers = new Intl.NumberFormat(LOCALE);
const countries = new Intl.DisplayNames(LOCALE, { type: "region" });
const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium" });

document.documentElement.lang = LANGUAGE;

const signs = new Intl.NumberFormat(LOCALE, { signDisplay: "exceptZero" });
const percents = new Intl.NumberFormat(LOCALE, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const signed = (value) => signs.format(value);
export const percent = (share) => percents.format(share);

/** The days from a time until before another one. */
export const dateRange = (from, to, timeZone) =>
	new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone }).formatRange(new Date(from), new Date(new Date(to) - 1));

export const number = (value) => numbers.format(value);
export const date = (timestamp) => dates.format(new Date(timestamp));
export const compareTexts = new Intl.Collator(LOCALE).compare;
export const countryName = (code) => countries.of(code);

/** What drives a vehicle; a registry newer than this page may know more. */
export const FUEL_TYPES = Object.keys(MESSAGES).filter((key) => key.startsWith("fuel.")).map((key) => key.slice("fuel.".length));
export const fuelName = (fuelType) => (FUEL_TYPES.includes(fuelType) ? t(`fuel.${fuelType}`) : fuelType);

const SAME = { "field.range": "field.type", "vehicle.axles": "field.type", "vehicle.fuel_type": "field.choice" };

/** What an error of the API says: in German by its code, as far as the code is known here. */
export function sentence({ code, detail, positions = [] }) {
	const key = `code.${SAME[code] ?? code}`;
	const text = key in TEXTS ? t(key, { detail, positions: positions.join(", ") }) : detail;
	return text.charAt(0).toUpperCase() + text.slice(1) + (/[.?!]$/u.test(text) ? "" : ".");
}

/** The text of a key in the language of the browser. */
export function t(key, values = {}) {
	const texts = TEXTS[key];
	const forms = (typeof texts === "string" ? ["{detail}", texts] : texts)[PLACE].split("|");
	const form = forms.length === 2 && values.n !== 1 ? forms[1] : forms[0];
	return form.replaceAll(/\{(\w+)\}/gu, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name]));
}
