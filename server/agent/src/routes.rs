//! The route table of the agent's site, except its pages.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use foundation::{guard::own_origin, lang::SWITCH, tr};

use crate::{
    account, error::ErrorText, event::stream, interrupt::ping, language, login, mcp, page, settings, state::Agent,
    thread, tools::Tool, workshop,
};

pub(crate) fn all(agent: &Agent) -> Router {
    let site = &agent.config.site;
    let of_browsers = own_origin(api(agent), site).merge(own_origin(browser(agent), site));
    agent.in_session(of_browsers).merge(machines(agent)).merge(mcp::routes(agent))
}

/// The chat page's API: authenticated by the cookie, answered in JSON.
fn api(agent: &Agent) -> Router {
    Router::new()
        .route("/api/threads", get(thread::list).post(thread::post::open))
        .route("/api/commands", get(thread::commands))
        .route("/api/threads/events", get(stream::list))
        .route("/api/threads/{thread}", get(thread::show))
        .route("/api/threads/{thread}/messages", post(thread::post::add))
        .route("/api/threads/{thread}/events", get(stream::events))
        .route("/api/threads/{thread}/turns/{turn}/markdown", get(thread::markdown))
        .route("/api/threads/{thread}/turns/{turn}/retry", post(thread::retry))
        .route("/api/threads/{thread}/turns/{turn}/cancel", post(thread::cancel))
        .route("/api/threads/{thread}/turns/{turn}/regenerate", post(thread::branch::regenerate))
        .route("/api/threads/{thread}/turns/{turn}/choose", post(thread::branch::choose))
        .route("/api/threads/{thread}/calls/{call}/withdraw", post(thread::withdraw))
        // Fits the longest message even if JSON escapes each of its characters as a surrogate pair, in 12 bytes.
        .layer(DefaultBodyLimit::max(128 * 1024))
        .with_state(agent.clone())
}

/// Routes that a browser navigates to. Errors become pages.
fn browser(agent: &Agent) -> Router {
    Router::new()
        .route("/auth/login", get(login::begin))
        .route("/auth/callback", get(login::callback))
        .route("/auth/error", get(login::error))
        .route("/auth/logout", post(login::logout))
        .route(SWITCH, post(language::switch))
        .route("/t/{thread}/rename", post(thread::manage::rename))
        .route("/t/{thread}/delete", post(thread::manage::delete))
        .route("/t/{thread}/restore", post(thread::manage::restore))
        .with_state(agent.clone())
        .merge(account::routes(agent))
        .merge(settings::routes(agent))
        .merge(workshop::routes(agent))
        .layer(from_fn_with_state(agent.clone(), as_page))
}

/// Routes for other programs, authenticated by the request.
fn machines(agent: &Agent) -> Router {
    let routes = Router::new().route("/ciba/ping", post(ping::ping)).with_state(agent.clone());
    let model = &agent.config.model;
    if !model.rehearsal {
        return routes;
    }
    let tools = agent.config.tools.iter().map(Tool::rehearsed).collect();
    routes.merge(rehearsal::routes(model.api_key.clone(), tools, agent.clock.clone()))
}

async fn as_page(State(agent): State<Agent>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let response = next.run(request).await;
    let Some(text) = response.extensions().get::<ErrorText>() else { return response };
    let message = page::Message {
        frame: agent.frame_for(&headers, response.status()).await,
        status: response.status().as_u16(),
        title: text.title.into(),
        text: text.text.clone(),
        back: ("/".into(), tr!("Go to the chat", "Zum Chat").into()),
        go_on: None,
    };
    (response.status(), Html((agent.render)(&message))).into_response()
}
