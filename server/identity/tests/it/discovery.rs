//! Discovery, and cross-origin access.

use reqwest::Method;
use serde_json::{Value, json};

use crate::pair::Pair;

/// RFC 9728, with the types of draft-ietf-oauth-rar-metadata-remediation.
#[tokio::test]
async fn an_apis_metadata_lists_its_types() {
    let pair = Pair::start().await;
    let get = async |url: String| pair.http().get(url).send().await.expect("an answer");
    let response = get(pair.b.at(".well-known/oauth-protected-resource/api")).await;
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let api: Value = response.json().await.expect("JSON");
    assert_eq!(
        (&api["resource"], &api["authorization_servers"]),
        (&json!(pair.b.at("api")), &json!([pair.b.site.issuer()]))
    );
    assert_eq!(api["authorization_details_types_supported"], json!(["stock_order", "stock_order_cancellation"]));
    assert_eq!(api["scopes_supported"], json!(["portfolio:read", "trade:read", "trade:write"]));
    let me: Value = get(pair.t.at(".well-known/oauth-protected-resource/me/")).await.json().await.expect("JSON");
    assert_eq!(
        (&me["resource"], &me["authorization_details_types_supported"]),
        (&json!(pair.t.at("me/")), &Value::Null)
    );
    for path in ["elsewhere", "api", "mcp"] {
        assert_eq!(
            get(pair.t.at(&format!(".well-known/oauth-protected-resource/{path}"))).await.status(),
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn discovery_lists_working_endpoints() {
    let pair = Pair::start().await;
    let mut documents = Vec::new();
    for path in [
        ".well-known/openid-configuration",
        ".well-known/oauth-authorization-server",
        ".well-known/openid-configuration/mcp",
        ".well-known/oauth-authorization-server/some/path",
    ] {
        let response = pair.http().get(pair.t.at(path)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        documents.push(response.json::<Value>().await.expect("JSON"));
    }
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]));
    let t = &documents[0];
    assert_eq!(t["issuer"], pair.t.site.issuer());
    assert_eq!(t["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(t["response_types_supported"], json!(["code"]));
    assert_eq!(t["authorization_response_iss_parameter_supported"], true);
    assert_eq!(t["request_uri_parameter_supported"], false);
    assert_eq!(t["backchannel_authentication_endpoint"], pair.t.at("bc-authorize"));
    assert_eq!(t["registration_endpoint"], pair.t.at("oidc/register"));
    let url = pair.b.at(".well-known/openid-configuration");
    let b: Value = pair.http().get(url).send().await.expect("an answer").json().await.expect("JSON");
    for absent in ["registration_endpoint", "backchannel_authentication_endpoint"] {
        assert!(b.get(absent).is_none(), "{absent}");
    }
    // Every endpoint that the document names exists.
    for document in [t, &b] {
        for (name, address) in document.as_object().expect("an object") {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let address = address.as_str().expect("an address");
                let response = pair.http().request(Method::PUT, address).send().await.expect("an answer");
                assert_eq!(response.status(), 405, "{name} {address}");
            }
        }
    }
}

#[tokio::test]
async fn any_page_may_read_metadata_and_tokens() {
    let pair = Pair::start().await;
    for path in ["oauth/token", "oidc/register", ".well-known/oauth-authorization-server", ".well-known/jwks.json"] {
        let request = pair.http().request(Method::OPTIONS, pair.t.at(path));
        let request =
            request.header("origin", "http://inspector.example").header("access-control-request-method", "POST");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
        assert!(response.headers()["access-control-allow-headers"].to_str().expect("text").contains("content-type"));
    }
    // They may read an error too, but no page that a cookie authenticates.
    let response = pair.http().post(pair.t.at("oauth/token")).send().await.expect("an answer");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    for path in ["u/login", "authorize", "approvals", "oauth/introspect"] {
        let response = pair.http().get(pair.t.at(path)).send().await.expect("an answer");
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}
