//! Registration of an account, if the settings allow it.

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use foundation::{
    lang,
    limit::Peer,
    session::{Handle, Session},
    tr,
};

use super::{
    password,
    session::{self, Proved},
};
use crate::{
    authorize::step::Came,
    client::name,
    config::LoginBy,
    error::PageError,
    login::posted::{self, Asked},
    page::View,
    state::Identity,
    store,
};

/// `GET /u/signup`
pub(crate) async fn page(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    Query(Asked { request: token, .. }): Query<Asked>,
) -> Result<Response, PageError> {
    open(&identity)?;
    if token.is_empty() {
        return Ok(session::require("/"));
    }
    let (session, _) = posted::opened(&identity, &handle, &headers, &token).await?;
    Ok(show(&identity, StatusCode::OK, &session, token, "", "", None))
}

/// `POST /u/signup`
pub(crate) async fn submit(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    peer: Peer,
    body: Bytes,
) -> Result<Response, PageError> {
    open(&identity)?;
    let (session, _, token, params) = posted::checked_at_login(&identity, &handle, &headers, &body).await?;
    let name = params.get("name").unwrap_or_default().trim();
    let email = params.get("email").unwrap_or_default().trim();
    let chosen = params.get("password").unwrap_or_default();
    let again = |status, error: &str| Ok(show(&identity, status, &session, token.clone(), name, email, Some(error)));
    if let Err(wrong) = check_name(name).and_then(|()| check_email(email)).and_then(|()| password::check(chosen, email))
    {
        return again(StatusCode::BAD_REQUEST, wrong);
    }
    if identity.limits.signup.take(peer.as_str()).await?.is_err() {
        return again(
            StatusCode::TOO_MANY_REQUESTS,
            tr!(
                "Too many new accounts from here. Try again in a few minutes.",
                "Zu viele neue Konten von hier. Versuch es in ein paar Minuten noch einmal."
            ),
        );
    }
    let hash = password::hash(&identity, chosen.to_owned()).await.map_err(|error| {
        tracing::error!(error, "a password couldn't be hashed");
        PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            tr!("Something went wrong", "Etwas ist schiefgegangen"),
            tr!(
                "That’s on our side. No account was made; try again in a moment.",
                "Das liegt an uns. Kein Konto wurde eröffnet; versuch es gleich noch einmal."
            ),
        )
    })?;
    let mut db = identity.db.pool().acquire().await?;
    let made = if identity.config.shut_out.contains(&email.to_lowercase()) {
        None
    } else {
        store::person::with_password(&mut db, identity.issuer(), name, email, &hash, identity.clock.now()).await?
    };
    drop(db);
    match made {
        Some(person) => {
            session::finish(&identity, (&handle, &session), &person, Proved::default(), &token, Came::ByForm).await
        }
        None => again(
            StatusCode::BAD_REQUEST,
            tr!(
                "No account can be made with this e-mail. Is it yours? Then log in.",
                "Mit dieser E-Mail kann kein Konto eröffnet werden. Ist es deine? Dann melde dich an."
            ),
        ),
    }
}

fn open(identity: &Identity) -> Result<(), PageError> {
    match identity.config.login {
        LoginBy::Password { signup: true } => Ok(()),
        _ => Err(PageError::not_found()),
    }
}

fn check_name(text: &str) -> Result<(), &'static str> {
    let fine = (1..=80).contains(&text.chars().count()) && !name::is_hidden_in(text);
    if fine {
        Ok(())
    } else {
        Err(tr!("A name has 1 to 80 letters that can be seen.", "Ein Name hat 1 bis 80 sichtbare Zeichen."))
    }
}

/// Checks for a plausible email address. It isn't verified yet.
fn check_email(text: &str) -> Result<(), &'static str> {
    let fine = text.len() <= 254
        && text.bytes().all(|b| b.is_ascii_graphic() && !b"<>\"'(),;:\\".contains(&b))
        && matches!(text.split('@').collect::<Vec<_>>()[..],
            [local, domain] if !local.is_empty() && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty()));
    if fine { Ok(()) } else { Err(tr!("That is no e-mail address.", "Das ist keine E-Mail-Adresse.")) }
}

fn show(
    identity: &Identity,
    status: StatusCode,
    session: &Session,
    request: String,
    name: &str,
    email: &str,
    error: Option<&str>,
) -> Response {
    lang::answers_at(format!("/u/signup?request={request}"));
    let view = View::Signup {
        csrf_token: identity.sessions.login_csrf_token(&session.visitor),
        request,
        name: name.to_owned(),
        email: email.to_owned(),
        error: error.map(str::to_owned),
    };
    identity.page(status, None, view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signup_refuses_an_unreachable_email_address() {
        assert!(check_email("carol@example.com").is_ok());
        for wrong in
            ["", "carol", "@example.com", "carol@", "carol@example", "a@b@c.de", "a b@c.de", "<a>@b.cd", "a@.de"]
        {
            assert!(check_email(wrong).is_err(), "{wrong}");
        }
    }
}
