//! Explains requests to the token endpoint: one note for each grant.

use foundation::tr;
use shared::recording::Party;

use super::note::Note;

pub(super) fn note(to: Party, grant: Option<&str>) -> Note {
    let grant = grant.unwrap_or_default();
    if grant.ends_with(":token-exchange") && to == Party::StockTrade {
        return order();
    }
    match grant {
        // The workshop replays a code at Mandate identity alone.
        "authorization_code" if to == Party::Identity => code().tried_at("3#break"),
        "authorization_code" => code(),
        "refresh_token" => refresh(to),
        "urn:openid:params:grant-type:ciba" => poll(),
        "urn:ietf:params:oauth:grant-type:token-exchange" => own_api(),
        grant if grant.ends_with("federated-connection-access-token") => vault(),
        _ => Note::new(tr!(
            "Exchanges what the sender has (a code, a refresh token, an approval) for a short-lived token. The \
             parameter grant_type says which of them it is.",
            "Tauscht, was der Absender hat (einen Code, ein Refresh Token, eine Freigabe), gegen ein kurzlebiges Token. \
             Was davon es ist, sagt der Parameter grant_type."
        ))
        .asks(
            "RFC 6749 §3.2",
            "https://www.rfc-editor.org/rfc/rfc6749#section-3.2",
            tr!(
                "The client presents its grant to the token endpoint, by POST, and proves who it is.",
                "Der Client legt dem Token-Endpunkt seine Erlaubnis vor, per POST, und weist sich aus."
            ),
        ),
    }
}

fn code() -> Note {
    Note::new(tr!(
        "The code came through the browser, where others may have seen it. Here it is exchanged from server to server, \
         together with the verifier that never left the sender.",
        "Der Code kam durch den Browser, wo andere ihn gesehen haben können. Hier wird er von Server zu Server getauscht, \
         zusammen mit dem Verifier, der den Absender nie verlassen hat."
    ))
    .asks(
        "RFC 6749 §4.1.3, RFC 7636 §4.6",
        "https://www.rfc-editor.org/rfc/rfc7636#section-4.6",
        tr!(
            "The code works once, for its client and redirect URI, and only with the verifier of its challenge.",
            "Der Code gilt einmal, für seinen Client und dessen Rückadresse, und nur mit dem Verifier zu seiner Challenge."
        ),
    )
    .attacked(
        "line_13",
        tr!(
            "Use the code a second time, or without the verifier: invalid_grant, and the tokens of the first use end.",
            "Den Code ein zweites Mal benutzen, oder ohne den Verifier: invalid_grant, und die ersten Tokens enden."
        ),
    )
}

fn refresh(to: Party) -> Note {
    let note = if to == Party::StockTrade {
        Note::new(tr!(
            "The vault asks StockTrade for a fresh token with the refresh token that only it holds. The new one can read, \
             but not trade.",
            "Der Tresor holt bei StockTrade ein frisches Token, mit dem Refresh Token, das nur er hat. Das neue kann lesen, \
             aber nicht handeln."
        ))
    } else {
        Note::new(tr!(
            "Mandate chat gets a token for one API of Mandate identity, named by audience, from your login there.",
            "Mandate chat holt aus deiner Anmeldung ein Token für eine einzige API von Mandate identity; audience nennt sie."
        ))
    };
    note.asks(
        "RFC 6749 §6",
        "https://www.rfc-editor.org/rfc/rfc6749#section-6",
        tr!(
            "A refresh token gives new access tokens to its own client alone, with no more scope than was granted.",
            "Ein Refresh Token gibt nur seinem eigenen Client neue Access Tokens, mit nicht mehr Rechten, als erlaubt sind."
        ),
    )
    .attacked(
        "line_15",
        tr!(
            "Ask for an API or a scope that wasn’t granted: invalid_target, or the scope is left out.",
            "Eine API oder ein Recht verlangen, das nicht erlaubt ist: invalid_target, oder das Recht fehlt."
        ),
    )
}

fn vault() -> Note {
    Note::new(tr!(
        "Mandate chat shows the vault a token of yours (your login, an app’s call, or an approval) and gets a token for \
         your account at StockTrade: for this question only, and never the grant itself.",
        "Mandate chat zeigt dem Tresor ein Token von dir (deine Anmeldung, den Aufruf einer App oder eine Freigabe) und \
         bekommt ein Token für dein Konto bei StockTrade: nur für diese Frage, und nie die Erlaubnis selbst."
    ))
    .asks(
        "RFC 8693 §2.1",
        "https://www.rfc-editor.org/rfc/rfc8693#section-2.1",
        tr!(
            "The subject token says on whose behalf the new token is asked for; its type must be named.",
            "Das subject_token sagt, in wessen Namen das neue Token verlangt wird; seine Art muss genannt sein."
        ),
    )
    .attacked(
        "line_24",
        tr!(
            "Exchange another client’s approval, or for an account that isn’t yours: refused.",
            "Die Freigabe eines anderen Clients tauschen, oder für ein fremdes Konto: abgelehnt."
        ),
    )
}

fn poll() -> Note {
    Note::new(tr!(
        "Asks whether you have decided. Until then the answer is authorization_pending; afterwards a token for exactly \
         what you approved.",
        "Fragt, ob du entschieden hast. Bis dahin ist die Antwort authorization_pending; danach ein Token für genau das, \
         was du freigegeben hast."
    ))
    .asks(
        "OpenID CIBA Core §10.1",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
        tr!(
            "The client presents the auth_req_id; it gets tokens once the person has allowed it.",
            "Der Client legt die auth_req_id vor; Tokens bekommt er, sobald die Person zugestimmt hat."
        ),
    )
    .attacked(
        "line_29",
        tr!(
            "Guess an auth_req_id, use another client’s, or ask too fast: refused, or slow_down.",
            "Eine auth_req_id raten, die eines anderen Clients benutzen, oder zu schnell fragen: abgelehnt, oder slow_down."
        ),
    )
}

fn order() -> Note {
    Note::new(tr!(
        "A token for this one order. Mandate identity shows the grant in its vault, and a statement that it signed after \
         you decided. StockTrade’s provider compares both before it issues anything.",
        "Ein Token für diesen einen Auftrag. Mandate identity zeigt die Erlaubnis aus dem Tresor und eine Aussage, die es \
         nach deiner Entscheidung signiert hat. StockTrade vergleicht beide, bevor es etwas ausstellt."
    ))
    .asks(
        "RFC 8693 §2.1, §4.1",
        "https://www.rfc-editor.org/rfc/rfc8693#section-2.1",
        tr!(
            "The subject token says on whose behalf, the actor token who acts; the new token may hold both.",
            "Das subject_token sagt, in wessen Namen, das actor_token, wer handelt; das neue Token kann beide nennen."
        ),
    )
    .attacked(
        "line_23",
        tr!(
            "Forge a statement, change its quantity, or use it twice: invalid_grant.",
            "Eine Aussage fälschen, ihre Stückzahl ändern, oder sie zweimal benutzen: invalid_grant."
        ),
    )
}

fn own_api() -> Note {
    Note::new(tr!(
        "An app’s call at /mcp needs an API of Mandate identity. Mandate chat exchanges the app’s token for one that \
         allows less. The app’s own goes no further.",
        "Der Aufruf einer App an /mcp braucht eine API von Mandate identity. Mandate chat tauscht ihr Token gegen \
         eines, das weniger erlaubt. Das der App selbst geht nicht weiter."
    ))
    .asks(
        "RFC 8693 §2.1",
        "https://www.rfc-editor.org/rfc/rfc8693#section-2.1",
        tr!(
            "A client exchanges a token that it received for one that is meant for the next server.",
            "Ein Client tauscht ein Token, das er bekam, gegen eines, das für den nächsten Server bestimmt ist."
        ),
    )
    .attacked(
        "line_24",
        tr!(
            "Exchange for an API that isn’t linked to this one: refused.",
            "Für eine API tauschen, die hiermit nichts zu tun hat: abgelehnt."
        ),
    )
}
