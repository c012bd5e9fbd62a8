//! Explains requests that the person's browser sends: logins, consents, decisions, and chat messages.

use foundation::tr;
use shared::recording::Party;

use super::note::Note;

pub(super) fn note(to: Party, method: &str, path: &str) -> Option<Note> {
    Some(match (method, path) {
        ("GET" | "POST", "/authorize") => authorize(to),
        ("POST", "/u/login") => Note::new(tr!(
            "Your password goes to StockTrade, where your account is, and nowhere else. It isn’t recorded.",
            "Dein Passwort geht zu StockTrade, wo dein Konto ist, und sonst nirgendwohin. Es wird nicht aufgezeichnet."
        ))
        .attacked("line_39", tr!("Try many passwords: each attempt waits longer.", "Viele Passwörter probieren: Jeder Versuch wartet länger.")),
        ("POST", "/u/consent") => Note::new(tr!(
            "You allow, in words, what the client may do. Only your session can, with this page’s own form.",
            "Du erlaubst in Worten, was der Client darf. Das kann nur deine Sitzung, mit dem Formular dieser Seite."
        ))
        .asks(
            "OpenID Connect Core §3.1.2.4",
            "https://openid.net/specs/openid-connect-core-1_0.html#Consent",
            tr!(
                "The provider asks the person before it gives anything to the client.",
                "Der Anbieter fragt die Person, bevor er dem Client etwas gibt."
            ),
        )
        .attacked("line_9", tr!("Have your browser send the form from another page: 403.", "Deinen Browser das Formular von einer fremden Seite senden lassen: 403.")),
        ("GET", "/login/callback" | "/auth/callback") => back(),
        ("GET", "/auth/login") => Note::new(tr!(
            "You want to log in. Mandate chat keeps a state, a nonce and a PKCE verifier, and sends your browser on.",
            "Du willst dich anmelden. Mandate chat behält state, nonce und den PKCE-Verifier und schickt deinen Browser weiter."
        )),
        ("GET", "/accounts/connect") => Note::new(tr!(
            "You want to connect an account. Mandate chat asks Mandate identity for a ticket and sends your browser there.",
            "Du willst ein Konto verbinden. Mandate chat holt bei Mandate identity ein Ticket und schickt deinen Browser hin."
        )),
        ("GET", "/connected-accounts/connect") => Note::new(tr!(
            "Your browser shows the ticket. It works in your own session alone, so nobody can connect their account to you.",
            "Dein Browser zeigt das Ticket vor. Es gilt nur in deiner eigenen Sitzung, also kann dir niemand ein Konto unterschieben."
        ))
        .attacked("line_49", tr!("Open another person’s ticket: nothing is linked.", "Das Ticket einer anderen Person öffnen: Nichts wird verbunden.")),
        ("GET", "/connected-accounts/callback") => back(),
        ("GET", "/accounts/callback") => Note::new(tr!(
            "Back at Mandate chat, with a code that only the session that began it can use.",
            "Zurück bei Mandate chat, mit einem Code, den nur die Sitzung benutzen kann, die begonnen hat."
        ))
        .attacked("line_26", tr!("Replay the code, or bring it in another browser: refused.", "Den Code noch einmal oder in einem anderen Browser bringen: abgelehnt.")),
        ("POST", path) if path.starts_with("/approvals/") => Note::new(tr!(
            "You decide. The form sends back the digest of exactly what the page showed, and your session’s own token.",
            "Du entscheidest. Das Formular schickt den Fingerabdruck genau dessen zurück, was die Seite zeigte, und das Token deiner Sitzung."
        ))
        .attacked("line_49", tr!(
            "Decide with a token instead of your session: 401, whoever holds it.",
            "Mit einem Token statt mit deiner Sitzung entscheiden: 401, wer immer es hat."
        ))
        .tried_at("6#break"),
        ("POST", "/api/threads") => Note::new(tr!("Your message in the chat.", "Deine Nachricht im Chat.")),
        ("POST", "/workshop/ask") => Note::new(tr!(
            "Your question, for a model that gets no tools and no name.",
            "Deine Frage, für ein Modell, das weder Werkzeuge noch einen Namen bekommt."
        )),
        ("POST", "/workshop/try") => Note::new(tr!("The button of step 4.", "Der Knopf von Schritt 4.")),
        _ => return None,
    })
}

fn authorize(to: Party) -> Note {
    let note = if to == Party::StockTrade {
        Note::new(tr!(
            "A login within the login, or the consent to connect: Mandate identity sends your browser to StockTrade, as a \
             client of its own, with its own state, nonce and challenge.",
            "Eine Anmeldung in der Anmeldung, oder die Zustimmung zum Verbinden: Mandate identity schickt deinen Browser zu \
             StockTrade, als eigener Client mit eigenem state, nonce und eigener Challenge."
        ))
    } else {
        Note::new(tr!(
            "The client doesn’t ask for your password: it sends your browser here, and says what it wants and where to \
             return to.",
            "Der Client fragt dich nicht nach dem Passwort: Er schickt deinen Browser hierher und sagt, was er will und wohin \
             es zurückgeht."
        ))
    };
    note.asks(
        "RFC 6749 §4.1.1, RFC 7636 §4.3",
        "https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1",
        tr!(
            "The client names itself, its redirect URI, the scope, a state and the challenge of its verifier.",
            "Der Client nennt sich, seine Rückadresse, die Rechte, ein state und die Challenge zu seinem Verifier."
        ),
    )
    .attacked(
        "line_1",
        tr!(
            "Give another redirect URI, so that the code goes elsewhere: an error page, no redirect.",
            "Eine andere Rückadresse nennen, damit der Code woanders ankommt: eine Fehlerseite, keine Weiterleitung."
        ),
    )
}

fn back() -> Note {
    Note::new(tr!(
        "Your browser brings the code. The receiver compares state with what it kept, and iss with whom it asked.",
        "Dein Browser bringt den Code. Der Empfänger vergleicht state mit dem, was er behalten hat, und iss mit dem, den er \
         gefragt hat."
    ))
    .asks(
        "RFC 6749 §4.1.2, RFC 9207 §2.4",
        "https://www.rfc-editor.org/rfc/rfc9207#section-2.4",
        tr!(
            "The answer holds a code and the state, and names its issuer, which the client compares.",
            "Die Antwort enthält einen Code und das state und nennt ihren Aussteller, den der Client vergleicht."
        ),
    )
    .attacked(
        "line_26",
        tr!(
            "Bring the code in another browser, or from another provider (mix-up): refused.",
            "Den Code in einem anderen Browser bringen, oder von einem anderen Anbieter (Mix-up): abgelehnt."
        ),
    )
}
