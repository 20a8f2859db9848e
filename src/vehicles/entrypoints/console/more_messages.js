// The texts of the import, the export and the weekly summary; see messages.js.
export const MORE_MESSAGES = {
  "import.file": ["Fleet file", "Flottendatei"],
  "import.file.about": [
    "You can also drop it anywhere on this page. Excel, OpenDocument, CSV or JSON, as you have it.",
    "Sie können sie auch irgendwo auf diese Seite ziehen. Excel, OpenDocument, CSV oder JSON, so wie sie ist."
  ],
  "import.columns": [
    "It needs a column for the VIN, one for the axles and one for the fuel type, under any usual names and in any order. Other columns are ignored.",
    "Sie braucht je eine Spalte für die FIN, die Achsen und den Antrieb, unter üblichen Namen und in beliebiger Reihenfolge. Andere Spalten werden nicht verwendet."
  ],
  "import.safe": ["The file is checked first. Nothing is changed until you say so.", "Die Datei wird zuerst geprüft. Bis Sie zustimmen, wird nichts geändert."],
  "import.drop": ["Drop the fleet file to check it", "Flottendatei loslassen, um sie zu prüfen"],
  "import.running": ["An import is running. Wait until it has ended.", "Ein Import läuft. Warten Sie, bis er fertig ist."],
  "import.another": ["Another file", "Andere Datei"],
  "import.checking": ["Checking {name} …", "{name} wird geprüft …"],
  "import.refused": ["The file cannot be imported like this.", "Die Datei kann so nicht importiert werden."],
  "import.empty": ["The file has no vehicles.", "Die Datei enthält keine Fahrzeuge."],
  "import.nothing": ["There is nothing to import.", "Es gibt nichts zu importieren."],
  "import.unfixed": [
    "Rows that are not fixed are not imported. You can download them afterwards.",
    "Zeilen, die nicht korrigiert sind, werden nicht importiert. Sie können sie danach herunterladen."
  ],
  "import.check.added": ["{n} to add", "{n} neu"],
  "import.check.changed": ["{n} to change", "{n} zu ändern"],
  "import.alreadyThere": ["{n} already there", "{n} schon vorhanden"],
  "import.repeated": ["{n} repeated", "{n} doppelt"],
  "import.check.refused": ["{n} to fix", "{n} zu korrigieren"],
  "import.leftOut": ["{n} left out", "{n} ausgelassen"],
  "import.done.added": ["{n} added", "{n} hinzugefügt"],
  "import.done.changed": ["{n} changed", "{n} geändert"],
  "import.done.refused": ["{n} refused", "{n} abgelehnt"],
  "import.progress": ["Progress of the import", "Fortschritt des Imports"],
  "import.importing": ["Importing: line {line} of {last} …", "Import läuft: Zeile {line} von {last} …"],
  "import.stopped": ["The import stopped after line {line} of {last}.", "Der Import hielt nach Zeile {line} von {last} an."],
  "import.continue": ["Continue", "Fortsetzen"],
  "import.done": ["The import is finished.", "Der Import ist fertig."],
  "import.again": [
    "More vehicles were already there than in the check. Where the connection broke, this import itself may have added them.",
    "Es waren mehr Fahrzeuge schon vorhanden als bei der Prüfung. Wo die Verbindung abbrach, hat vielleicht dieser Import sie angelegt."
  ],
  "import.fleet": ["Show the fleet", "Flotte zeigen"],
  "import.refused.rows": ["Refused rows", "Abgelehnte Zeilen"],
  "import.refused.name": ["refused-rows.csv", "abgelehnte-zeilen.csv"],
  "import.refused.about": [
    "{n} row was refused. Download it with what is wrong, correct it there, and import that file.|{n} rows were refused. Download them with what is wrong, correct them there, and import that file.",
    "{n} Zeile wurde abgelehnt. Laden Sie sie mit dem Grund herunter, korrigieren Sie sie dort, und importieren Sie diese Datei.|{n} Zeilen wurden abgelehnt. Laden Sie sie mit den Gründen herunter, korrigieren Sie sie dort, und importieren Sie diese Datei."
  ],
  "import.refused.omitted": ["{n} of them did not fit into it.", "{n} davon fanden darin keinen Platz."],
  "import.doubtful": ["{n} VIN is accepted, but doubtful|{n} VINs are accepted, but doubtful", "{n} FIN ist angenommen, aber zweifelhaft|{n} FIN sind angenommen, aber zweifelhaft"],
  "import.line": ["line {line}", "Zeile {line}"],
  "import.too_large": ["The file is too large.", "Die Datei ist zu groß."],
  "import.too_large.todo": [
    "Split it into several files, or compress it with gzip. The command line (vehicles import) takes files of any size.",
    "Teilen Sie sie in mehrere Dateien, oder komprimieren Sie sie mit gzip. Die Kommandozeile (vehicles import) nimmt Dateien jeder Größe."
  ],
  "import.assign": ["Choose below which columns of the file hold what is needed.", "Wählen Sie unten, welche Spalten der Datei das Nötige enthalten."],
  "failure.file": ["The file cannot be read.", "Die Datei kann nicht gelesen werden."],
  "failure.file.todo": ["Check that it is a file and not a folder, and that it is still there.", "Prüfen Sie, ob es eine Datei und kein Ordner ist, und ob es sie noch gibt."],
  "import.understood": ["How the file was understood", "So wurde die Datei verstanden"],
  "import.sheet": ["Sheet", "Tabellenblatt"],
  "import.sheet.named": ["sheet “{sheet}”", "Blatt „{sheet}“"],
  "import.headings": ["headings in line {line}", "Überschriften in Zeile {line}"],
  "import.column": ["{field} column", "Spalte für {field}"],
  "import.column.none": ["Choose …", "Auswählen …"],
  "import.column.missing": ["Choose the column it is in.", "Wählen Sie die Spalte, in der es steht."],
  "import.ignored": ["Not used: {names}", "Nicht verwendet: {names}"],
  "import.first": ["First vehicles", "Erste Fahrzeuge"],
  "import.conflict": ["Vehicles already registered", "Schon registrierte Fahrzeuge"],
  "import.conflict.skip": ["Leave them as they are", "Lassen, wie sie sind"],
  "import.conflict.update": ["Change them to what the file says", "Nach der Datei ändern"],
  "import.empty_fuel": ["An empty fuel type means", "Leerer Antrieb bedeutet"],
  "import.empty_fuel.refuse": ["To be fixed", "Zu korrigieren"],
  "import.notes": ["{n} note|{n} notes", "{n} Anmerkung (englisch)|{n} Anmerkungen (englisch)"],
  "import.fix": ["Rows to fix", "Zeilen zum Korrigieren"],
  "import.fix.about": ["Correct them here; your file stays as it is.", "Korrigieren Sie sie hier; Ihre Datei bleibt, wie sie ist."],
  "import.fix.sure": ["Use the suggestions that are sure", "Sichere Vorschläge übernehmen"],
  "import.fix.line": ["Line", "Zeile"],
  "import.fix.wrong": ["What is wrong", "Was nicht stimmt"],
  "import.fix.checking": ["Checking …", "Wird geprüft …"],
  "import.fix.fixed": ["Fixed", "Korrigiert"],
  "import.fix.out": ["Left out", "Ausgelassen"],
  "import.fix.leave": ["Leave out", "Auslassen"],
  "import.fix.leave.one": ["Leave out line {line}", "Auslassen: Zeile {line}"],
  "import.fix.back": ["Put back", "Wieder aufnehmen"],
  "import.fix.back.one": ["Put back line {line}", "Wieder aufnehmen: Zeile {line}"],
  "import.fix.empty": ["(empty)", "(leer)"],
  "import.fix.raw": ["“{raw}”", "„{raw}“"],
  "import.fix.hidden": [
    "{n} more row has to be fixed, but is not listed here. After the import it is among the refused rows.|{n} more rows have to be fixed, but are not listed here. After the import they are among the refused rows.",
    "{n} weitere Zeile ist zu korrigieren, aber hier nicht gezeigt. Nach dem Import steht sie bei den abgelehnten Zeilen.|{n} weitere Zeilen sind zu korrigieren, aber hier nicht gezeigt. Nach dem Import stehen sie bei den abgelehnten Zeilen."
  ],
  "import.cell": ["{field}, line {line}", "{field}, Zeile {line}"],
  "code.vin.number": ["{detail}", "Eine Tabellenkalkulation hat daraus eine Zahl gemacht; die FIN ist verloren. Geben Sie sie neu ein."],
  "code.vehicle.axles": ["Enter a whole number from 1 to 99.", "Geben Sie eine ganze Zahl von 1 bis 99 ein."],
  "code.vehicle.fuel_type": ["Choose one of the fuel types.", "Wählen Sie eine der Antriebsarten."],
  "code.row.contradiction": ["{detail}", "Eine frühere Zeile hat dieselbe FIN mit anderen Angaben; diese gilt."],
  "code.row.not_registered": ["{detail}", "Das Fahrzeug ist nicht registriert, und der Datei fehlt eine Spalte, um es anzulegen."],
  "code.row.columns": ["{detail}", "Die Zeile hat mehr Zellen als Überschriften."],
  "code.row.csv": ["{detail}", "Ein Anführungszeichen ist nicht geschlossen."],
  "code.row.encoding": ["{detail}", "Eine Zelle enthält Zeichen, die kein Text sind. Speichern Sie die Datei als CSV in UTF-8."],

  "export": ["Export", "Exportieren"],
  "export.title": ["Export the fleet", "Flotte exportieren"],
  "export.whole": ["All vehicles go into the file.", "Alle Fahrzeuge kommen in die Datei."],
  "export.filtered": ["The vehicles that are searched and filtered now go into the file.", "Die Fahrzeuge, nach denen jetzt gesucht und gefiltert wird, kommen in die Datei."],
  "export.xlsx": ["Excel workbook", "Excel-Arbeitsmappe"],
  "export.csv": ["CSV", "CSV"],
  "export.about": ["You can import the file again. VINs are personal data: keep it safe.", "Sie können die Datei wieder importieren. FIN sind personenbezogene Daten: Bewahren Sie sie sicher auf."],
  "export.running": ["The file is being written …", "Die Datei wird geschrieben …"],
  "export.too_large": [
    "The fleet is too large for one file here. Export it in parts, one fuel type or number of axles at a time, or use the command line (vehicles export).",
    "Die Flotte ist hier zu groß für eine Datei. Exportieren Sie sie in Teilen, etwa je Antrieb oder Zahl der Achsen, oder verwenden Sie die Kommandozeile (vehicles export)."
  ],

  "week.one": ["Week", "Woche"],
  "week.name": ["Week {week}, {year}", "KW {week}, {year}"],
  "week.latest": ["Show the latest week", "Neueste Woche zeigen"],
  "week.missing": ["There is no summary of week {week}, {year}.", "Für KW {week}, {year} gibt es keinen Bericht."],
  "week.none": ["There is no weekly summary yet", "Es gibt noch keinen Wochenbericht"],
  "week.about": [
    "Once a week the registry counts the fleet: how many vehicles there are and what has changed, by fuel type, axles, manufacturer and country.",
    "Einmal in der Woche zählt das Register die Flotte: wie viele Fahrzeuge es gibt und was sich geändert hat, nach Antrieb, Achsen, Hersteller und Land."
  ],
  "week.when": [
    "The first summary comes with the schedule, usually on Monday for the week before.",
    "Der erste Bericht kommt nach Zeitplan, meist am Montag für die Woche davor."
  ],
  "week.make": ["Summarize now", "Jetzt auswerten"],
  "week.making": ["Counting …", "Wird gezählt …"],
  "week.made": ["Week {week}, {year} is counted.", "KW {week}, {year} ist ausgewertet."],
  "week.empty": ["No vehicle is registered yet, so there is nothing to count.", "Noch ist kein Fahrzeug registriert; es gibt nichts zu zählen."],
  "week.schedule": [
    "This registry makes its summaries by a schedule only; the next one comes by itself.",
    "Dieses Register erstellt seine Berichte nur nach Zeitplan; der nächste kommt von selbst."
  ],
  "week.provisional": [
    "The week is not over yet: these are the numbers so far.",
    "Die Woche ist noch nicht vorbei: Das sind die bisherigen Zahlen."
  ],
  "week.csv": ["Download CSV", "CSV herunterladen"],
  "week.json": ["Download JSON", "JSON herunterladen"],
  "week.total": ["Vehicles in total", "Fahrzeuge insgesamt"],
  "week.change": ["{change} since week {week}, {year}", "{change} seit KW {week}, {year}"],
  "week.registered": ["Registered this week", "In dieser Woche registriert"],
  "week.deleted": ["Deleted this week", "In dieser Woche gelöscht"],
  "week.registrations": ["Registered per week", "Registriert je Woche"],
  "week.registrations.about": [
    "{n} vehicle registered in {weeks} weeks.|{n} vehicles registered in {weeks} weeks.",
    "{n} Fahrzeug in {weeks} Wochen registriert.|{n} Fahrzeuge in {weeks} Wochen registriert."
  ],
  "week.totals": ["Vehicles over time", "Fahrzeuge im Lauf der Zeit"],
  "week.totals.about": ["From {from} in {first} to {to} in {last}.", "Von {from} in {first} auf {to} in {last}."],
  "week.country": ["Country of the manufacturer", "Land des Herstellers"],
  "week.share": ["Share", "Anteil"],
  "week.all": ["Show all {n}", "Alle {n} zeigen"],
  "week.fewer": ["Show the first {n}", "Die ersten {n} zeigen"],
  "week.table": ["As a table", "Als Tabelle"]
};
