//! Access tokens of the API: JWTs of the broker's own provider (RFC 9068), only in the `Authorization` header.

mod active;

use foundation::{
    axum::http::HeaderMap,
    bearer::{NoBearer, bearer},
    jwt::{Expect, JwtError},
    trace,
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use shared::act::Act;

use crate::{account, error::Error, state::Broker, store::account::AccountRow};

/// A verified token.
#[derive(Debug)]
pub(crate) struct Token {
    /// The client that the token was issued to.
    pub(crate) client: String,
    pub(crate) claims: Claims,
}

/// The token's claims. Every claim that matters is named, so that a duplicate is refused rather than read in two ways.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    #[serde(rename = "aud")]
    _aud: IgnoredAny,
    #[serde(rename = "exp")]
    _exp: IgnoredAny,
    azp: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    scope: String,
    /// The approval's id at its issuer.
    pub(crate) txn: Option<String>,
    /// As signed: only the text still shows a duplicate key.
    pub(crate) authorization_details: Option<Box<RawValue>>,
    /// When the person decided, in seconds since 1970.
    pub(crate) auth_time: Option<i64>,
    pub(crate) binding_message: Option<String>,
    pub(crate) act: Option<Act>,
}

/// The token of a request, if it has the scope, and its person's account.
pub(crate) async fn account(
    broker: &Broker,
    headers: &HeaderMap,
    scope: &'static str,
) -> Result<(Token, AccountRow), Error> {
    let token = verify(broker, headers).await?;
    if !token.claims.scope.split(' ').any(|granted| granted == scope) {
        return Err(Error::Scope(scope));
    }
    let account = account::of_person(broker, &token.claims.iss, &token.claims.sub).await?;
    Ok((token, account))
}

async fn verify(broker: &Broker, headers: &HeaderMap) -> Result<Token, Error> {
    let text = bearer(headers).map_err(|error| match error {
        NoBearer::Missing | NoBearer::OtherScheme => Error::NoToken,
        NoBearer::NotOne => Error::BadToken(JwtError::Invalid),
    })?;
    let text = text.token();
    let audience = broker.inner.config.site.at("api");
    let expect = Expect { iss: &broker.inner.config.login.issuer, aud: &audience, typ: "at+jwt", expired_too: false };
    let now = broker.inner.parts.clock.seconds();
    let claims: Claims = broker.inner.keys.verify(text, expect, now).await.map_err(Error::BadToken)?;
    let client = match (&claims.azp, &claims.client_id) {
        (Some(azp), Some(client_id)) if azp != client_id => None,
        (azp, client_id) => client_id.clone().or_else(|| azp.clone()),
    };
    match client {
        Some(client) if !claims.sub.is_empty() => {
            trace::person(&claims.sub);
            active::check(broker, text).await?;
            Ok(Token { client, claims })
        }
        _ => Err(Error::BadToken(JwtError::Invalid)),
    }
}
