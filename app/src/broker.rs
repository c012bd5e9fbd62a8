//! The pages of StockTrade. They need no bundle: `public/prices.js` updates the prices.

pub(crate) mod dashboard;
mod frame;
pub(crate) mod orders;
pub(crate) mod stock;
mod trade;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use broker::{Broker, Error, StockQuery, page::Message};
use foundation::{session::Handle, tr};
use leptos::prelude::*;
use serde::Deserialize;

use self::frame::{Way, document, head};
use crate::{Assets, ErrorPage, shell, ui::escaped};

/// `/`, `/stocks/{symbol}` and `/orders`. Requires `assets`, so that they are loaded before a page names them.
pub fn routes(broker: Broker, _assets: &Assets) -> Router {
    let routes = Router::new()
        .route("/", get(dashboard_page))
        .route("/stocks/{symbol}", get(stock_page))
        .route("/orders", get(orders_page))
        .with_state(broker.clone());
    broker.in_session(routes)
}

/// A page with one message. Implements the broker's [`broker::page::Render`].
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

/// The page of an error outside the handlers of StockTrade and its provider.
pub fn error_page(broker: Broker) -> ErrorPage {
    Arc::new(move |headers: HeaderMap, said| {
        let broker = broker.clone();
        Box::pin(async move {
            let back = ("/".into(), tr!("Go to StockTrade", "Zu StockTrade").into());
            let (title, text) = (said.title.into(), said.text);
            let frame = broker.frame_for(&headers, said.status).await;
            render(&Message { frame, status: said.status.as_u16(), title, text, back })
        })
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
        // People come here from the chat. Someone logged in at the provider sees their orders without a login form.
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
