//! Steps 1 and 2: stores the request with its key and its code, then asks the identity service.

use foundation::{ExposeSecret, SecretString, http::HttpError, secret, tr};
use reqwest::StatusCode;
use serde::Deserialize;
use url::Url;

use super::{
    poll::LONGEST,
    state::{ApprovalError, ping_place, token_place},
};
use crate::{
    identity::{self, IdentityError, discovery},
    state::Agent,
    store::approval::Approval,
    tools::{Caller, Prepared, configured::call},
};

/// The identity service's answer to an approval request.
#[derive(Clone, Debug)]
pub struct Requested {
    pub auth_req_id: SecretString,
    /// Milliseconds since 1970 (UTC).
    pub expires_at: i64,
    pub interval_ms: i64,
    /// Whether the person can give themselves more time.
    pub is_extendable: bool,
    /// The approval page.
    pub page: String,
    /// The id of the approval, under which the order is placed.
    pub txn: String,
}

/// Step 1: a new approval, claimed by this process and stored before anybody is asked. At `/mcp`, the person and the
/// client identify the asker; in the chat, the thread does, and the approval has the id of its call.
///
/// # Errors
/// If it can't be serialized.
pub(crate) fn prepare(
    agent: &Agent,
    id: String,
    asker: String,
    caller: &Caller,
    prepared: &Prepared,
    held_until: i64,
) -> Result<Approval, serde_json::Error> {
    let token = secret::token();
    let mut new = Approval {
        asker,
        prepared: serde_json::to_string(prepared)?,
        key: secret::token(),
        code: secret::binding_code(),
        ping_hash: secret::hash(&token),
        ping_token: agent.sealer.seal(&ping_place(&id), &token),
        asked_at: agent.clock.now(),
        interval_ms: 5_000,
        owner: Some(agent.instance.lease(&id).owner),
        due_at: held_until,
        id,
        ..Approval::default()
    };
    match caller {
        // A visitor has to log in before anything is prepared.
        Caller::Visitor => new.person = Some(String::new()),
        Caller::Person { person, .. } => new.person = Some(person.clone()),
        Caller::Mcp { subject, client, token, .. } => {
            new.subject = Some(subject.clone());
            new.client = Some(client.clone());
            new.token = Some(agent.sealer.seal(&token_place(&new.id), token.expose_secret()));
        }
    }
    Ok(new)
}

/// Step 2. The same `key` returns the same answer.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn request(
    agent: &Agent,
    caller: &Caller,
    prepared: &Prepared,
    key: &str,
    notification_token: &str,
    code: &str,
) -> Result<Requested, ApprovalError> {
    #[derive(Deserialize)]
    struct Answer {
        auth_req_id: String,
        expires_in: i64,
        interval: Option<i64>,
        extendable_by: Option<i64>,
        approval_uri: Option<String>,
        #[serde(default)]
        txn: String,
    }
    let (subject, on_behalf_of) = match caller {
        Caller::Visitor => return Err(IdentityError::Login.into()),
        Caller::Person { subject, .. } => (subject, None),
        Caller::Mcp { subject, token, .. } => (subject, Some(token)),
    };
    let discovery = discovery::of(agent).await?;
    let endpoint = discovery.backchannel()?;
    let issuer = agent.issuer();
    // OpenID Connect CIBA Core §7.1; the hint has Auth0's format.
    let hint = serde_json::json!({ "format": "iss_sub", "iss": issuer, "sub": subject }).to_string();
    let audience = audience(agent, prepared).unwrap_or_else(|| format!("{}/vault/", issuer.trim_end_matches('/')));
    let details = serde_json::to_string(&[&prepared.detail]).map_err(|_| {
        ApprovalError::Final(
            tr!("The request can’t be written down.", "Die Anfrage lässt sich nicht aufschreiben.").into(),
        )
    })?;
    let mut fields = vec![
        ("scope", "openid"),
        ("audience", audience.as_str()),
        ("login_hint", hint.as_str()),
        ("binding_message", code),
        ("authorization_details", details.as_str()),
        ("client_notification_token", notification_token),
    ];
    fields.extend(prepared.agent_message.as_deref().map(|message| ("agent_message", message)));
    if on_behalf_of.is_none() {
        // Requests that answer one message share a code and an approval page.
        fields.push(("request_group", code));
    }
    fields.extend(on_behalf_of.map(|token| ("on_behalf_of_token", token.expose_secret())));
    let asked_at = agent.clock.now();
    let request =
        identity::form(agent, endpoint, identity::client(agent, caller), &fields).header("idempotency-key", key);
    let answer: Answer = agent.http.json(request).await.map_err(|error| not_asked(&error, caller))?;
    Ok(Requested {
        auth_req_id: answer.auth_req_id.into(),
        expires_at: asked_at + answer.expires_in.clamp(1, LONGEST) * 1000,
        interval_ms: answer.interval.unwrap_or(5).clamp(1, 60) * 1000,
        is_extendable: answer.extendable_by.is_some(),
        page: page(issuer, answer.approval_uri),
        txn: answer.txn,
    })
}

/// The audience of the approval token, if the identity service issues tokens for the API itself. Approvals for an
/// account at another provider go through the vault.
fn audience(agent: &Agent, prepared: &Prepared) -> Option<String> {
    let tool = call::find(agent, prepared.tool.as_deref()?)?;
    let own = agent.config.connection_to(&tool.api).is_none();
    agent.config.api(&tool.api).filter(|_| own).map(|api| api.audience.clone())
}

/// The page where the person decides: the one the identity service named, if it is on the issuer's origin (THREATS.md
/// line 41).
fn page(issuer: &str, named: Option<String>) -> String {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    let own = |named: &String| origin(named).is_some() && origin(named) == origin(issuer);
    named.filter(own).unwrap_or_else(|| format!("{}/approvals", issuer.trim_end_matches('/')))
}

fn not_asked(error: &HttpError, caller: &Caller) -> ApprovalError {
    let code = error.oauth_error();
    if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
        let when = match error.retry_after() {
            Some(seconds @ 1..=90) => format!("in {seconds} s"),
            Some(seconds @ 91..) => format!("in {} {}", seconds.div_ceil(60), tr!("minutes", "Minuten")),
            _ => tr!("in a few minutes", "in einigen Minuten").into(),
        };
        return ApprovalError::Final(tr!(
            format!(
                "Too many requests for approval wait or were made lately, so this one was not made. Decide or withdraw \
                 those that wait, then ask again {when}."
            ),
            format!(
                "Zu viele Anfragen warten auf eine Freigabe oder kamen kurz nacheinander, deshalb wurde diese nicht \
                 gestellt. Entscheide die wartenden oder zieh sie zurück, und frag dann {when} noch einmal."
            )
        ));
    }
    // A refusal without a code comes from a proxy, and a client secret may be changing: both may be temporary.
    if identity::is_trouble(error) || matches!(code, "" | "invalid_client") {
        return ApprovalError::Retry(identity::trouble(error));
    }
    tracing::warn!(code, status = ?error.status(), "a request for approval was refused");
    ApprovalError::Final(match code {
        "access_denied" if matches!(caller, Caller::Mcp { .. }) => {
            "The person has blocked this app from asking for approvals, so nothing was asked. They can unblock it where \
             they give approvals, under Blocked apps."
                .into()
        }
        "access_denied" => tr!(
            "You have blocked this agent from asking for approvals, so nothing was asked. You can unblock it where \
             approvals are given.",
            "Du hast diesen Agenten blockiert, deshalb wurdest du nicht gefragt. Du kannst ihn bei deinen Freigaben \
             wieder zulassen, unter Blockierte Apps."
        )
        .into(),
        "not_an_approver" if matches!(caller, Caller::Mcp { .. }) => {
            "The person may not approve for this API, so nothing was asked. Its operator decides who may.".into()
        }
        "not_an_approver" => tr!(
            "You may not approve for this API, so nothing was asked. Its operator decides who may.",
            "Du darfst für diese API nichts freigeben, deshalb wurdest du nicht gefragt. Wer es darf, entscheidet ihr Betreiber."
        )
        .into(),
        "unknown_user_id" | "expired_login_hint_token" | "invalid_grant" | "invalid_token" => tr!(
            "The identity service no longer accepts this login, so nothing was asked. Log in again, then repeat it.",
            "Mandate identity nimmt diese Anmeldung nicht mehr an, deshalb wurdest du nicht gefragt. Melde dich neu an, \
             und versuch es noch einmal."
        )
        .into(),
        "federated_connection_refresh_token_not_found" => tr!(
            "The account is not connected, so nothing was asked.",
            "Das Konto ist nicht verbunden, deshalb wurdest du nicht gefragt."
        )
        .into(),
        _ => tr!(
            "The identity service didn’t take this request for approval, so nothing was asked.",
            "Mandate identity hat diese Anfrage nicht angenommen, deshalb wurdest du nicht gefragt."
        )
        .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::page;

    /// THREATS.md line 41: the link beside the code leads only to the identity service.
    #[test]
    fn line_41_the_approval_page_is_one_of_the_identity_service() {
        let issuer = "http://localhost:3001/";
        let named = |uri: &str| page(issuer, Some(uri.into()));
        assert_eq!(named("http://localhost:3001/approvals/apr_1"), "http://localhost:3001/approvals/apr_1");
        for evil in [
            "http://evil.example/approvals/apr_1",
            "https://localhost:3001/approvals/apr_1",
            "http://localhost:3001@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "/approvals/apr_1",
            "",
        ] {
            assert_eq!(named(evil), "http://localhost:3001/approvals", "{evil}");
        }
        assert_eq!(page(issuer, None), "http://localhost:3001/approvals");
    }
}
