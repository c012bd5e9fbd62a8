//! The content of a request: details of a registered type, or, where an API allows approvals without details, some of
//! its scopes with the caller's message.

use std::sync::Arc;

use axum::http::StatusCode;
use details::{Detail, Language, Refused, Row, Sheet, Type, What, read};
use foundation::tr;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::words;
use crate::{
    authorize::audience::IDENTITY, client::Client, config::Api, error::OAuthError, params::Params, state::Identity,
    store::approval,
};

/// The content that the person is asked to approve. Its canonical form is stored, and the decision names its digest.
#[derive(Clone, Debug)]
pub(crate) enum Requested {
    Detail(Detail),
    Scopes(Scopes),
}

/// Access to an API without details.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scopes {
    pub(crate) audience: String,
    /// The caller's own text (`binding_message`).
    pub(crate) message: String,
    /// Separated by spaces, in the API's order.
    pub(crate) scope: String,
}

/// Why a stored request can't be shown or used any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("its API no longer takes approvals without details, or no longer has these scopes")]
    Api,
}

impl Requested {
    /// Reads the details, or without them the scopes and the message, of a request at this API (`None`: the vault).
    ///
    /// # Errors
    /// `invalid_authorization_details`, `invalid_scope`, `invalid_binding_message`.
    pub(super) fn read(
        identity: &Identity,
        client: &Client,
        api: Option<&Api>,
        params: &Params,
    ) -> Result<Self, OAuthError> {
        let message = params.get("binding_message").unwrap_or_default();
        let Some(details) = params.get("authorization_details") else {
            let api = api.ok_or_else(|| invalid_details("authorization_details is missing".into()))?;
            return Scopes::read(client, api, params, message).map(Self::Scopes);
        };
        let kind = |name: &str| match api {
            Some(api) => api.types.iter().find(|kind| kind.name == name).cloned(),
            None => identity.detail_type(name),
        };
        let detail = read::read_one(details, kind).map_err(|refused| invalid_details(refused.to_string()))?;
        if words::is_plain_code(message) {
            return Ok(Self::Detail(detail));
        }
        Err(invalid_message("binding_message must hold 1 to 64 letters, digits, spaces or +-_.,:#"))
    }

    /// Reads the content stored with a request.
    ///
    /// # Errors
    /// If the current configuration refuses it. Nobody can then see or use the request.
    pub(crate) fn of(identity: &Identity, row: &approval::Row) -> Result<Self, Unreadable> {
        // Details always have a `type`, which `Scopes` doesn't.
        if let Ok(scopes) = serde_json::from_str::<Scopes>(&row.detail) {
            let api = identity.api(&scopes.audience).filter(|api| api.without_details);
            let offers = |api: &&Api| scopes.scope.split(' ').all(|scope| api.offers(scope));
            return api.filter(offers).map(|_| Self::Scopes(scopes)).ok_or(Unreadable::Api);
        }
        let detail = read::read_one(&format!("[{}]", row.detail), |name| identity.detail_type(name))?;
        let detail = detail.in_language(tr!(Language::English, Language::German));
        Ok(Self::Detail(detail))
    }

    /// The form that is stored and hashed.
    pub(super) fn canonical(&self) -> String {
        match self {
            Self::Detail(detail) => detail.canonical(),
            // Can't fail: three texts, in the order of their names (RFC 8785).
            Self::Scopes(scopes) => serde_json::to_string(scopes).unwrap_or_default(),
        }
    }

    pub(super) fn json(&self) -> Value {
        match self {
            Self::Detail(detail) => detail.json(),
            Self::Scopes(scopes) => json!(scopes),
        }
    }

    pub(crate) fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Detail(detail) => Some(detail),
            Self::Scopes(_) => None,
        }
    }

    pub(super) fn kind(&self) -> Option<&Arc<Type>> {
        self.detail().map(Detail::kind)
    }

    /// The scopes of its API that it needs, separated by spaces.
    pub(super) fn scope(&self) -> &str {
        match self {
            Self::Detail(detail) => &detail.kind().scope,
            Self::Scopes(scopes) => &scopes.scope,
        }
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Detail(one), Self::Detail(other)) => one.is_same_as(other),
            (Self::Scopes(_), Self::Scopes(_)) => self.canonical() == other.canonical(),
            _ => false,
        }
    }

    /// In a few words: `Buy 5 WAYNE`, `Access to Rooms`.
    pub(super) fn title(&self, identity: &Identity) -> String {
        match self {
            Self::Detail(detail) => detail.title(),
            Self::Scopes(scopes) => {
                let api = identity.api(&scopes.audience);
                let api = api.map_or(scopes.audience.as_str(), |api| &api.title);
                tr!(format!("Access to {api}"), format!("Zugriff auf {api}"))
            }
        }
    }
}

impl Scopes {
    fn read(client: &Client, api: &Api, params: &Params, message: &str) -> Result<Self, OAuthError> {
        if !api.without_details {
            let why = "authorization_details is missing: this API takes no approvals without details";
            return Err(invalid_details(why.into()));
        }
        let asked: Vec<&str> = params.get("scope").unwrap_or_default().split_whitespace().collect();
        let may = |scope: &str| api.offers(scope) && client.scopes.iter().any(|it| it == scope);
        if let Some(scope) = asked.iter().find(|scope| !IDENTITY.contains(scope) && !may(scope)) {
            return Err(OAuthError::invalid_scope(format!("This client may not have the scope {scope} at this API")));
        }
        let scopes = api.scopes.iter().map(|(scope, _)| scope.as_str()).filter(|scope| asked.contains(scope));
        let scope = scopes.collect::<Vec<_>>().join(" ");
        if scope.is_empty() {
            let why = "Without authorization_details, scope must hold what the person is asked to approve";
            return Err(OAuthError::invalid_scope(why));
        }
        if !words::is_plain_message(message) {
            return Err(invalid_message("binding_message must hold 1 to 64 visible characters"));
        }
        Ok(Self { audience: api.audience.clone(), message: message.to_owned(), scope })
    }

    /// Each scope in the API's words, and how long the access lasts.
    pub(super) fn sheet(&self, identity: &Identity) -> Sheet {
        let row = |label: &str, words: String, is_strong| Row {
            label: label.to_owned(),
            words: Some(words),
            name: None,
            beside: None,
            what: What::Member,
            is_strong,
        };
        let has = |scope: &str| self.scope.split(' ').any(|it| it == scope);
        let words = identity.api(&self.audience).map(|api| api.in_words(has)).unwrap_or_default();
        let mut rows: Vec<Row> = words.into_iter().map(|words| row(tr!("Allows", "Erlaubt"), words, true)).collect();
        let ends = tr!("10 minutes after you approve it", "10 Minuten nach deiner Freigabe");
        rows.push(row(tr!("Ends", "Endet"), ends.into(), false));
        Sheet { rows, ..Sheet::default() }
    }
}

fn invalid_details(why: String) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, "invalid_authorization_details", why)
}

fn invalid_message(why: &'static str) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, "invalid_binding_message", why)
}

impl From<Unreadable> for OAuthError {
    fn from(_: Unreadable) -> Self {
        Self::invalid_grant("What was approved can't be read any more; ask again")
    }
}
