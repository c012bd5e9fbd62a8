//! Explains requests from server to server, from apps, and to the model.

use foundation::tr;

use super::note::Note;

pub(super) fn note(method: &str, path: &str) -> Option<Note> {
    if path.starts_with("/api/stocks/") {
        return Some(Note::new(tr!(
            "Prices are public: this request carries no token, and nothing about you.",
            "Kurse sind öffentlich: Diese Anfrage trägt kein Token und nichts über dich."
        )));
    }
    Some(match (method, path) {
        ("POST", "/bc-authorize") => bc_authorize(),
        ("POST", "/ciba/ping") => ping(),
        ("POST", "/api/orders") => order(),
        ("GET", path) if path.starts_with("/api/portfolio") => portfolio(),
        ("POST", "/oauth/introspect") => introspect(),
        ("POST", "/oidc/register") => register(),
        ("POST", "/mcp") => mcp(),
        (_, path) if path.starts_with("/me/v1/connected-accounts") => Note::new(tr!(
            "Mandate chat manages your connected accounts with a token for this alone. It gets names and scopes, and never \
             a token of the account.",
            "Mandate chat verwaltet deine verbundenen Konten, mit einem Token allein dafür. Es bekommt Namen und Rechte, und \
             nie ein Token des Kontos."
        ))
        .attacked("line_46", tr!("Name another person’s account: 404.", "Das Konto einer anderen Person nennen: 404.")),
        ("POST", "/oauth/revoke") => Note::new(tr!(
            "The access that the token gave ends now, not only when it expires.",
            "Der Zugriff, den das Token gab, endet jetzt und nicht erst, wenn es abliefe."
        ))
        .asks(
            "RFC 7009 §2.1",
            "https://www.rfc-editor.org/rfc/rfc7009#section-2.1",
            tr!("The client sends the token that it no longer needs.", "Der Client schickt das Token, das er nicht mehr braucht."),
        )
        .attacked("line_22", tr!("Revoke another client’s token: nothing happens.", "Das Token eines anderen Clients widerrufen: Nichts geschieht.")),
        (_, "/userinfo") => Note::new(tr!("The client asks for your name.", "Der Client fragt nach deinem Namen.")).asks(
            "OpenID Connect Core §5.3",
            "https://openid.net/specs/openid-connect-core-1_0.html#UserInfo",
            tr!(
                "The access token of the login gives the claims that its scope allows.",
                "Das Access Token der Anmeldung gibt die Angaben, die seine Rechte erlauben."
            ),
        ),
        (_, path) if path.ends_with("/chat/completions") => Note::new(tr!(
            "The model gets the conversation and the list of tools, which is empty in step 1. It answers with text, or writes down which tool it \
             would like. It calls nobody, and gets no token.",
            "Das Modell bekommt das Gespräch und die Liste der Werkzeuge, die in Schritt 1 leer ist. Es antwortet mit Text, \
             oder schreibt hin, welches Werkzeug es gern hätte. Es ruft niemanden auf und bekommt kein Token."
        ))
        .attacked("line_44", tr!(
            "Hide an instruction in a tool’s result: it may be obeyed, but an order still needs your approval.",
            "Eine Anweisung im Ergebnis eines Werkzeugs verstecken: Sie wird vielleicht befolgt, aber ein Auftrag braucht \
             trotzdem deine Freigabe."
        )),
        _ => return None,
    })
}

fn bc_authorize() -> Note {
    Note::new(tr!(
        "Asks for your approval. Nothing is allowed yet: the answer is an id to ask for the outcome with. Only what is in \
         authorization_details is shown to you, signed and compared.",
        "Bittet um deine Freigabe. Erlaubt ist noch nichts: Die Antwort ist eine Kennung, um nach dem Ergebnis zu fragen. Nur was in \
         authorization_details steht, wird dir gezeigt, signiert und verglichen."
    ))
    .asks(
        "OpenID CIBA Core §7.1, §7.3",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
        tr!(
            "The client names the person by exactly one hint, and gets an auth_req_id.",
            "Der Client nennt die Person durch genau einen Hinweis und bekommt eine auth_req_id."
        ),
    )
    .attacked(
        "line_31",
        tr!(
            "Add a member, hide text in one, or use look-alike letters: refused, or shown as it is.",
            "Eine Angabe hinzufügen, Text darin verstecken oder ähnliche Buchstaben nehmen: abgelehnt, oder genau so gezeigt."
        ),
    )
}

fn ping() -> Note {
    Note::new(tr!(
        "Mandate identity says that something has changed, but not what. Mandate chat asks by itself, so a ping \
         decides nothing. One without the token of the request gets 401.",
        "Mandate identity sagt, dass sich etwas geändert hat, und nicht, was. Mandate chat fragt selbst nach, also \
         entscheidet ein solcher Anruf nichts. Ohne das Token der Anfrage bekommt er 401."
    ))
    .asks(
        "OpenID CIBA Core §10.2",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
        tr!(
            "The call carries the client_notification_token of the request, and its auth_req_id.",
            "Der Aufruf trägt das client_notification_token der Anfrage und deren auth_req_id."
        ),
    )
}

fn order() -> Note {
    Note::new(tr!(
        "The order itself. StockTrade compares it with the details in the token, member for member, and places it once for \
         each approval. A token without details can read, but not trade.",
        "Der Auftrag selbst. StockTrade vergleicht ihn Stück für Stück mit den Angaben im Token und erteilt ihn einmal je \
         Freigabe. Ein Token ohne Angaben kann lesen, aber nicht handeln."
    ))
    .asks(
        "RFC 9396 §9.1",
        "https://www.rfc-editor.org/rfc/rfc9396#section-9.1",
        tr!(
            "The access token holds the approved details for the API that must enforce them.",
            "Das Access Token enthält die freigegebenen Angaben für die API, die sie durchsetzen muss."
        ),
    )
    .attacked(
        "line_33",
        tr!(
            "Order one share more, or the same a second time: 403, or the first order again.",
            "Eine Aktie mehr verlangen, oder dasselbe ein zweites Mal: 403, oder noch einmal der erste Auftrag."
        ),
    )
    .tried_at("6#break")
}

fn portfolio() -> Note {
    Note::new(tr!(
        "Reads your account, with the token that the vault just gave for it.",
        "Liest dein Konto, mit dem Token, das der Tresor gerade dafür gab."
    ))
    .asks(
        "RFC 6750 §2.1, RFC 9068",
        "https://www.rfc-editor.org/rfc/rfc6750#section-2.1",
        tr!(
            "The token comes in the Authorization header; the API checks its issuer, audience, time and scope.",
            "Das Token kommt im Authorization-Header; die API prüft Aussteller, Ziel, Zeit und Rechte."
        ),
    )
    .attacked(
        "line_20",
        tr!(
            "Send a token for /mcp, or for Mandate identity: 401.",
            "Ein Token für /mcp oder für Mandate identity schicken: 401."
        ),
    )
    .tried_at("5#break")
}

fn introspect() -> Note {
    Note::new(tr!(
        "Is this token still active? You may have revoked it since it was signed, so each API asks at every use.",
        "Gilt dieses Token noch? Du kannst es widerrufen haben, seit es signiert wurde; darum fragt jede API jedes Mal."
    ))
    .asks(
        "RFC 7662 §2.1, §2.2",
        "https://www.rfc-editor.org/rfc/rfc7662#section-2.1",
        tr!(
            "The API sends the token and learns whether it is active. About an inactive one it learns nothing else.",
            "Die API schickt das Token und erfährt, ob es gilt. Über eines, das nicht gilt, erfährt sie sonst nichts."
        ),
    )
    .attacked(
        "line_56",
        tr!(
            "Use a token after you revoked it: 401, though it hasn’t expired.",
            "Ein Token benutzen, nachdem du es widerrufen hast: 401, obwohl es nicht abgelaufen ist."
        ),
    )
}

fn register() -> Note {
    Note::new(tr!(
        "An app that knows only the address introduces itself. Nobody vouches for the name that it gives, and your consent \
         page says so.",
        "Eine App, die nur die Adresse kennt, stellt sich vor. Für den Namen, den sie nennt, bürgt niemand, und deine \
         Zustimmungsseite sagt das."
    ))
    .asks(
        "RFC 7591 §3.1",
        "https://www.rfc-editor.org/rfc/rfc7591#section-3.1",
        tr!(
            "The client sends its metadata, and gets a client_id.",
            "Der Client schickt seine Metadaten und bekommt eine client_id."
        ),
    )
    .attacked(
        "line_36",
        tr!(
            "Take our name, or a dangerous redirect URI: refused.",
            "Unseren Namen nehmen oder eine gefährliche Rückadresse: abgelehnt."
        ),
    )
}

fn mcp() -> Note {
    Note::new(tr!(
        "An app calls a tool. Without a token it gets 401 and the address where it learns how to get one; with one for this \
         address it gets the answer.",
        "Eine App ruft ein Werkzeug auf. Ohne Token bekommt sie 401 und die Adresse, wo sie erfährt, wie sie eines bekommt; \
         mit einem für diese Adresse die Antwort."
    ))
    .asks(
        "RFC 9728 §5.1",
        "https://www.rfc-editor.org/rfc/rfc9728#section-5.1",
        tr!(
            "The 401 names the metadata of this API, and they name its authorization server.",
            "Die 401 nennt die Metadaten dieser API, und die nennen ihren Autorisierungsserver."
        ),
    )
    .attacked(
        "line_25",
        tr!(
            "Name another person in the tool’s arguments: it has no effect.",
            "In den Argumenten des Werkzeugs eine andere Person nennen: ohne Wirkung."
        ),
    )
    .tried_at("5#try")
}
