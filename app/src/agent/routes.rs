//! The agent's page routes: one call into the agent for a page's data, then its view.

use ::agent::{Agent, Error, page};
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use foundation::session::Handle;
use leptos::prelude::*;

use super::{
    accounts::AccountsPage,
    chat::{self as chat_view, ChatPage, Rendered},
    message,
};
use crate::{
    Assets,
    shell::{self, Head},
    ui::Site,
};

/// The pages of the agent's site. ([`crate::asset_routes`] serves what they load.)
pub fn routes(agent: Agent, _assets: &Assets) -> Router {
    let routes = Router::new()
        .route("/", get(home))
        .route("/t/{thread}", get(thread))
        .route("/accounts", get(list_accounts))
        .with_state(agent.clone());
    agent.in_session(routes)
}

#[derive(serde::Deserialize)]
struct Came {
    /// The approval request whose page the person comes from.
    approval: Option<String>,
}

/// A new chat. For a person who comes from an approval, the thread that asked for it.
async fn home(State(agent): State<Agent>, Query(came): Query<Came>, handle: Handle, request: Request) -> Response {
    if let Some(approval) = came.approval {
        return match agent.thread_of_approval(&handle, &approval).await {
            Ok(thread) => Redirect::to(&thread.map_or_else(|| "/".into(), |id| format!("/t/{id}"))).into_response(),
            Err(error) => failed(&error),
        };
    }
    let loaded = agent.chat_page(&handle, None, None).await;
    // If its tabs write, they write as one visitor.
    let visitor = match &loaded {
        Ok(page) if page.frame.person.is_none() => agent.prepare_visitor(request.headers()),
        _ => None,
    };
    let mut response = shown(loaded, |page| chat(request, page)).await;
    if let Some(cookie) = visitor {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(serde::Deserialize)]
struct Before {
    /// The position before which the page ends, for a browser without scripts.
    before: Option<i64>,
}

async fn thread(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    Query(Before { before }): Query<Before>,
    handle: Handle,
    request: Request,
) -> Response {
    let loaded = agent.chat_page(&handle, Some(&thread), before).await;
    if matches!(loaded, Err(Error::NotFound))
        && let Ok(page) = agent.chat_page(&handle, None, None).await
        && page.frame.person.is_none()
    {
        // The login ended, in another tab or by its age. The chat is available again after the next login.
        let status = StatusCode::NOT_FOUND;
        return (status, Html(message::render(&message::of_a_visitor(status, &format!("/t/{thread}")))))
            .into_response();
    }
    shown(loaded, |page| chat(request, page)).await
}

async fn list_accounts(State(agent): State<Agent>, handle: Handle, request: Request) -> Response {
    let loaded = agent.accounts_page(&handle).await;
    shown(loaded, |page| accounts(request, page)).await
}

async fn shown<P, F: Future<Output = Response>>(loaded: Result<P, Error>, view: impl FnOnce(P) -> F) -> Response {
    match loaded {
        Ok(page) => view(page).await,
        Err(error) => failed(&error),
    }
}

/// The chat page.
pub async fn chat(request: Request, page: page::Chat) -> Response {
    let mut head = Head::new(Site::Agent, format!("{} · Mandate", chat_view::title(&page)));
    head.scripts = &["times.js"];
    shell::with_islands(request, head, Rendered::of(page).await, || view! { <ChatPage /> }).await
}

/// The connected accounts.
pub async fn accounts(request: Request, page: page::Accounts) -> Response {
    let mut head = Head::new(Site::Agent, "Connected accounts · Mandate");
    head.scripts = &["times.js"];
    shell::with_islands(request, head, page, || view! { <AccountsPage /> }).await
}

/// The error page.
pub fn failed(error: &Error) -> Response {
    (error.status(), Html(message::render(&message::of(error)))).into_response()
}
