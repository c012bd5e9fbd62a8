//! Plays the agent's API: answers every message with the same scripted turn.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
    response::{
        Html, IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use shared::chat::{
    Accepted, ApiError, Approval, ApprovalState, Call, CallState, Card, CardBody, Event, Kind, NewMessage, Open,
    Outcome, View,
};

use crate::made_up;

pub(crate) async fn threads() -> Html<String> {
    let suggestions = vec!["Buy 5 WAYNE".into()];
    Html(app::agent::threads::beside(&agent::page::Beside { threads: made_up::threads(), waiting: 1, suggestions }))
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
        None => Json(Accepted { thread: thread.into(), message: "sent".into(), notice: None }).into_response(),
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
    let news = if thread == "live" { turn() } else { Vec::new() };
    let mut seq = 0;
    let news: Vec<News> = news
        .into_iter()
        .filter_map(|news| match news {
            News::Event(event) => {
                seq += 1;
                (seq > query.after).then(|| News::Event(Event { seq, place: event.place.max(1) * seq, ..event }))
            }
            News::Open(open) => (seq >= query.after).then_some(News::Open(open)),
        })
        .collect();
    let played = stream::iter(news).then(|news| async move {
        tokio::time::sleep(Duration::from_millis(120)).await;
        Ok(match news {
            News::Event(event) => {
                let update = (app::agent::RENDERER.update)(&event, &made_up::around());
                sse::Event::default().id(event.seq.to_string()).json_data(&update).expect("JSON")
            }
            News::Open(open) => sse::Event::default().event("text").json_data(&open).expect("JSON"),
        })
    });
    Sse::new(played.chain(stream::pending())).keep_alive(KeepAlive::default())
}

enum News {
    Event(Event),
    Open(Open),
}

fn turn() -> Vec<News> {
    let turn = || "live".to_owned();
    let event = |kind| News::Event(Event { seq: 0, at: made_up::now(), place: 0, hidden: false, kind });
    let open = |part: u32, at: usize, text: &str| {
        News::Open(Open { turn: turn(), attempt: i64::from(part), part, from: 0, at, text: text.into() })
    };
    let block = |part: u32, html: &str| event(Kind::Block { turn: turn(), part, block: 0, html: html.into() });
    let card = |state| {
        event(Kind::Card(Card {
            turn: turn(),
            call: "order".into(),
            body: CardBody::Approval(Approval { state, ..made_up::approval() }),
        }))
    };
    let quote = |state| {
        let input = "{\n  \"symbol\": \"WAYNE\"\n}".into();
        event(Kind::Call(Call { turn: turn(), call: "quote".into(), tool: "get_stock_price".into(), input, state }))
    };
    vec![
        event(Kind::Title { title: "Buy 5 WAYNE".into() }),
        event(Kind::Message { id: "sent".into(), text: "Buy 5 WAYNE".into() }),
        event(Kind::Turn { turn: turn() }),
        open(0, 0, "Let me look "),
        open(0, 12, "at the market "),
        open(0, 26, "first."),
        block(0, "<p>Let me look at the market first.</p>"),
        open(1, 0, ""),
        quote(CallState::Running),
        quote(made_up::done("WAYNE: 103.42 USD", View::Quote { stock: made_up::stock(), day: made_up::line(24, 103) })),
        open(1, 0, "I’ve asked for "),
        open(1, 17, "your **approval**."),
        block(1, "<p>I’ve asked for your <strong>approval</strong>.</p>"),
        card(ApprovalState::Asking),
        card(ApprovalState::Waiting),
        event(Kind::End { turn: turn(), outcome: Outcome::Waiting }),
    ]
}
