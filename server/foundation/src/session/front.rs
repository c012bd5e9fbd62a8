//! Puts tower-sessions in front of a site's routes, and corrects what it would get wrong.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

use super::{IdentityChange, Sessions};
use crate::cookie::{Cookie, cookie, cookies};

impl Sessions {
    /// Routes whose handlers can extract a [`super::Handle`].
    pub fn layer(&self, routes: Router) -> Router {
        let library = SessionManagerLayer::new(self.clone())
            .with_name(self.cookie)
            .with_secure(self.secure)
            .with_same_site(SameSite::Lax)
            .with_expiry(Expiry::OnInactivity(Duration::milliseconds(self.total_ms)));
        routes.layer(library).layer(from_fn_with_state(self.clone(), in_front))
    }
}

/// Passes one cookie with the site's name, and only if it can be an id: two count as none (THREATS.md line 52), and
/// junk causes no warning.
async fn in_front(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let shadowed = cookie(headers, sessions.cookie) == Cookie::Many;
    // One of them is the browser's own, which a logout must end.
    let all_of_them = if shadowed { Some(headers.clone()) } else { None };
    let ours = sessions.id(headers).map(|id| format!("{}={id}", sessions.cookie));
    // The library decodes names: `__Host%2Dmandate_agent` would count as the site's own cookie, without the browser's
    // protection.
    let others = cookies(headers).filter(|(name, _)| *name != sessions.cookie && !name.contains('%'));
    let all: Vec<String> = others.map(|(name, value)| format!("{name}={value}")).chain(ours).collect();
    headers.remove(header::COOKIE);
    if !all.is_empty()
        && let Ok(value) = HeaderValue::from_str(&all.join("; "))
    {
        headers.insert(header::COOKIE, value);
    }
    let mut response = next.run(request).await;
    let logged_out = response.extensions().get::<IdentityChange>() == Some(&IdentityChange::LoggedOut);
    if let Some(all) = all_of_them.filter(|_| logged_out)
        && let Err(error) = end_all(&sessions, &all).await
    {
        crate::sparsely!(error, %error, "a session couldn't be ended at a logout");
    }
    let headers = response.headers_mut();
    drop_removal(headers, sessions.cookie);
    if shadowed && (logged_out || is_page(headers)) && !sets(headers, sessions.cookie) {
        headers.append(header::SET_COOKIE, sessions.forget());
    }
    response
}

/// Ends the sessions of all cookies with the site's name.
async fn end_all(sessions: &Sessions, headers: &HeaderMap) -> Result<(), sqlx::Error> {
    for session in sessions.of_all_cookies(headers).await? {
        let mut db = sessions.pool.acquire().await?;
        sessions.end(&mut db, &session.id).await?;
    }
    Ok(())
}

/// Drops the library's own removal of the cookie. It lacks `Secure`, and appears whenever an id is unknown: in a late
/// response, it would remove the cookie of a login that another tab finished in the meantime.
fn drop_removal(headers: &mut HeaderMap, name: &str) {
    let is_removal = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default();
        names(value, name) && text.contains("Expires=")
    };
    if !headers.get_all(header::SET_COOKIE).iter().any(is_removal) {
        return;
    }
    let kept: Vec<HeaderValue> =
        headers.get_all(header::SET_COOKIE).iter().filter(|value| !is_removal(value)).cloned().collect();
    headers.remove(header::SET_COOKIE);
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
}

fn sets(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(header::SET_COOKIE).iter().any(|value| names(value, name))
}

fn names(value: &HeaderValue, name: &str) -> bool {
    value.to_str().is_ok_and(|text| text.split_once('=').is_some_and(|(found, _)| found == name))
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
