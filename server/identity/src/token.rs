//! The token endpoint, `POST /oauth/token`: authenticates the client and runs the grant it names.

pub(crate) mod answer;
mod authorization_code;
pub mod ciba;
pub mod exchange;
pub mod issue;
pub(crate) mod issuers;
mod on_behalf_of;
pub mod refresh_token;
pub mod vault;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
};
use serde_json::Value;
use shared::token_type::ACCESS_TOKEN;

use crate::{client::authenticate, config::Grant, error::OAuthError, params::Params, state::Identity};

pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, OAuthError> {
    let params = Params::from_body(&headers, &body?)?;
    let client = authenticate::client(&identity, &headers, &params).await?;
    let asked = params.required("grant_type")?;
    let grant = Grant::ALL.into_iter().find(|grant| grant.as_str() == asked);
    match grant.ok_or_else(OAuthError::unsupported_grant_type)? {
        Grant::AuthorizationCode => authorization_code::grant(&identity, &client, &params).await,
        Grant::RefreshToken => refresh_token::grant(&identity, &client, &params).await,
        Grant::Ciba => ciba::grant(&identity, &client, &params).await,
        Grant::Vault => vault::grant(&identity, &client, &params).await,
        Grant::TokenExchange if params.get("subject_token_type") == Some(ACCESS_TOKEN) => {
            on_behalf_of::grant(&identity, &client, &params).await
        }
        Grant::TokenExchange => exchange::grant(&identity, &client, &params).await,
    }
}
