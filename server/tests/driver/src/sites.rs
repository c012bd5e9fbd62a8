//! The addresses of the three sites, and clients that resolve them to this machine.

use std::{net::SocketAddr, time::Duration};

use url::Url;

use crate::outcome::Outcome;

/// The public URLs of the three sites.
#[derive(Clone, Debug)]
pub struct Sites {
    pub agent: Url,
    pub identity: Url,
    pub broker: Url,
}

impl Sites {
    /// The host names, to be resolved to this machine.
    pub fn hosts(&self) -> [&str; 3] {
        [&self.agent, &self.identity, &self.broker].map(|url| url.host_str().unwrap_or_default())
    }

    /// A client that resolves the sites and follows no redirects.
    ///
    /// # Errors
    /// When the TLS backend can't start.
    pub fn client(&self) -> Outcome<reqwest::Client> {
        client(&self.hosts())
    }
}

/// A client that resolves these hosts to this machine and follows no redirects.
pub(crate) fn client(hosts: &[&str]) -> Outcome<reqwest::Client> {
    client_at(hosts, [127, 0, 0, 1])
}

/// As [`client`], but with another address of this machine.
pub(crate) fn client_at(hosts: &[&str], address: [u8; 4]) -> Outcome<reqwest::Client> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // The sites are reached over plain HTTP: reading the system's certificates would take longer than a page.
        .tls_certs_only([])
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(60));
    for host in hosts.iter().filter(|host| host.ends_with(".localhost")) {
        builder = builder.resolve(host, SocketAddr::from((address, 0)));
    }
    Ok(builder.build()?)
}
