//! The agent's page routes: one call into the agent for a page's data, then its view.

use ::agent::{Agent, Error, page};
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use leptos::prelude::*;

use super::{
    accounts::AccountsPage,
    chat::{self as chat_view, ChatPage},
    message,
};
use crate::{
    Assets,
    shell::{self, Head},
    ui::Site,
};

/// The pages of the agent's site. (What they fetch besides is [`crate::asset_routes`]'s.)
pub fn routes(agent: Agent, _assets: &Assets) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/t/{thread}", get(thread))
        .route("/accounts", get(list_accounts))
        .with_state(agent)
}

#[derive(serde::Deserialize)]
struct Came {
    /// The request for approval whose page the person comes from.
    approval: Option<String>,
}

/// A new chat; to a person who comes from an approval, the thread in which it was asked for.
async fn home(State(agent): State<Agent>, Query(came): Query<Came>, request: Request) -> Response {
    if let Some(approval) = came.approval {
        return match agent.thread_of_approval(request.headers(), &approval).await {
            Ok(thread) => Redirect::to(&thread.map_or_else(|| "/".into(), |id| format!("/t/{id}"))).into_response(),
            Err(error) => failed(&error),
        };
    }
    let loaded = agent.chat_page(request.headers(), None).await;
    shown(loaded, |page| chat(request, page)).await
}

async fn thread(State(agent): State<Agent>, Path(thread): Path<String>, request: Request) -> Response {
    let loaded = agent.chat_page(request.headers(), Some(&thread)).await;
    if matches!(loaded, Err(Error::NotFound))
        && let Ok((page, _)) = agent.chat_page(request.headers(), None).await
        && page.frame.person.is_none()
    {
        // A login that ended, in another tab or by its time: the chat is there again after the next one.
        let status = StatusCode::NOT_FOUND;
        return (status, Html(message::render(&message::of_a_visitor(status, &format!("/t/{thread}")))))
            .into_response();
    }
    shown(loaded, |page| chat(request, page)).await
}

async fn list_accounts(State(agent): State<Agent>, request: Request) -> Response {
    let loaded = agent.accounts_page(request.headers()).await;
    shown(loaded, |page| accounts(request, page)).await
}

async fn shown<P, F: Future<Output = Response>>(
    loaded: Result<(P, Option<HeaderValue>), Error>,
    view: impl FnOnce(P) -> F,
) -> Response {
    match loaded {
        Ok((page, cookie)) => {
            let mut response = view(page).await;
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => failed(&error),
    }
}

/// The chat page.
pub async fn chat(request: Request, page: page::Chat) -> Response {
    let mut head = Head::new(Site::Agent, format!("{} · Mandate", chat_view::title(&page)));
    head.scripts = &["times.js"];
    shell::with_islands(request, head, page, || view! { <ChatPage /> }).await
}

/// The connected accounts.
pub async fn accounts(request: Request, page: page::Accounts) -> Response {
    let mut head = Head::new(Site::Agent, "Connected accounts · Mandate");
    head.scripts = &["times.js"];
    shell::with_islands(request, head, page, || view! { <AccountsPage /> }).await
}

/// What went wrong, as a page.
pub fn failed(error: &Error) -> Response {
    (error.status(), Html(message::render(&message::of(error)))).into_response()
}
