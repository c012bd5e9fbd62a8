//! Deletes everything that this site keeps about a person: withdraws their open requests first, then deletes all in one
//! transaction. Until that transaction nothing is lost, and the person can try again.

use std::time::{Duration, Instant};

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{Html, IntoResponse, Response},
};
use foundation::{session::Handle, tr};
use serde::Deserialize;

use super::sender;
use crate::{error::Error, page::Message, state::Agent, store, turn};

/// How long to wait for the identity service to withdraw the open requests.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Interval between checks for open requests.
const LOOK: Duration = Duration::from_millis(100);

/// Also clears the browser's storage of this site: drafts, unsent messages, the theme.
const CLEAR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"storage\""));

#[derive(Deserialize)]
pub(super) struct Confirmed {
    csrf_token: String,
}

/// `POST /settings/delete`
pub(super) async fn delete(
    State(agent): State<Agent>,
    handle: Handle,
    Form(form): Form<Confirmed>,
) -> Result<Response, Error> {
    let person = sender(&agent, &handle, &form.csrf_token).await?;
    let subject = store::person::find(agent.db.pool(), &person).await?.ok_or(Error::LoginOver)?.subject;
    withdraw(&agent, &person, &subject).await?;
    let mut db = agent.db.begin().await?;
    let removed = store::personal::delete_person(&mut db, &person).await?;
    store::personal::delete_at_mcp(&mut db, &subject).await?;
    db.commit().await?;
    tracing::info!(chats = removed.chats, "a person deleted everything");
    let message = Message {
        // Nobody is logged in any more.
        frame: agent.frame_for(&HeaderMap::new(), StatusCode::OK).await,
        status: 200,
        title: tr!("Everything is deleted", "Alles ist gelöscht").into(),
        text: tr!(
            "Your chats, your settings and your login are gone from this site. What is kept elsewhere is still there: \
             your account and your approvals at Mandate identity, and your orders at StockTrade.",
            "Deine Chats, deine Einstellungen und deine Anmeldung hier sind gelöscht. Was anderswo gespeichert ist, \
             bleibt: dein Konto und deine Freigaben bei Mandate identity, und deine Aufträge bei StockTrade."
        )
        .into(),
        back: ("/".into(), tr!("Start a new chat", "Neuen Chat beginnen").into()),
        go_on: None,
    };
    Ok(([CLEAR], Html((agent.render)(&message))).into_response())
}

/// Cancels the person's running turns, withdraws their open requests, and waits until no request is open.
async fn withdraw(agent: &Agent, person: &str, subject: &str) -> Result<(), Error> {
    let pool = agent.db.pool();
    for thread in store::export::threads(pool, person).await? {
        let mut db = agent.db.begin().await?;
        let turns = store::turn_act::cancel_all(&mut db, &thread).await?;
        db.commit().await?;
        turns.iter().for_each(|id| turn::stop(agent, id));
    }
    let until = Instant::now() + TIMEOUT;
    loop {
        let open = store::export::open(pool, person, subject).await?;
        if open.is_empty() {
            return Ok(());
        }
        for (id, _) in &open {
            store::approval::withdraw_once(pool, id).await?;
        }
        agent.approvals.queue.notify();
        if Instant::now() > until {
            let is_placing = open.iter().any(|(_, state)| state == "approved");
            let why = if is_placing {
                tr!(
                    "You approved a request that is being done right now, so nothing was deleted. Try again in a moment.",
                    "Was du freigegeben hast, wird gerade ausgeführt, deshalb wurde nichts gelöscht. Versuch es gleich \
                     noch einmal."
                )
            } else {
                tr!(
                    "What waits for your approval can’t be withdrawn right now, because Mandate identity doesn’t answer. \
                     Nothing was deleted; try again in a moment.",
                    "Was auf deine Freigabe wartet, lässt sich gerade nicht zurückziehen, weil Mandate identity nicht \
                     antwortet. Nichts wurde gelöscht; versuch es gleich noch einmal."
                )
            };
            return Err(Error::Unavailable(why.into()));
        }
        tokio::time::sleep(LOOK).await;
    }
}
