//! The pages of StockTrade. They need no bundle: prices move by `public/prices.js`.

mod chart;
pub(crate) mod dashboard;
pub(crate) mod orders;
pub(crate) mod stock;
mod trade;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use broker::{
    Broker, Error, StockQuery,
    page::{Frame, Message},
};
use foundation::session::Handle;
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    Assets,
    shell::{self, Head},
    ui::{Glyph, Site, escaped, icon, mark, theme_switch},
};

/// `/`, `/stocks/{symbol}` and `/orders`. The pages name files of `assets`, so those must have been loaded.
pub fn routes(broker: Broker, _assets: &Assets) -> Router {
    let routes = Router::new()
        .route("/", get(dashboard_page))
        .route("/stocks/{symbol}", get(stock_page))
        .route("/orders", get(orders_page))
        .with_state(broker.clone());
    broker.in_session(routes)
}

/// A page that says one thing: the broker's [`broker::page::Render`].
pub fn render(message: &Message) -> String {
    shell::html(&head(&message.title), || {
        let (href, words) = message.back.clone();
        let content = view! {
            <div class="page">
                <div class="card">
                    <div class="card-part message">
                        <h1>{message.title.clone()}</h1>
                        <p>{message.text.clone()}</p>
                        <a class="button primary" href=href>{words}</a>
                    </div>
                </div>
            </div>
        };
        document(&message.frame, Way::None, content)
    })
}

async fn dashboard_page(State(broker): State<Broker>, handle: Handle) -> Response {
    match broker.dashboard(&handle).await {
        Ok(page) => answer(dashboard::page(&page)),
        Err(error) => failed(&broker, &handle, &error).await,
    }
}

async fn stock_page(
    State(broker): State<Broker>,
    Path(symbol): Path<String>,
    Query(query): Query<StockQuery>,
    handle: Handle,
) -> Response {
    match broker.stock_page(&handle, &symbol, query).await {
        Ok(page) => answer(stock::page(&page)),
        Err(error) => failed(&broker, &handle, &error).await,
    }
}

#[derive(Deserialize)]
struct OrdersQuery {
    placed: Option<String>,
}

async fn orders_page(State(broker): State<Broker>, Query(query): Query<OrdersQuery>, handle: Handle) -> Response {
    match broker.orders_page(&handle, query.placed).await {
        Ok(page) => answer(orders::page(&page)),
        // The way here from the chat: whoever is logged in at the provider is shown them without being asked.
        Err(Error::NotLoggedIn(path)) => {
            Redirect::to(&format!("/auth/login?returnTo={}", escaped(&path))).into_response()
        }
        Err(error) => failed(&broker, &handle, &error).await,
    }
}

fn answer(html: String) -> Response {
    Html(html).into_response()
}

async fn failed(broker: &Broker, handle: &Handle, error: &Error) -> Response {
    let message = broker.message(handle, error).await;
    let status = StatusCode::from_u16(message.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(render(&message))).into_response()
}

fn head(title: &str) -> Head {
    let mut head = Head::new(Site::Broker, format!("{title} · StockTrade"));
    head.scripts = &["times.js", "prices.js"];
    head
}

/// The way of the top bar on which a page lies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Portfolio,
    Orders,
    None,
}

/// A page's body: top bar and content.
fn document(frame: &Frame, here: Way, content: impl IntoAny) -> AnyView {
    let way = |at: Way, href: &'static str, words: &'static str| {
        let current = (at == here && at != Way::None).then_some("page");
        view! { <li><a href=href aria-current=current>{words}</a></li> }
    };
    let first = if frame.person.is_some() { "Portfolio" } else { "Market" };
    let ways = view! {
        <nav class="trade-ways" aria-label="StockTrade">
            <ul class="ways">
                {way(Way::Portfolio, "/", first)}
                {frame.person.as_ref().map(|_| way(Way::None, "/#market", "Market"))}
                {frame.person.as_ref().map(|_| way(Way::Orders, "/orders", "Orders"))}
            </ul>
        </nav>
    };
    let end = match &frame.person {
        Some(person) => view! {
            <bdi class="person">{person.clone()}</bdi>
            {theme_switch()}
            <form method="post" action="/auth/logout">
                {proof_field(&frame.proof)}
                <button class="button quiet">{icon(Glyph::Door)}<span class="at-width">"Log out"</span></button>
            </form>
        }
        .into_any(),
        None => view! {
            {theme_switch()}
            <a class="button quiet" href="/auth/login?returnTo=%2F">"Log in"</a>
        }
        .into_any(),
    };
    view! {
        <a class="skip visually-hidden" href="#content">"Skip to the content"</a>
        <header class="topbar trade-bar">
            <a class="brand" href="/">{mark(Site::Broker)}<span>"StockTrade"</span></a>
            {ways}
            <div class="topbar-end">{end}</div>
        </header>
        <main id="content" tabindex="-1">{content.into_any()}</main>
        {frame.person.as_ref().map(|_| view! {
            <footer class="aside trade-foot"><a href="/apps">"Apps with access to your account"</a></footer>
        })}
    }
    .into_any()
}

/// The form's anti-forgery proof.
fn proof_field(proof: &str) -> AnyView {
    view! { <input type="hidden" name="proof" value=proof.to_owned() /> }.into_any()
}
