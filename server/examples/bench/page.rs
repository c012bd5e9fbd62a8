//! The chat page: the size of its first load, and the time to its first byte.

use std::time::{Duration, Instant};

use driver::{Outcome, Setup, html};
use futures::StreamExt;
use reqwest::header;
use url::Url;

/// Bytes on the wire, with `Accept-Encoding: br`.
pub(crate) struct FirstLoad {
    pub(crate) wasm: usize,
    pub(crate) js: usize,
    pub(crate) css: usize,
}

pub(crate) async fn first_load(setup: &Setup) -> Outcome<FirstLoad> {
    let mut browser = setup.browser()?;
    let page = browser.open(setup.sites.agent.as_str()).await?.clone();
    let client = setup.sites.client()?;
    let mut load = FirstLoad { wasm: 0, js: 0, css: 0 };
    let mut seen = Vec::new();
    let loaded = "script[src], link[rel=stylesheet], link[rel=modulepreload], link[rel=preload]";
    for address in html::addresses(&page.body, loaded) {
        let url = page.url.join(&address)?;
        if seen.contains(&url) {
            continue;
        }
        let bytes = size(&client, &url).await?;
        match url.path().rsplit('.').next() {
            Some("wasm") => load.wasm += bytes,
            Some("js") => load.js += bytes,
            Some("css") => load.css += bytes,
            _ => {}
        }
        seen.push(url);
    }
    if load.wasm == 0 {
        return Err("the page loads no WebAssembly: is the bundle built for release?".into());
    }
    Ok(load)
}

async fn size(client: &reqwest::Client, url: &Url) -> Outcome<usize> {
    let answer = client.get(url.clone()).header(header::ACCEPT_ENCODING, "br").send().await?.error_for_status()?;
    Ok(answer.bytes().await?.len())
}

/// The time to the first byte of a thousand loads of the page, one after another.
pub(crate) async fn first_bytes(setup: &Setup) -> Outcome<Vec<Duration>> {
    let client = setup.sites.client()?;
    let mut browser = setup.browser()?;
    browser.open(setup.sites.agent.as_str()).await?;
    let cookie = browser.cookie(&setup.sites.agent, "mandate_agent").map(|value| format!("mandate_agent={value}"));
    let mut times = Vec::new();
    for round in 0..1_100 {
        let mut request = client.get(setup.sites.agent.clone());
        if let Some(cookie) = &cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let began = Instant::now();
        let answer = request.send().await?.error_for_status()?;
        let mut body = answer.bytes_stream();
        body.next().await.ok_or("an empty page")??;
        // The first hundred warm up.
        if round >= 100 {
            times.push(began.elapsed());
        }
        while let Some(chunk) = body.next().await {
            chunk?;
        }
    }
    Ok(times)
}
