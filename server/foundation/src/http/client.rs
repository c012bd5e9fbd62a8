//! The HTTP clients for the network. They never follow redirects, and resolve `*.localhost` to this machine.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use url::Url;

use crate::site::Site;

/// Default timeout of a call, body included.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

pub(super) const USER_AGENT: &str = "mandate";

/// A client for other sites' APIs.
///
/// # Panics
/// When the TLS backend can't start.
pub(super) fn bounded() -> Client {
    let builder = builder().no_proxy().connect_timeout(Duration::from_secs(3)).timeout(TIMEOUT);
    builder.build().expect("the TLS backend starts")
}

/// A client for an endpoint that streams its answer (a model's). It has no total timeout, so the caller bounds each
/// wait. Calls to this machine bypass proxies.
///
/// # Panics
/// When the TLS backend can't start.
pub(crate) fn streaming(base_url: &str) -> Client {
    let here = Url::parse(base_url)
        .ok()
        .and_then(|url| Site::new(url.join("/").ok()?).ok())
        .is_some_and(|site| site.is_loopback());
    let builder = builder().connect_timeout(Duration::from_secs(10));
    let builder = if here { builder.no_proxy() } else { builder };
    builder.build().expect("the TLS backend starts")
}

fn builder() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .dns_resolver(Names)
        .pool_idle_timeout(Duration::from_secs(20))
        .user_agent(USER_AGENT)
}

/// Resolves names with the system's resolver, and `*.localhost` to this machine (RFC 6761 §6.3), as not every system
/// does.
#[derive(Debug)]
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if name.as_str().ends_with(".localhost") {
                let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
                return Ok(Box::new(std::iter::once(here)) as Addrs);
            }
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
