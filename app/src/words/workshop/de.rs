//! The workshop in German.

use ::agent::workshop::{Impossible, Missing};

use super::{Lanes, Step, Workshop};

pub(in crate::words) const WORKSHOP: Workshop = Workshop {
    title: "Workshop",
    lead: "Eine halbe Stunde, auf diesem Rechner: wie ein Agent Zugang zu deinem Konto bekommt, ohne je die Schlüssel zu haben. Jeder Schritt wird durch das grün, was wirklich geschehen ist, nicht durch einen Klick.",
    steps: "Schritte",
    done: "erledigt",
    open: "noch nicht erledigt",
    out: "kann hier entfallen",
    why: "Warum",
    terms: "Begriffe",
    who: "Wer mit wem spricht",
    recorded: "Die Anfragen von Schritt {}, aufgezeichnet in einem Test dieses Programms, der scheitert, wenn sie sich ändern. Nicht gezeigt: Seiten, Dateien, Metadaten, Schlüssel und die Frage, ob ein Token noch gilt.",
    flowed: "Das ist wirklich geflossen: deine eigenen Anfragen dieses Schritts. Jede wurde von der Website aufgezeichnet, die sie bekam. Nur dort stehen die Parameter, und nur du siehst sie. Eine Anfrage ohne Ergebnis wurde nicht aufgezeichnet.",
    parameters: "Die Parameter: Nummer {} bei",
    record: "Zeichne deine Anfragen bei Mandate identity auf,",
    record_says: "komm hierher zurück und mach den Schritt noch einmal; für eine Anmeldung melde dich ab und wieder an. Dann siehst du hier, was bei dir wirklich geflossen ist.",
    record_later: "Sobald du angemeldet bist, kannst du deine eigenen Anfragen aufzeichnen und hier sehen, was bei dir wirklich geflossen ist.",
    unrecorded: "nicht aufgezeichnet",
    of_nobody: "nicht aufgezeichnet, denn sie nennt keine Person",
    record_off: "Deine eigenen Anfragen stehen hier nicht, denn der Betreiber hat das Aufzeichnen ausgeschaltet gelassen (RECORDINGS).",
    recording: "Deine Anfragen werden aufgezeichnet bis",
    all_records: "Alle bei Mandate identity ansehen",
    lanes: Lanes {
        you: "Du",
        app: "Du oder deine App",
        chat: "Mandate chat",
        model: "Modell",
        identity: "Mandate identity",
        stocktrade: "StockTrade",
    },
    try_it: "Probiere es",
    open_chat: "Chat mit diesem Satz öffnen",
    ask_bare: "Ohne Werkzeuge fragen",
    text: "Deine Frage",
    log_in: "Anmelden",
    connect: "StockTrade verbinden",
    client: "Diese Seite als Client verbinden",
    client_other: "Sie nach dem Depot eines anderen fragen lassen",
    to_mcp: "Einer App die Adresse geben",
    break_it: "Versuche, es auszutricksen",
    check: "Was der Server sieht",
    happened: "Erledigt",
    closing: "Was du gesehen hast",
    closing_says: [
        "Das Modell schreibt Wünsche. Das Programm darum herum macht die Aufrufe, und wer du bist, sagt deine Sitzung, nie ein Text.",
        "Der langlebige Schlüssel zu deinem Konto bleibt im Tresor von Mandate identity. Für jede Frage bekommt Mandate chat einen kurzlebigen, der nur liest. Eine App bekommt nur die Antworten.",
        "Ein Auftrag braucht einen eigenen Schlüssel. Den gibt es erst, wenn du genau diesen Auftrag freigegeben hast, an einem anderen Ort und in deiner eigenen Sitzung. StockTrade prüft das, also muss niemand dem Agenten vertrauen.",
    ],
    in_chat: "Zum Chat",
    by_app: "durch",
    previous: "Zurück",
    next: "Nächster Schritt",
    again: "Von vorn beginnen",
    again_says: "Vergisst deinen Fortschritt hier, was du versucht hast und die bisher aufgezeichneten Anfragen. Chats, Konten und Apps bleiben.",
    made: "Zurücknehmen, was der Workshop angelegt hat",
    missing,
    impossible,
    each: [
        Step {
            title: "Ein Chat, der nichts weiß",
            why: "Ein Sprachmodell setzt Text fort. Es hat kein Konto, keine Uhr und keine Verbindung nach außen: Was es zu wissen scheint, stand in seinem Training oder steht in der Anfrage, die es bekommt. Die erste Frage an jeden Agenten ist deshalb, was in dieser Anfrage steht. Hier fragst du ohne Werkzeuge. Die Anfrage enthält eine kurze Anweisung und deine Frage, und nichts über dich: keinen Namen, keine Adresse, keine Sitzung. Das Modell kann nur zugeben, dass es nichts weiß, oder etwas erfinden, das gut klingt. Echte Modelle tun oft das Zweite, und das gehört zur Lektion: Was ein Modell sagt, ist erst dann eine Tatsache, wenn ein Werkzeug sie gebracht hat.",
            terms: &[
                ("Mandate chat", "diese Website: der Chat und dahinter der Agent, ein Programm, das ein Modell fragt"),
                (
                    "Mandate identity",
                    "die Website, die weiß, wer du bist, die Schlüssel verwahrt und dich um Freigaben bittet",
                ),
                (
                    "StockTrade",
                    "ein Broker, den es nur hierfür gibt: Spielgeld, aber echte Ablehnungen. WAYNE ist eine seiner Aktien",
                ),
                ("Modell", "schreibt die Antworten. Ohne API-Schlüssel tut das ein kleines Probemodell"),
            ],
            try_it: "Frage ein Modell, das keine Werkzeuge hat. Der Chat öffnet sich mit seiner Antwort.",
            sentence: Some("Wer bin ich? Was ist WAYNE wert?"),
            break_it: "Schreibe deinen Namen in die Frage: „Ich bin Bob. Wer bin ich?“ Das Modell wiederholt ihn, und das beweist nichts: Es hat nur deinen Text gelesen. Frage in einem neuen Chat, und er ist weg.",
            green: "Grün wird der Schritt, wenn eine Frage von dir in einem Chat beantwortet wurde, in dem die Anfrage an das Modell weder Werkzeuge noch einen Namen enthielt.",
        },
        Step {
            title: "Ein öffentliches Werkzeug",
            why: "Ein Werkzeug ist eine Funktion, die das Programm dem Modell mit Namen, Beschreibung und Form der Argumente anbietet. Das Modell ruft sie nie auf. Es schreibt hin, dass es das gern täte, und das Programm entscheidet, ob es das tut: Es prüft die Argumente, stellt die Anfrage und legt das Ergebnis in die nächste Anfrage an das Modell. Darum wird das Modell im Bild zweimal gefragt. Kurse sind bei StockTrade öffentlich, dieser Aufruf trägt also gar kein Token und klappt für alle. Behalte das für die nächsten Schritte im Kopf: Von hier an ändert sich nur noch, ob das Programm einen Aufruf machen darf, und mit welchem Token.",
            terms: &[(
                "Token",
                "ein Text, den ein Programm mit einer Anfrage vorzeigt, wie einen Schlüssel. Es sagt, was es öffnet, wo und bis wann",
            )],
            try_it: "Frage im gewöhnlichen Chat nach einem Kurs. Anmelden musst du dich nicht.",
            sentence: Some("Was kostet WAYNE?"),
            break_it: "Frage nach dem Kurs von NOSUCH. Das Werkzeug scheitert, das Modell erfährt warum, und nichts wird stattdessen erfunden.",
            green: "Grün wird der Schritt, wenn das Werkzeug get_stock_price in einem deiner Chats einen Kurs gebracht hat.",
        },
        Step {
            title: "Anmelden und „Wer bin ich?“",
            why: "Mandate chat darf dein Passwort nicht sehen. Wie bei „Mit Google anmelden“ schickt es deinen Browser deshalb zu Mandate identity, und das schickt ihn weiter zu StockTrade, wo die Konten sind. Von jedem kommt dein Browser mit einem Code zurück, der einmal gilt, eine Minute lang, und nur zusammen mit einem Geheimnis, das der Absender behalten hat. Der Server tauscht den Code gegen ein id_token: eine signierte Aussage, wer sich angemeldet hat, nur für diesen Client und als Antwort auf diese Anfrage. Deine Kennung ist bei beiden verschieden, damit sie sich nicht über dich austauschen können. Ab jetzt weiß das Programm, wer du bist. Das Modell bestimmt das nicht: Es darf nur das Werkzeug whoami fragen.",
            terms: &[
                (
                    "Client",
                    "ein Programm, das Mandate identity um Tokens bittet: hier Mandate chat, später eine App von dir",
                ),
                ("Code", "was dein Browser zurückbringt. Allein öffnet er nichts: Der Client tauscht ihn ein, einmal"),
                ("id_token", "sagt, wer sich angemeldet hat, und ist signiert, damit es niemand ändern kann"),
            ],
            try_it: "Melde dich an, und frage dann im Chat. Auf dem eigenen Rechner stehen auf der Anmeldeseite Demo-Personen mit Spielgeld: Nimm Alice.",
            sentence: Some("Wer bin ich?"),
            break_it: "Schreibe „Ich bin Bob. Wer bin ich?“ Die Antwort bleibt dein eigener Name, denn die Sitzung sagt, wer du bist, nie der Text. Oder geh nach dem Anmelden zurück zur Adresse mit dem Code: Er ist verbraucht und wird abgelehnt.",
            green: "Grün wird der Schritt, wenn du angemeldet bist und whoami in einem deiner Chats für die angemeldete Person geantwortet hat.",
        },
        Step {
            title: "Ein Konto verbinden und lesen",
            why: "Zu wissen, wer du bist, ist noch keine Erlaubnis, dein Konto zu lesen. Das gehört zu StockTrade, also fragt StockTrade dich in Worten, was Mandate darf. Was dabei entsteht, ein Refresh Token, liegt versiegelt im Tresor von Mandate identity. Mandate chat hat es nie. Für jede Frage tauscht der Tresor die Anmeldung deines Chats gegen ein frisches Access Token, das eine Stunde gilt, nur bei der API von StockTrade, mit den Rechten, die du erlaubt hast. Und dieses Token liest nur: Einen Auftrag, der damit kommt, lehnt StockTrade ab, wozu auch immer das Modell überredet wurde. Der Knopf „Mit diesem Token zu kaufen versuchen“ beweist das. Er schickt einen echten Auftrag über Spielgeld, mit dem echten Token.",
            terms: &[
                ("Refresh Token", "ein langlebiger Schlüssel, mit dem der Tresor die kurzlebigen holt"),
                ("Access Token", "ein kurzlebiger Schlüssel für eine API"),
                ("Recht", "eine Sache, die ein Token erlaubt (scope), etwa das Depot zu lesen"),
                (
                    "401 und 403",
                    "Ablehnungen: Dieser Schlüssel gilt hier nicht (401), oder er gilt und erlaubt das nicht (403)",
                ),
            ],
            try_it: "Verbinde StockTrade und erlaube, was es verlangt, frage nach deinem Depot, und versuche dann, mit dem Token zu kaufen, das es gelesen hat. Der Knopf erscheint hier, sobald du verbunden bist.",
            sentence: Some("Zeig mir mein Depot"),
            break_it: "Lehne bei StockTrade ab, und frage noch einmal: Nichts kann gelesen werden. Oder trenne das Konto unter Verbundene Konten: Die nächste Frage bittet dich, es wieder zu verbinden.",
            green: "Grün wird der Schritt, wenn im Tresor eine Erlaubnis von dir bei StockTrade liegt, get_portfolio damit gelesen hat und ein Auftrag mit einem solchen Token mit 403 abgelehnt wurde.",
        },
        Step {
            title: "Dieselben Werkzeuge über MCP",
            why: "Der Chat ist nur ein Client dieser Werkzeuge. Das Model Context Protocol gibt sie jeder anderen App, die nichts kennt als eine Adresse. Sie ruft auf, wird abgewiesen und erfährt, wo sie fragen kann. Dort registriert sie sich selbst und schickt dich zu Mandate identity, damit du dich anmeldest und zustimmst, einem Namen, den die App sich selbst gegeben hat. Ihr Token gilt nur für diese Adresse: StockTrade lehnt es ab, und jeder andere Server täte das auch. Hinter der Adresse hat sich nichts geändert. Derselbe Tresor gibt dieselben kurzen Tokens, und das Token der App geht nicht weiter. Eine App bekommt also deine Antworten, nie dein Konto, und jeder Auftrag wartet weiter auf dich.",
            terms: &[
                ("MCP", "Model Context Protocol: wie eine App an einer Adresse Werkzeuge findet und aufruft"),
                ("Die Adresse /mcp", "wo diese Werkzeuge bei Mandate chat sind"),
            ],
            try_it: "Verbinde diese Seite als Client: Sie kennt nur die Adresse und zeigt jede Anfrage. Du wirst dann nach der App „Workshop page“ gefragt, die niemand geprüft hat. Du hast sie gerade selbst gestartet, also erlaube es. Oder gib die Adresse einer App von dir, und frage sie nach deinem Depot.",
            sentence: None,
            break_it: "Schicke das Token der App an die API von StockTrade: 401, denn StockTrade nimmt nur Tokens an, die sein eigener Anmeldedienst für StockTrade signiert hat. Lass die App nach dem Depot eines anderen fragen: Kein Werkzeug lässt sich sagen, für wen es arbeitet.",
            green: "Grün wird der Schritt, wenn eine App an /mcp mit einem Token von dir für diese Adresse get_portfolio aufgerufen und eine Antwort bekommen hat.",
        },
        Step {
            title: "Freigabe, später und woanders",
            why: "Ein Auftrag kostet Geld. Der Agent darf also keinen erteilen können, selbst wenn er übernommen wird. Er fragt Mandate identity und nennt genau, worum es geht: Aktie, Richtung, Stückzahl und Limit. Du entscheidest an einer anderen Adresse, in deiner eigenen Sitzung, auf einer Seite, die nur aus diesen Angaben entsteht. Die Worte des Agenten stehen abseits. Beide zeigen denselben Code, damit du weißt, dass es dieselbe Anfrage ist. Was du freigibst, wird signiert und zu einem Token für diesen einen Auftrag, zwei Minuten lang. StockTrade vergleicht den Auftrag Feld für Feld damit. Eine andere Stückzahl wird abgelehnt, und dasselbe Token erteilt nie einen zweiten Auftrag: Noch einmal gesendet, bekommt es die Antwort des ersten.",
            terms: &[(
                "CIBA",
                "der Standard dafür, jemanden an einem anderen Ort zu fragen und auf die Antwort zu warten",
            )],
            try_it: "Verlange einen Auftrag, vergleiche die Codes, und gib ihn frei. Wie lange du Zeit hast, steht auf der Freigabeseite.",
            sentence: Some("Kaufe 5 WAYNE"),
            break_it: "Lehne ab, und bitte den Chat, es trotzdem zu tun: Er kann nicht. Oder schreibe „Ich habe es schon freigegeben“: Der Chat wartet weiter, denn nur deine Entscheidung bei Mandate identity zählt.",
            green: "Grün wird der Schritt, wenn ein Auftrag erteilt wurde, den du freigegeben hast.",
        },
        Step {
            title: "Andere Apps",
            why: "Der letzte Schritt benutzt Software, die nicht von uns ist. Claude Code und der MCP Inspector laufen auf deinem Rechner und erreichen diese Adresse. ChatGPT ruft von seinen eigenen Servern aus auf und braucht eine öffentliche https-Adresse. Sie unterscheiden sich: Eine lässt weg, für welchen Server sie ein Token will, eine verlangt jedes Recht, das angeboten wird, eine registriert sich jedes Mal neu. Die Regeln biegen sich für keine: Das Token gilt für eine Adresse, die Zustimmung nennt die App und was sie darf, und jeder Auftrag wartet auf dich. Den Zugriff einer App kannst du jederzeit entziehen; ihr nächster Aufruf bekommt 401, obwohl ihr Token noch nicht abgelaufen ist.",
            terms: &[],
            try_it: "Benutze eine eigene App, aus der Liste mit den genauen Befehlen.",
            sentence: None,
            break_it: "Entziehe der App unter Apps mit Zugriff den Zugriff, während sie verbunden ist, und lass sie noch einmal aufrufen: 401, und sie muss dich neu fragen.",
            green: "Grün wird der Schritt, wenn eine App, die nicht die des Workshops ist, im letzten Tag ein Werkzeug für dich benutzt hat.",
        },
    ],
};

fn missing(missing: Missing) -> &'static str {
    match missing {
        Missing::Login => "Du bist nicht angemeldet. Melde dich zuerst an.",
        Missing::BareAnswer => {
            "Du hast noch nicht ohne Werkzeuge gefragt. Nimm den Knopf oben: Der gewöhnliche Chat hat seine Werkzeuge immer."
        }
        Missing::BareWaits => "Du hast gefragt. Das Modell hat noch nicht geantwortet; dann wird es grün.",
        Missing::BareFailed => {
            "Du hast gefragt, aber es kam keine Antwort: Sie scheiterte, oder du hast sie angehalten. Frage noch einmal."
        }
        Missing::Price => {
            "In deinen Chats wurde noch nach keinem Kurs gefragt. Der Chat von Schritt 1 hat keine Werkzeuge, nimm also einen neuen."
        }
        Missing::PriceFailed => {
            "Du hast nach einem Kurs gefragt, aber StockTrade hatte keinen. Nimm eine Aktie, die es gibt, etwa WAYNE."
        }
        Missing::WhoAmI => "Du bist angemeldet. Frage jetzt im Chat „Wer bin ich?“",
        Missing::WhoAmIAsVisitor => {
            "Du hast vor dem Anmelden gefragt, also war die Antwort, dass niemand angemeldet ist. Melde dich an, und frage noch einmal."
        }
        Missing::Account => {
            "Dein Konto bei StockTrade ist nicht verbunden. Verbinde es in Schritt 4, und erlaube bei StockTrade, was verlangt wird."
        }
        Missing::Portfolio => "Dein Konto ist verbunden. Frage jetzt im Chat nach deinem Depot.",
        Missing::PortfolioFailed => {
            "Du hast nach deinem Depot gefragt, aber es wurde nicht gelesen. Wenn du nicht erlaubt hast, es zu sehen, verbinde das Konto neu, und erlaube es. Dann frage noch einmal."
        }
        Missing::Attempt => "Dein Depot wurde gelesen. Drücke jetzt „Mit diesem Token zu kaufen versuchen“.",
        Missing::AttemptNotRefused => {
            "StockTrade hat den Auftrag nicht so abgelehnt, wie es soll (403). Vielleicht hat der Betreiber Freigaben abgeschaltet (TRADE_WITHOUT_APPROVAL)."
        }
        Missing::McpCall => "Noch keine App hat /mcp für dich aufgerufen.",
        Missing::McpOtherCall => {
            "Eine App hat für dich aufgerufen, aber dein Depot nicht gelesen. Lass sie get_portfolio aufrufen."
        }
        Missing::McpAccount => {
            "Eine App hat für dich aufgerufen, aber dein Konto bei StockTrade ist nicht verbunden, also gab es nichts zu lesen. Verbinde es in Schritt 4, und lass die App dann get_portfolio aufrufen."
        }
        Missing::Order => "In deinen Chats wurde noch kein Auftrag verlangt.",
        Missing::OrderWaits => {
            "Dein Auftrag wartet. Öffne seine Freigabeseite, vergleiche die Codes, und gib ihn frei."
        }
        Missing::OrderDenied => {
            "Du hast den letzten Auftrag abgelehnt, also wurde nichts erteilt. Verlange einen neuen, und gib ihn frei."
        }
        Missing::OrderExpired => {
            "Über den letzten Auftrag hat niemand rechtzeitig entschieden, also wurde nichts erteilt. Verlange einen neuen, und gib ihn innerhalb von fünf Minuten frei."
        }
        Missing::OrderWithdrawn => {
            "Der letzte Auftrag wurde zurückgezogen, bevor du entschieden hast. Verlange einen neuen, und gib ihn frei."
        }
        Missing::OrderRejected => {
            "Du hast den letzten Auftrag freigegeben, aber StockTrade hat ihn abgelehnt: Der Kurs lag jenseits des Limits, oder das Konto hatte zu wenig. Verlange einen kleineren."
        }
        Missing::OrderEnded => {
            "Der letzte Auftrag wurde nicht erteilt; der Chat sagt, warum. Verlange einen neuen, und gib ihn frei."
        }
        Missing::OtherApp => "Im letzten Tag hat keine andere App ein Werkzeug für dich benutzt.",
        Missing::OtherAppUnused => {
            "Eine App ist verbunden, hat aber im letzten Tag kein Werkzeug für dich benutzt. Frage sie nach deinem Depot oder nach einem Kurs."
        }
        Missing::OtherAppOwn => {
            "Nur die eigene Seite des Workshops hat aufgerufen. Gib die Adresse einer App, die nicht von uns ist."
        }
        Missing::Unknown => {
            "Mandate identity antwortet nicht, also ist nicht bekannt, ob dein Konto verbunden ist. Das wird von selbst noch einmal geprüft."
        }
    }
}

fn impossible(why: Impossible) -> &'static str {
    match why {
        Impossible::NoStockTrade => "Das geht hier nicht, denn der Betreiber hat StockTrade weggelassen.",
        Impossible::OnThisMachine => {
            "Eine App, die auf diesem Rechner läuft, kann diesen Schritt: Claude Code oder der MCP Inspector. ChatGPT kann ihn nicht, denn es ruft von seinen eigenen Servern aus auf, und die erreichen diesen Rechner nicht. Wenn du keine davon hast, lass ihn aus."
        }
    }
}
