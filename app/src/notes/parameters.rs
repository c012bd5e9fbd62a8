//! Explains each parameter, header and claim in a sentence.

use foundation::tr;

/// The meaning of a parameter, header, member of an answer or claim, in a request to this path.
pub(crate) fn parameter(path: &str, name: &str) -> Option<&'static str> {
    asked(path, name).or_else(|| answered(name)).or_else(|| claim(name))
}

fn asked(path: &str, name: &str) -> Option<&'static str> {
    Some(match name {
        "grant_type" => tr!("What is exchanged for a token here.", "Was hier gegen ein Token getauscht wird."),
        "response_type" => tr!(
            "Asks for a code, never for a token through the browser.",
            "Ein Code wird verlangt, nie ein Token durch den Browser."
        ),
        "response_mode" => tr!("How the answer travels back.", "Wie die Antwort zurückkommt."),
        "client_id" => tr!("Who asks: a registered client.", "Wer fragt: ein registrierter Client."),
        "client_secret" => tr!(
            "Proves that it is this client. It never leaves its server, and is kept out here.",
            "Beweist, dass es dieser Client ist. Es verlässt seinen Server nie und wird hier nicht gezeigt."
        ),
        "client_assertion" | "client_assertion_type" => tr!(
            "Proves by a signature that it is this client.",
            "Beweist durch eine Signatur, dass es dieser Client ist."
        ),
        "redirect_uri" => tr!(
            "Where your browser returns to. It must be registered, letter by letter.",
            "Wohin dein Browser zurückkehrt. Sie muss registriert sein, Zeichen für Zeichen."
        ),
        "scope" => tr!(
            "What the token may do, in words that the API defines.",
            "Was das Token darf, in Worten, die die API festlegt."
        ),
        "scopes" => tr!("What the account is connected for.", "Wofür das Konto verbunden ist."),
        "audience" if path == "/bc-authorize" => tr!(
            "Where the approval can be used: at the vault, and not at StockTrade.",
            "Wo die Freigabe gilt: am Tresor, und nicht bei StockTrade."
        ),
        "audience" => tr!(
            "For which API the token is wanted (RFC 8693 §2.1).",
            "Für welche API das Token gewünscht ist (RFC 8693 §2.1)."
        ),
        "resource" => tr!(
            "For which API the token is wanted, by its address (RFC 8707 §2).",
            "Für welche API das Token gewünscht ist, mit ihrer Adresse (RFC 8707 §2)."
        ),
        "state" => tr!(
            "Random: only the browser that began this can finish it.",
            "Zufall: Nur der Browser, der begonnen hat, kann beenden."
        ),
        "nonce" => tr!(
            "Random: the id_token must repeat it, so it answers this login.",
            "Zufall: Das id_token muss es wiederholen, es beantwortet also diese Anmeldung."
        ),
        "code_challenge" => tr!(
            "The hash of a secret that the sender keeps (RFC 7636 §4.2).",
            "Der Hash eines Geheimnisses, das der Absender behält (RFC 7636 §4.2)."
        ),
        "code_challenge_method" => tr!("The hash is SHA-256.", "Der Hash ist SHA-256."),
        "code_verifier" => tr!(
            "The secret itself. Without it the code is worthless.",
            "Das Geheimnis selbst. Ohne es ist der Code wertlos."
        ),
        "prompt" | "max_age" => {
            tr!("Whether the person must be asked again.", "Ob die Person noch einmal gefragt werden muss.")
        }
        "code" => {
            tr!("Works once, for a minute, for this client.", "Gilt einmal, eine Minute lang, für diesen Client.")
        }
        "refresh_token" => tr!(
            "Gives new access tokens, to its own client alone.",
            "Gibt neue Access Tokens, nur seinem eigenen Client."
        ),
        "subject_token" if path == "/oauth/token" => {
            tr!("On whose behalf: a token of yours.", "In wessen Namen: ein Token von dir.")
        }
        "subject_token_type" => tr!("Which kind of token that is.", "Welche Art von Token das ist."),
        "actor_token" => tr!(
            "Who acts: Mandate identity’s signed statement of what you approved.",
            "Wer handelt: die signierte Aussage von Mandate identity über das, was du freigegeben hast."
        ),
        "actor_token_type" => tr!("It is a JWT.", "Es ist ein JWT."),
        "requested_token_type" => tr!("Which kind of token is wanted.", "Welche Art von Token gewünscht ist."),
        "connection" => tr!("Which connected account.", "Welches verbundene Konto."),
        "login_hint" => tr!(
            "Whom to ask: you, by issuer and subject (RFC 9493 §3.2.3). It comes from the session, not from the model.",
            "Wen fragen: dich, mit Aussteller und Kennung (RFC 9493 §3.2.3). Das kommt aus der Sitzung, nicht vom Modell."
        ),
        "agent_message" => tr!(
            "The agent’s own words. They are shown apart, and nobody compares them with anything.",
            "Die eigenen Worte des Agenten. Sie stehen abseits, und niemand vergleicht sie mit etwas."
        ),
        "client_notification_token" => tr!(
            "With it Mandate identity will call back when you have decided.",
            "Damit ruft Mandate identity zurück, wenn du entschieden hast."
        ),
        "Idempotency-Key" => tr!(
            "Sent twice, done once: the program may be killed at any moment.",
            "Zweimal gesendet, einmal getan: Das Programm darf jederzeit sterben."
        ),
        "requested_expiry" => {
            tr!("How long the request may wait, in seconds.", "Wie lange die Anfrage warten darf, in Sekunden.")
        }
        "Authorization" => tr!(
            "The token that lets this request in (RFC 6750 §2.1).",
            "Das Token, das diese Anfrage einlässt (RFC 6750 §2.1)."
        ),
        "token" => tr!("The token that is asked about.", "Das Token, nach dem gefragt wird."),
        "token_type_hint" => tr!("Which kind of token it probably is.", "Welche Art von Token es wohl ist."),
        "id_token_hint" => tr!("Who must be logged in there.", "Wer dort angemeldet sein muss."),
        "auth_session" => tr!(
            "The connection in progress. Only Mandate chat’s server knows it.",
            "Die laufende Verbindung. Nur der Server von Mandate chat kennt sie."
        ),
        "ticket" => tr!("Opens the connection in your session alone.", "Öffnet die Verbindung nur in deiner Sitzung."),
        "connect_code" => tr!("Completes the connection, once.", "Schließt die Verbindung ab, einmal."),
        "decision" => tr!("What you pressed.", "Was du gedrückt hast."),
        "client_name" => tr!("What the app calls itself.", "Wie die App sich nennt."),
        "redirect_uris" => tr!("Where codes for it may be sent.", "Wohin sie sich Codes schicken lassen darf."),
        "grant_types" => tr!("How it wants to get tokens.", "Auf welche Weise sie Tokens haben will."),
        "token_endpoint_auth_method" => tr!(
            "none: it has no secret, so PKCE protects its codes.",
            "none: Sie hat kein Geheimnis, also schützt PKCE ihre Codes."
        ),
        "symbol" | "side" | "quantity" => {
            tr!("It must equal what you approved.", "Es muss dem gleichen, was du freigegeben hast.")
        }
        "price" | "limit" => tr!(
            "The worst price a share: at most this when buying.",
            "Der schlechteste Preis je Aktie: beim Kaufen höchstens dieser."
        ),
        _ => return None,
    })
}

fn answered(name: &str) -> Option<&'static str> {
    Some(match name {
        "access_token" => tr!("The new token, shown by its claims.", "Das neue Token, gezeigt durch seine Angaben."),
        "id_token" => tr!(
            "Who logged in, signed for this client (OpenID Connect Core §2).",
            "Wer sich angemeldet hat, signiert für diesen Client (OpenID Connect Core §2)."
        ),
        "token_type" => tr!(
            "Bearer: whoever holds it can use it, so it expires soon.",
            "Bearer: Wer es hat, kann es benutzen. Darum läuft es bald ab."
        ),
        "issued_token_type" => tr!("Which kind of token was issued.", "Welche Art von Token ausgestellt wurde."),
        "expires_in" => tr!("How long it is valid, in seconds.", "Wie lange es gilt, in Sekunden."),
        "interval" => tr!(
            "How many seconds to wait between two questions.",
            "Wie viele Sekunden zwischen zwei Fragen liegen müssen."
        ),
        "auth_req_id" => {
            tr!(
                "The id to ask for the outcome with. It allows nothing.",
                "Die Kennung, um nach dem Ergebnis zu fragen. Sie erlaubt nichts."
            )
        }
        "approval_uri" => tr!("Your page to decide on.", "Deine Seite zum Entscheiden."),
        "connect_uri" => tr!("Where your browser goes next.", "Wohin dein Browser als Nächstes geht."),
        "active" => tr!("Whether the token is active.", "Ob das Token noch zählt."),
        "registration_access_token" => tr!(
            "With it the app can change its registration. Kept out.",
            "Damit kann die App ihre Registrierung ändern. Nicht gezeigt."
        ),
        "error" => tr!("Why not, for programs.", "Warum nicht, für Programme."),
        "error_description" | "message" | "title" => tr!("Why not, in words.", "Warum nicht, in Worten."),
        "status" => tr!("What became of it.", "Was daraus wurde."),
        "placedBy" => tr!(
            "Who placed the order, and under which approval.",
            "Wer den Auftrag erteilt hat, und mit welcher Freigabe."
        ),
        _ => return None,
    })
}

/// Claims of tokens (RFC 7519 §4.1, RFC 9068 §2.2), and the members of their header.
fn claim(name: &str) -> Option<&'static str> {
    Some(match name {
        "iss" => tr!(
            "Who issued it. The receiver knows whose signature to expect.",
            "Wer es ausgestellt hat. Der Empfänger weiß, wessen Signatur er erwartet."
        ),
        "sub" => tr!(
            "You, as this issuer knows you. Another site knows you by another id.",
            "Du, wie dieser Aussteller dich kennt. Eine andere Seite kennt dich unter einer anderen Kennung."
        ),
        "aud" => {
            tr!("Whom it is for. Everybody else must refuse it.", "Für wen es ist. Alle anderen müssen es ablehnen.")
        }
        "azp" => tr!("The client that it was issued to.", "Der Client, für den es ausgestellt wurde."),
        "exp" => tr!("When it ends, in seconds since 1970.", "Wann es endet, in Sekunden seit 1970."),
        "iat" => tr!("When it was issued.", "Wann es ausgestellt wurde."),
        "nbf" => tr!("When it becomes valid.", "Ab wann es zählt."),
        "jti" => tr!(
            "Its own number. A statement of approval works once.",
            "Seine eigene Nummer. Eine Aussage über eine Freigabe gilt einmal."
        ),
        "auth_time" => tr!(
            "When you logged in; in an approval, when you decided.",
            "Wann du dich angemeldet hast; in einer Freigabe, wann du entschieden hast."
        ),
        "acr" => tr!("How sure the login was.", "Wie sicher die Anmeldung war."),
        "amr" => {
            tr!("How you proved it was you (RFC 8176 §2).", "Wodurch du gezeigt hast, dass du es bist (RFC 8176 §2).")
        }
        "act" => tr!("Who acts for you (RFC 8693 §4.1).", "Wer für dich handelt (RFC 8693 §4.1)."),
        "may_act" => tr!("Who may act for you.", "Wer für dich handeln darf."),
        "on_behalf_of" => tr!("You, as StockTrade knows you.", "Du, wie StockTrade dich kennt."),
        "authorization_details" => tr!(
            "Only this is shown to you, signed and compared (RFC 9396 §2).",
            "Nur das wird dir gezeigt, signiert und verglichen (RFC 9396 §2)."
        ),
        "binding_message" => tr!(
            "The binding code, in the chat and on your page. If they differ, it isn’t the same request.",
            "Der Code im Chat und auf deiner Seite. Sind sie verschieden, ist es nicht dieselbe Anfrage."
        ),
        "txn" => tr!(
            "The approval’s id. One order is placed for it.",
            "Die Kennung der Freigabe. Für sie gibt es einen Auftrag."
        ),
        "approval_required" => tr!(
            "Nothing may be changed with it without an approval.",
            "Ohne Freigabe darf damit nichts geändert werden."
        ),
        "digest" => tr!("The fingerprint of what you approved.", "Der Fingerabdruck dessen, was du freigegeben hast."),
        "purpose" => tr!("What it is for.", "Wofür es ist."),
        "events" => tr!("What happened.", "Was geschehen ist."),
        "alg" => tr!(
            "How it is signed. The receiver accepts no other way.",
            "Wie es signiert ist. Der Empfänger nimmt es nicht anders an."
        ),
        "typ" => tr!(
            "Which kind of JWT: one can’t pass for another.",
            "Welche Art von JWT: Keines geht für ein anderes durch."
        ),
        "kid" => tr!("Which of the issuer’s keys signed it.", "Welcher Schlüssel des Ausstellers signiert hat."),
        "subject_token" => tr!("On whose behalf.", "In wessen Namen."),
        "currency" => tr!("The currency of the limit.", "Die Währung des Limits."),
        _ => return None,
    })
}
