//! Placeholder: this grant is not offered yet.

use axum::Json;
use serde_json::Value;

use super::Params;
use crate::{Tenant, client::Client, error::OAuthError};

pub async fn grant(_: &Tenant, _: &Client, _: &Params) -> Result<Json<Value>, OAuthError> {
    Err(OAuthError::unsupported_grant_type())
}
