//! The metadata document (OpenID Connect Discovery §3, RFC 8414 §2), which lists only what this instance supports, the
//! registered types of `authorization_details`, and the public keys.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use foundation::lang::Lang;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use crate::{authorize::audience::IDENTITY, config::Grant, resource::is_same, state::Identity};

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`, with or without a path after
/// it (RFC 8414 §3.1), since some clients append one.
pub(crate) async fn document(State(identity): State<Identity>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=60")], Json(metadata(&identity))).into_response()
}

fn metadata(identity: &Identity) -> Value {
    let site = &identity.config.site;
    let offered = |grant: &Grant| {
        let usual = matches!(grant, Grant::AuthorizationCode | Grant::RefreshToken);
        usual || identity.config.clients.iter().any(|client| client.grants.contains(grant))
    };
    let grants: Vec<&str> = Grant::ALL.iter().filter(|grant| offered(grant)).map(|grant| grant.as_str()).collect();
    let confidential = ["client_secret_basic", "client_secret_post"];
    let all = ["client_secret_basic", "client_secret_post", "none"];
    let mut document = json!({
        "issuer": identity.issuer(),
        "authorization_endpoint": site.at("authorize"),
        "token_endpoint": site.at("oauth/token"),
        "userinfo_endpoint": site.at("userinfo"),
        "jwks_uri": site.at(".well-known/jwks.json"),
        "revocation_endpoint": site.at("oauth/revoke"),
        "introspection_endpoint": site.at("oauth/introspect"),
        "end_session_endpoint": site.at("oidc/logout"),
        "scopes_supported": scopes(identity),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": all,
        "revocation_endpoint_auth_methods_supported": all,
        "introspection_endpoint_auth_methods_supported": all,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported":
            [
                "aud", "auth_time", "email", "email_verified", "exp", "iat", "iss", "name", "nickname", "nonce", "picture",
                "at_hash", "sid", "sub", "locale"
            ],
        "ui_locales_supported": Lang::ALL.map(Lang::tag),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        // The default is true.
        "request_uri_parameter_supported": false,
    });
    if identity.config.registration {
        document["registration_endpoint"] = site.at("oidc/register").into();
    }
    if offered(&Grant::Ciba) {
        document["backchannel_authentication_endpoint"] = site.at("bc-authorize").into();
        document["backchannel_token_delivery_modes_supported"] = json!(["poll", "ping"]);
        document["backchannel_user_code_parameter_supported"] = false.into();
        document["backchannel_authentication_endpoint_auth_methods_supported"] = json!(confidential);
    }
    let types: BTreeSet<&str> = identity.detail_types().map(|kind| kind.name.as_str()).collect();
    if !types.is_empty() {
        // RFC 9396 §10
        document["authorization_details_types_supported"] = json!(types);
        document["authorization_details_types_metadata_endpoint"] = site.at("oauth/authorization-details-types").into();
    }
    document
}

/// Some clients request this whole list, so it only has scopes that a client that registered itself may have.
fn scopes(identity: &Identity) -> Vec<&str> {
    let third_party = identity.apis.iter().filter(|api| api.third_party).flat_map(|api| &api.scopes);
    IDENTITY.into_iter().chain(third_party.map(|(scope, _)| scope.as_str())).collect()
}

/// `GET /oauth/authorization-details-types`: each registered type with its JSON Schema
/// (draft-ietf-oauth-rar-metadata-remediation-00, until August 2026 draft-zehavi-oauth-rar-metadata).
pub(crate) async fn types(State(identity): State<Identity>) -> Response {
    let types: BTreeMap<&str, Value> =
        identity.detail_types().map(|kind| (kind.name.as_str(), kind.metadata())).collect();
    ([(header::CACHE_CONTROL, "public, max-age=60")], Json(types)).into_response()
}

/// `GET /.well-known/oauth-protected-resource/{path}`: of an API at this address (RFC 9728 §3), such as StockTrade's at
/// its provider. It lists the types that can be approved for it; the authorization server has their schemas.
pub(crate) async fn resource(
    State(identity): State<Identity>,
    Path(path): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let at = identity.config.site.at(&path);
    let api = identity.apis.iter().find(|api| is_same(&api.audience, &at)).ok_or(StatusCode::NOT_FOUND)?;
    let mut document = json!({
        "resource": api.audience,
        "resource_name": api.title,
        "authorization_servers": [identity.issuer()],
        "scopes_supported": api.scopes.iter().map(|(scope, _)| scope).collect::<Vec<_>>(),
        "bearer_methods_supported": ["header"],
    });
    if !api.types.is_empty() {
        let types: Vec<&str> = api.types.iter().map(|kind| kind.name.as_str()).collect();
        document["authorization_details_types_supported"] = json!(types);
    }
    Ok(Json(document))
}

/// `GET /.well-known/jwks.json` (RFC 7517). Verifiers with an unknown key come here, so the answer is read from the
/// database.
pub(crate) async fn jwks(State(identity): State<Identity>) -> Json<JwkSet> {
    identity.keys.refresh().await;
    Json(identity.keys.public())
}
