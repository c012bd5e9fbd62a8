//! An authorization request that passed every check, and how it is stored while the person logs in or consents.

use foundation::session::Session;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::state::Identity;

/// A valid authorization request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) audience: String,
    /// The requested scopes that the client may have.
    pub(crate) scopes: Vec<String>,
    pub(crate) code_challenge: String,
    pub(crate) nonce: Option<String>,
    /// `prompt=none`: no page may be shown.
    pub(crate) silent: bool,
    /// `prompt=login` or `max_age=0`: the person has to log in again.
    pub(crate) login_again: bool,
    /// `prompt=consent`
    pub(crate) consent_again: bool,
    /// In seconds.
    pub(crate) max_age: Option<i64>,
    pub(crate) login_hint: Option<String>,
    /// `screen_hint=signup` (Auth0's): shows the registration first.
    #[serde(default)]
    pub(crate) signup_first: bool,
    /// The person of the `id_token_hint`.
    pub(crate) hinted: Option<String>,
    /// When the request arrived, in milliseconds since 1970. A session that began later is a fresh login.
    pub(crate) asked_at: i64,
}

/// The step that continues after the login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Pending {
    Authorize(Box<AuthorizationRequest>),
    /// A path of this site.
    Path(String),
}

const KIND: &str = "pending";
/// How long a person may take, in milliseconds.
const LIFETIME: i64 = 3_600_000;

impl Pending {
    /// Stores it, sealed, for this browser: for its session, and for those that follow it after a login.
    pub(crate) async fn put(
        &self,
        identity: &Identity,
        db: &mut AnyConnection,
        session: &Session,
    ) -> Result<String, sqlx::Error> {
        identity.one_time.put(db, KIND, &session.visitor, self, LIFETIME).await
    }

    /// Reads it for a page. `None` if it is unknown, another browser's, completed or expired.
    pub(crate) async fn look(
        identity: &Identity,
        db: &mut AnyConnection,
        session: &Session,
        token: &str,
    ) -> Result<Option<Self>, sqlx::Error> {
        identity.one_time.look(db, KIND, &session.visitor, token).await
    }

    /// Passes it on to the session that follows.
    pub(crate) async fn hand_over(
        identity: &Identity,
        db: &mut AnyConnection,
        (old, new): (&Session, &Session),
        token: &str,
    ) -> Result<(), sqlx::Error> {
        if old.visitor == new.visitor {
            return Ok(());
        }
        identity.one_time.hand_over(db, KIND, (&old.visitor, &new.visitor), token).await
    }

    /// Takes it to finish it. Of any number of concurrent attempts, exactly one gets it.
    pub(crate) async fn take(
        identity: &Identity,
        db: &mut AnyConnection,
        session: &Session,
        token: &str,
    ) -> Result<Option<Self>, sqlx::Error> {
        identity.one_time.take(db, KIND, &session.visitor, token).await
    }
}
