//! Each site serves only its own routes (THREATS.md line 62): its pages and APIs don't exist at another site's origin.

use driver::{Outcome, Sites};
use reqwest::{Method, StatusCode, header};
use url::Url;

use crate::support::together;

/// Routes that only this site has.
const AGENT: &[(Method, &str)] = &[
    (Method::GET, "accounts"),
    (Method::GET, "accounts/connect"),
    (Method::POST, "accounts/cac_1/disconnect"),
    (Method::GET, "api/threads"),
    (Method::POST, "api/threads"),
    (Method::POST, "ciba/ping"),
    (Method::GET, ".well-known/oauth-protected-resource/mcp"),
    (Method::POST, "rehearsal/v1/chat/completions"),
];
const TENANT: &[(Method, &str)] = &[
    (Method::GET, "approvals"),
    (Method::GET, "approvals/apr_1"),
    (Method::POST, "approvals/apr_1"),
    (Method::GET, "approvals/blocked"),
    (Method::GET, "approvals/events"),
    (Method::POST, "approvals/unblock"),
    (Method::POST, "bc-authorize"),
    (Method::GET, "connected-accounts/connect"),
    (Method::GET, "connected-accounts/callback"),
    (Method::GET, "me/v1/connected-accounts/accounts"),
    (Method::DELETE, "me/v1/connected-accounts/accounts/cac_1"),
    (Method::POST, "me/v1/connected-accounts/connect"),
    (Method::POST, "me/v1/connected-accounts/complete"),
];
const BROKER: &[(Method, &str)] = &[
    (Method::GET, "stocks/WAYNE"),
    (Method::GET, "orders"),
    (Method::POST, "orders"),
    (Method::GET, "api/stocks"),
    (Method::GET, "api/stocks/WAYNE"),
    (Method::GET, "api/prices"),
    (Method::GET, "api/portfolio"),
    (Method::GET, "api/orders"),
    (Method::POST, "api/orders"),
    (Method::DELETE, "api/orders/ord_1"),
    (Method::GET, "api/openapi.json"),
];
/// The identity service runs twice, but not at the agent's origin.
const IDENTITY: &[(Method, &str)] = &[
    (Method::GET, "authorize"),
    (Method::GET, "u/login"),
    (Method::POST, "u/consent"),
    (Method::GET, "apps"),
    (Method::POST, "apps/tpc_1/revoke"),
    (Method::POST, "oauth/token"),
    (Method::POST, "oauth/revoke"),
    (Method::POST, "oauth/introspect"),
    (Method::POST, "oidc/logout"),
    (Method::GET, "userinfo"),
    (Method::GET, ".well-known/jwks.json"),
    (Method::GET, ".well-known/openid-configuration"),
];

/// Calls an address like a page of the same site would.
async fn call(sites: &Sites, at: &Url, method: &Method, path: &str, host: Option<&str>) -> Outcome<StatusCode> {
    let origin = at.as_str().trim_end_matches('/');
    let mut request =
        sites.client()?.request(method.clone(), at.join(path)?).header(header::ORIGIN, origin).body(String::new());
    if let Some(host) = host {
        request = request.header(header::HOST, host);
    }
    Ok(request.send().await?.status())
}

#[tokio::test]
async fn line_62_paths_of_one_site_are_404_at_another() -> Outcome {
    let setup = together("line-62").await?;
    let program = setup.serve().await?;
    let sites = &setup.sites;
    let Sites { agent, identity, broker } = sites;
    for (own, others, table) in [
        (vec![agent], vec![identity, broker], AGENT),
        (vec![identity], vec![agent, broker], TENANT),
        (vec![broker], vec![agent, identity], BROKER),
        (vec![identity, broker], vec![agent], IDENTITY),
    ] {
        for (method, path) in table {
            for site in &own {
                let status = call(sites, site, method, path, None).await?;
                assert_ne!(status, StatusCode::NOT_FOUND, "{method} {path} is at {site}");
                assert_ne!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path} is at {site}");
            }
            for site in &others {
                let status = call(sites, site, method, path, None).await?;
                // Another site may have a page at the same path that isn't posted to.
                assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path} is not at {site}");
                // The host name of the right site doesn't help: it must match the listener.
                let name = format!("{}:{}", own[0].host_str().unwrap_or_default(), own[0].port().unwrap_or_default());
                let status = call(sites, site, method, path, Some(&name)).await?;
                assert_eq!(status, StatusCode::MISDIRECTED_REQUEST, "{method} {path} at {site} as {name}");
            }
        }
    }
    // The MCP server itself refuses another site's page.
    for site in [identity, broker] {
        assert_eq!(call(sites, site, &Method::POST, "mcp", None).await?, StatusCode::NOT_FOUND);
    }
    program.stop().await
}
