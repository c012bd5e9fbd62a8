//! The authorization code flow at a provider of OAuth 2 without OpenID (RFC 6749 §4.1). Instead of an ID token, an
//! endpoint of the provider identifies the account.

use foundation::{
    ExposeSecret, SecretString,
    http::HttpError,
    login::{Callback, LoginError},
    secret,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{connected::Connected, revocation};
use crate::{
    config::OAuth,
    state::Identity,
    store::outbox,
    vault::{Answer, Provider},
};

/// How long a person may take at the provider, in milliseconds.
const LIFETIME: i64 = 1_800_000;
/// The longest id of an account, and the longest name, in characters.
const LONGEST: usize = 255;

#[derive(Serialize, Deserialize)]
struct Begun {
    verifier: String,
    asked: Vec<String>,
    carry: String,
}

/// Begins the flow in a browser, and returns the provider's address for it.
///
/// # Errors
/// If the database fails, or the configured address isn't valid.
pub(super) async fn begin(
    identity: &Identity,
    (provider, oauth): (&Provider, &OAuth),
    browser: &str,
    scopes: &[&str],
    extra: &[(&str, &str)],
    carry: &str,
) -> Result<Url, LoginError> {
    let settings = &provider.connection.settings;
    let mut url = Url::parse(&oauth.authorization_endpoint).map_err(|_| LoginError::NotYours)?;
    let verifier = secret::token();
    let challenge = secret::hash(&verifier);
    let asked = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let begun = Begun { verifier, asked, carry: carry.to_owned() };
    let mut db = identity.db.pool().acquire().await?;
    let state = identity.one_time.put(&mut db, &kind(provider), browser, &begun, LIFETIME).await?;
    drop(db);
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", &settings.redirect_uri)
        .append_pair("state", &state);
    if !scopes.is_empty() {
        query.append_pair("scope", &oauth.join(scopes));
    }
    if oauth.pkce {
        query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
    }
    query.extend_pairs(extra);
    drop(query);
    Ok(url)
}

/// Finishes the flow: uses up the state, exchanges the code, and reads the account's id. If the id can't be read,
/// revokes the grant.
///
/// # Errors
/// See [`LoginError`].
pub(super) async fn finish(
    identity: &Identity,
    (provider, oauth): (&Provider, &OAuth),
    browser: &str,
    callback: Callback,
) -> Result<Connected, LoginError> {
    let state = callback.state.ok_or(LoginError::NotYours)?;
    let mut db = identity.db.pool().acquire().await?;
    let begun: Option<Begun> = identity.one_time.take(&mut db, &kind(provider), browser, &state).await?;
    drop(db);
    let begun = begun.ok_or(LoginError::NotYours)?;
    // RFC 9207 §2.4: an answer of another issuer is a mix-up, and so is one without an issuer if this provider names
    // itself. Whether it does or not, each connection has its own redirect URI (RFC 9700 §4.4.2).
    if oauth.iss.is_some() && callback.iss != oauth.iss {
        return Err(LoginError::NotYours);
    }
    if let Some(error) = callback.error {
        let plain = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
        return Err(LoginError::Refused(plain));
    }
    let code = callback.code.ok_or(LoginError::NotYours)?;
    let failed = |error: HttpError| failed(provider, &error);
    let verifier = oauth.pkce.then_some(begun.verifier.as_str());
    let (answer, body) = provider.code(&identity.http, &code, verifier).await.map_err(failed)?;
    let Some(grant) = grant(oauth, &answer) else {
        return Ok(connected(provider, begun, (String::new(), None), (None, None), &answer));
    };
    let expires_in = answer.expires_in.filter(|_| !oauth.refresh_tokens);
    let expires_at = expires_in.map(|seconds| identity.clock.now().saturating_add(seconds.saturating_mul(1000)));
    match account(identity, (provider, oauth), &answer, body).await {
        Ok(account) => Ok(connected(provider, begun, account, (Some(grant), expires_at), &answer)),
        Err(error) => {
            let mut db = identity.db.writer().await?;
            outbox::insert(&mut *db, &revocation::about(identity, &provider.connection.name, &grant)).await?;
            drop(db);
            identity.desk.due.notify_one();
            Err(error)
        }
    }
}

fn grant(oauth: &OAuth, answer: &Answer) -> Option<SecretString> {
    if oauth.refresh_tokens { answer.refresh_token.clone() } else { Some(answer.access_token.clone()) }
}

fn connected(
    provider: &Provider,
    begun: Begun,
    (subject, name): (String, Option<String>),
    (grant, expires_at): (Option<SecretString>, Option<i64>),
    answer: &Answer,
) -> Connected {
    // RFC 6749 §5.1: an answer without scopes grants those that were asked for.
    let granted = answer.scope.as_ref().map(|scopes| scopes.split_whitespace().map(str::to_owned).collect());
    Connected {
        issuer: provider.connection.settings.issuer.clone(),
        subject,
        name,
        grant,
        expires_at,
        scopes: granted.unwrap_or(begun.asked),
        carry: begun.carry,
    }
}

/// The id and the name of the account.
async fn account(
    identity: &Identity,
    (provider, oauth): (&Provider, &OAuth),
    answer: &Answer,
    body: Value,
) -> Result<(String, Option<String>), LoginError> {
    let told = match &oauth.account.url {
        None => body,
        Some(url) => {
            let request = identity.http.client().get(url).bearer_auth(answer.access_token.expose_secret());
            let request = request.header(reqwest::header::ACCEPT, "application/json");
            identity.http.json(request).await.map_err(|error| failed(provider, &error))?
        }
    };
    let id = match told.pointer(&oauth.account.id) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    if id.is_empty() || id.chars().count() > LONGEST {
        tracing::warn!(connection = provider.connection.name, "the provider's answer has no account id");
        return Err(LoginError::Invalid(provider.connection.title.clone()));
    }
    let name = oauth.account.name.as_ref().and_then(|at| told.pointer(at)).and_then(Value::as_str);
    let name = name.map(|name| name.chars().filter(|c| !c.is_control()).take(LONGEST).collect::<String>());
    Ok((id, name.filter(|name| !name.trim().is_empty())))
}

fn failed(provider: &Provider, error: &HttpError) -> LoginError {
    // The provider's own text isn't logged (THREATS.md line 65).
    tracing::warn!(connection = provider.connection.name, %error, "an account couldn't be connected");
    let title = provider.connection.title.clone();
    match error {
        HttpError::Refused(status, _) if status.is_client_error() => LoginError::Invalid(title),
        HttpError::NotJson(_) | HttpError::TooLong => LoginError::Invalid(title),
        _ => LoginError::Unreachable(title),
    }
}

fn kind(provider: &Provider) -> String {
    format!("connect {}", provider.connection.name)
}
