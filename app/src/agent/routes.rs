//! The agent's page routes: one call into the agent for a page's data, then its view.

use ::agent::{Agent, Error, page};
use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use super::{accounts as accounts_page, chat as chat_view, message};
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
async fn home(State(agent): State<Agent>, Query(came): Query<Came>, headers: HeaderMap) -> Response {
    if let Some(approval) = came.approval {
        return match agent.thread_of_approval(&headers, &approval).await {
            Ok(thread) => Redirect::to(&thread.map_or_else(|| "/".into(), |id| format!("/t/{id}"))).into_response(),
            Err(error) => failed(&error),
        };
    }
    shown(agent.chat_page(&headers, None).await, chat)
}

async fn thread(State(agent): State<Agent>, Path(thread): Path<String>, headers: HeaderMap) -> Response {
    let loaded = agent.chat_page(&headers, Some(&thread)).await;
    if matches!(loaded, Err(Error::NotFound))
        && let Ok((page, _)) = agent.chat_page(&headers, None).await
        && page.frame.person.is_none()
    {
        // A login that ended, in another tab or by its time: the chat is there again after the next one.
        let status = StatusCode::NOT_FOUND;
        return (status, Html(message::render(&message::of_a_visitor(status, &format!("/t/{thread}")))))
            .into_response();
    }
    shown(loaded, chat)
}

async fn list_accounts(State(agent): State<Agent>, headers: HeaderMap) -> Response {
    shown(agent.accounts_page(&headers).await, accounts)
}

fn shown<P>(loaded: Result<(P, Option<HeaderValue>), Error>, view: fn(P) -> Response) -> Response {
    match loaded {
        Ok((page, cookie)) => {
            let mut response = view(page);
            if let Some(cookie) = cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => failed(&error),
    }
}

/// The chat page.
pub fn chat(page: page::Chat) -> Response {
    let title = match (&page.thread, page.transcript.title.as_str()) {
        (None, _) | (Some(_), "") => "New chat".to_owned(),
        (Some(_), title) => title.to_owned(),
    };
    let mut head = Head::new(Site::Agent, format!("{title} · Mandate"));
    head.islands = true;
    head.scripts = &["times.js"];
    shell::page(StatusCode::OK, &head, || chat_view::page(page, title))
}

/// The connected accounts.
pub fn accounts(page: page::Accounts) -> Response {
    let mut head = Head::new(Site::Agent, "Connected accounts · Mandate");
    head.islands = true;
    head.scripts = &["times.js"];
    shell::page(StatusCode::OK, &head, || accounts_page::page(page))
}

/// What went wrong, as a page.
pub fn failed(error: &Error) -> Response {
    (error.status(), Html(message::render(&message::of(error)))).into_response()
}
