//! The agent's page routes: one call into the agent for a page's data, then its view.

use std::sync::Arc;

use ::agent::{
    Agent, Error,
    page::{self, Part},
    search::Search,
};
use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use foundation::{session::Handle, tr};
use leptos::prelude::*;

use super::{
    accounts::AccountsPage,
    chat::{self as chat_view, ChatPage, Rendered},
    chats::ChatsPage,
    edit::EditPage,
    keys::KeysPage,
    message,
    search::{self as search_view, SearchPage},
    settings::{RemovalPage, SettingsPage},
    workshop,
};
use crate::{
    Assets, ErrorPage,
    shell::{self, Head},
    ui::Site,
};

/// The scripts of every page.
const SCRIPTS: &[&str] =
    &["html.js", "voice.js", "times.js", "drafts.js", "stream.js", "list.js", "keys.js", "use.js", "back.js"];

/// The pages of the agent's site. ([`crate::asset_routes`] serves what they load.)
pub fn routes(agent: Agent, _assets: &Assets) -> Router {
    let routes = Router::new()
        .route("/", get(home))
        .route("/t/{thread}", get(thread))
        .route("/t/{thread}/edit", get(edit))
        .route("/accounts", get(list_accounts))
        .route("/search", get(search))
        .route("/chats", get(list_chats))
        .route("/keys", get(list_keys))
        .route("/settings", get(settings))
        .route("/settings/delete", get(removal))
        .route("/workshop", get(first_step))
        .route("/workshop/{step}", get(step))
        .route("/workshop/end", get(workshop_end))
        .with_state(agent.clone());
    agent.in_session(routes)
}

#[derive(serde::Deserialize)]
struct Came {
    /// The approval request whose page the person comes from.
    approval: Option<String>,
    /// The chat that the person just deleted.
    deleted: Option<String>,
}

/// A new chat, or for a person who comes from an approval, the thread that asked for it.
async fn home(State(agent): State<Agent>, Query(came): Query<Came>, handle: Handle, request: Request) -> Response {
    if let Some(approval) = came.approval {
        return match agent.thread_of_approval(&handle, &approval).await {
            Ok(thread) => Redirect::to(&thread.map_or_else(|| "/".into(), |id| format!("/t/{id}"))).into_response(),
            Err(error) => failed(&agent, request.headers(), &error).await,
        };
    }
    let mut loaded = agent.chat_page(&handle, None, Part::Latest).await;
    if let (Ok(page), Some(thread)) = (&mut loaded, came.deleted)
        && let Ok(Some(title)) = agent.deleted_thread(&handle, &thread).await
    {
        page.deleted = Some((thread, title));
    }
    // All tabs of a browser write as one visitor.
    let visitor = match &loaded {
        Ok(page) if page.frame.person.is_none() => agent.prepare_visitor(request.headers()),
        _ => None,
    };
    let mut response = shown(&agent, request, loaded, chat).await;
    if let Some(cookie) = visitor {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(serde::Deserialize)]
struct Position {
    /// The position before which the page ends, for a browser without scripts.
    before: Option<i64>,
    /// The position of a message to show.
    at: Option<i64>,
}

async fn thread(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    Query(Position { before, at }): Query<Position>,
    handle: Handle,
    request: Request,
) -> Response {
    let part = before.map(Part::Before).or(at.map(Part::Around)).unwrap_or(Part::Latest);
    let loaded = agent.chat_page(&handle, Some(&thread), part).await;
    if matches!(loaded, Err(Error::NotFound))
        && let Ok(Some(_)) = agent.deleted_thread(&handle, &thread).await
    {
        return Redirect::to(&format!("/?deleted={thread}")).into_response();
    }
    if matches!(loaded, Err(Error::NotFound))
        && let Ok(page) = agent.chat_page(&handle, None, Part::Latest).await
        && page.frame.person.is_none()
    {
        // The login ended, in another tab or by its age. The chat is available again after the next login.
        let status = StatusCode::NOT_FOUND;
        let message = message::of_a_visitor(page.frame, status, &format!("/t/{thread}"));
        return (status, Html(message::render(&message))).into_response();
    }
    shown(&agent, request, loaded, chat).await
}

async fn edit(State(agent): State<Agent>, Path(thread): Path<String>, handle: Handle, request: Request) -> Response {
    let loaded = agent.edit_page(&handle, &thread).await;
    shown(&agent, request, loaded, edit_chat).await
}

async fn list_accounts(State(agent): State<Agent>, handle: Handle, request: Request) -> Response {
    let loaded = agent.accounts_page(&handle).await;
    shown(&agent, request, loaded, accounts).await
}

async fn list_keys(State(agent): State<Agent>, handle: Handle, request: Request) -> Response {
    let loaded = agent.keys_page(&handle).await;
    shown(&agent, request, loaded, keys).await
}

#[derive(serde::Deserialize)]
struct AfterThread {
    after: Option<String>,
    updated_at: Option<i64>,
}

async fn list_chats(
    State(agent): State<Agent>,
    Query(AfterThread { after, updated_at }): Query<AfterThread>,
    handle: Handle,
    request: Request,
) -> Response {
    let loaded = agent.chats_page(&handle, updated_at.zip(after.as_deref())).await;
    shown(&agent, request, loaded, chats).await
}

#[derive(serde::Deserialize)]
struct Searched {
    q: Option<String>,
    /// The hit after which the page begins.
    before: Option<i64>,
}

async fn search(
    State(agent): State<Agent>,
    Query(Searched { q, before }): Query<Searched>,
    handle: Handle,
    request: Request,
) -> Response {
    let loaded = agent.search_page(&handle, q.as_deref(), before).await;
    shown(&agent, request, loaded, found).await
}

#[derive(serde::Deserialize)]
struct Saved {
    saved: Option<String>,
}

async fn settings(
    State(agent): State<Agent>,
    Query(Saved { saved }): Query<Saved>,
    handle: Handle,
    request: Request,
) -> Response {
    let loaded = agent.settings_page(&handle, saved.is_some()).await;
    shown(&agent, request, loaded, chosen).await
}

async fn removal(State(agent): State<Agent>, handle: Handle, request: Request) -> Response {
    match agent.removal_page(&handle).await {
        Err(Error::LoginNeeded) => Redirect::to("/settings").into_response(),
        loaded => shown(&agent, request, loaded, removed).await,
    }
}

/// The first step that isn't done.
async fn first_step(State(agent): State<Agent>, handle: Handle, headers: HeaderMap) -> Response {
    workshop_step(&agent, &handle, None, &headers).await
}

async fn step(State(agent): State<Agent>, Path(step): Path<String>, handle: Handle, headers: HeaderMap) -> Response {
    // A step that isn't a number is not found.
    workshop_step(&agent, &handle, Some(step.parse().unwrap_or(0)), &headers).await
}

async fn workshop_step(agent: &Agent, handle: &Handle, step: Option<usize>, headers: &HeaderMap) -> Response {
    match agent.workshop_page(handle, step).await {
        Ok(page) => {
            let html = Html(workshop::render(&page));
            ([(header::CONTENT_SECURITY_POLICY, workshop::policy(&page))], html).into_response()
        }
        Err(error) => failed(agent, headers, &error).await,
    }
}

async fn workshop_end(State(agent): State<Agent>, handle: Handle, headers: HeaderMap) -> Response {
    match agent.workshop_end_page(&handle).await {
        Ok(page) => Html(workshop::end::render(&page)).into_response(),
        Err(error) => failed(&agent, &headers, &error).await,
    }
}

async fn shown<P, F: Future<Output = Response>>(
    agent: &Agent,
    request: Request,
    loaded: Result<P, Error>,
    view: impl FnOnce(Request, P) -> F,
) -> Response {
    match loaded {
        Ok(page) => view(request, page).await,
        Err(error) => failed(agent, request.headers(), &error).await,
    }
}

/// A page in the chat's frame.
async fn page<D, V>(request: Request, title: impl Into<String>, data: D, view: fn() -> V) -> Response
where
    D: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let mut head = Head::new(Site::Agent, title);
    head.scripts = SCRIPTS;
    shell::with_islands(request, head, data, view).await
}

/// The chat page.
pub async fn chat(request: Request, data: page::Chat) -> Response {
    let title = format!("{} · Mandate", chat_view::title(&data));
    page(request, title, Rendered::of(data).await, || view! { <ChatPage /> }).await
}

/// Renaming and deleting a chat.
pub async fn edit_chat(request: Request, data: page::Edit) -> Response {
    let title = tr!("Rename or delete a chat · Mandate", "Chat umbenennen oder löschen · Mandate");
    page(request, title, data, || view! { <EditPage /> }).await
}

/// The connected accounts.
pub async fn accounts(request: Request, data: page::Accounts) -> Response {
    let title = tr!("Connected accounts · Mandate", "Verbundene Konten · Mandate");
    page(request, title, data, || view! { <AccountsPage /> }).await
}

/// The list of chats.
pub async fn chats(request: Request, data: page::Chats) -> Response {
    page(request, "Chats · Mandate", data, || view! { <ChatsPage /> }).await
}

/// The keyboard shortcuts.
pub async fn keys(request: Request, data: page::Keys) -> Response {
    page(request, tr!("Keyboard shortcuts · Mandate", "Tastenkürzel · Mandate"), data, || view! { <KeysPage /> }).await
}

/// The page of search results.
pub async fn found(request: Request, data: Search) -> Response {
    page(request, search_view::title(&data), data, || view! { <SearchPage /> }).await
}

/// The settings.
pub async fn chosen(request: Request, data: page::Settings) -> Response {
    page(request, tr!("Settings · Mandate", "Einstellungen · Mandate"), data, || view! { <SettingsPage /> }).await
}

/// The confirmation page before everything is deleted.
pub async fn removed(request: Request, data: page::Removal) -> Response {
    page(request, tr!("Delete everything · Mandate", "Alles löschen · Mandate"), data, || view! { <RemovalPage /> })
        .await
}

async fn failed(agent: &Agent, headers: &HeaderMap, error: &Error) -> Response {
    error_of(error, agent.frame_for(headers, error.status()).await)
}

/// The page of an error.
pub fn error_of(error: &Error, frame: page::Frame) -> Response {
    (error.status(), Html(message::render(&message::of(error, frame)))).into_response()
}

/// The page of an error outside the agent's handlers.
pub fn error_page(agent: Agent) -> ErrorPage {
    Arc::new(move |headers: HeaderMap, said| {
        let agent = agent.clone();
        Box::pin(async move {
            let back = ("/".into(), tr!("Go to the chat", "Zum Chat").into());
            let (title, text) = (said.title.into(), said.text);
            let frame = agent.frame_for(&headers, said.status).await;
            message::render(&page::Message { frame, status: said.status.as_u16(), title, text, back, go_on: None })
        })
    })
}
