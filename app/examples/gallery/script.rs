//! Plays the agent's API: answers every message with the same scripted turn.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use shared::chat::{
    Accepted, ApiError, Approval, ApprovalState, Call, CallState, Card, CardBody, Event, Kind, NewMessage, Outcome,
    ThreadSummary, View,
};

use crate::made_up;

pub(crate) async fn threads() -> Json<Vec<ThreadSummary>> {
    Json(made_up::threads())
}

pub(crate) async fn begin(Json(message): Json<NewMessage>) -> Response {
    taken("live", &message)
}

pub(crate) async fn message(Path(thread): Path<String>, Json(message): Json<NewMessage>) -> Response {
    taken(&thread, &message)
}

fn taken(thread: &str, message: &NewMessage) -> Response {
    let refused = match message.text.as_str() {
        "expired" => Some((StatusCode::UNAUTHORIZED, "login_expired", "Your login has expired.")),
        "too much" => Some((StatusCode::TOO_MANY_REQUESTS, "too_many", "That was too much at once.")),
        _ => None,
    };
    match refused {
        Some((status, error, message)) => {
            (status, Json(ApiError { error: error.into(), message: message.into() })).into_response()
        }
        None => Json(Accepted { thread: thread.into(), message: "sent".into() }).into_response(),
    }
}

#[derive(Deserialize)]
pub(crate) struct After {
    after: i64,
}

/// The events of the live thread's turn, one every 120 ms. Other threads send none.
pub(crate) async fn events(
    Path(thread): Path<String>,
    Query(query): Query<After>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let kinds = if thread == "live" { turn() } else { Vec::new() };
    let events: Vec<Event> = (1..)
        .zip(kinds)
        .map(|(seq, kind)| Event { seq, at: made_up::now(), kind })
        .filter(|event| event.seq > query.after)
        .collect();
    let played = stream::iter(events).then(|event| async move {
        tokio::time::sleep(Duration::from_millis(120)).await;
        Ok(sse::Event::default().id(event.seq.to_string()).json_data(&event).expect("JSON"))
    });
    Sse::new(played.chain(stream::pending())).keep_alive(KeepAlive::default())
}

fn turn() -> Vec<Kind> {
    let turn = || "live".to_owned();
    let delta = |text: &str| Kind::Delta { turn: turn(), part: 0, text: text.into() };
    let later = |text: &str| Kind::Delta { turn: turn(), part: 1, text: text.into() };
    let card = |state| {
        Kind::Card(Card {
            turn: turn(),
            call: "order".into(),
            body: CardBody::Approval(Approval { state, ..made_up::approval() }),
        })
    };
    let CallState::Done { summary, output, ms, view } =
        made_up::done("WAYNE: 103.42 USD", View::Quote { stock: made_up::stock() })
    else {
        return Vec::new();
    };
    vec![
        Kind::Title { title: "Buy 5 WAYNE".into() },
        Kind::Message { id: "sent".into(), text: "Buy 5 WAYNE".into() },
        Kind::Turn { turn: turn() },
        delta("Let me look "),
        delta("at the market "),
        delta("first."),
        Kind::Block { turn: turn(), part: 0, html: "<p>Let me look at the market first.</p>".into() },
        Kind::Call(Call {
            turn: turn(),
            call: "quote".into(),
            tool: "get_stock_price".into(),
            input: "{\n  \"symbol\": \"WAYNE\"\n}".into(),
            state: CallState::Running,
        }),
        Kind::Returned { turn: turn(), call: "quote".into(), ok: true, summary, output, ms, view },
        later("I’ve asked for "),
        later("your **approval**."),
        Kind::Block { turn: turn(), part: 1, html: "<p>I’ve asked for your <strong>approval</strong>.</p>".into() },
        card(ApprovalState::Asking),
        card(ApprovalState::Waiting),
        Kind::End { turn: turn(), outcome: Outcome::Waiting },
    ]
}
