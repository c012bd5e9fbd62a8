//! `/recording`: a person records their own requests for two hours, and sees them in full (THREATS.md line 71). Mandate
//! identity starts it, and has StockTrade's provider do the same. Each site shows its own records.

pub(crate) mod elsewhere;
pub(crate) mod shape;

use axum::{
    Form,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use foundation::{session::Handle, tr, trace::LASTS};
use serde::Deserialize;

use crate::{
    error::PageError,
    login::{person, session},
    page::{Recording, View},
    state::Identity,
};

/// The workshop step that the person came from. Only a number: the page builds the address to return to.
#[derive(Default, Deserialize)]
pub(crate) struct From {
    step: Option<u8>,
}

impl From {
    /// This page's own address.
    fn here(&self) -> String {
        self.step.map_or_else(|| "/recording".into(), |step| format!("/recording?step={step}"))
    }
}

/// `GET /recording`, with `step` from the workshop.
pub(crate) async fn page(
    State(identity): State<Identity>,
    handle: Handle,
    from: Result<Query<From>, QueryRejection>,
) -> Result<Response, PageError> {
    let from = from.map(|Query(from)| from).unwrap_or_default();
    let Some((session, person)) = person::of_request(&identity, &handle).await? else {
        return Ok(session::require(&from.here()));
    };
    let recorder = &identity.recorder;
    let view = View::Recording(Recording {
        csrf_token: identity.sessions.csrf_token(&session),
        allowed: recorder.is_allowed(),
        starts_here: starts_here(&identity),
        until: recorder.until(&person.id),
        elsewhere: recorder.elsewhere(&person.id).and(elsewhere::page(&identity)),
        workshop: identity.config.workshop.clone(),
        step: from.step,
        several: identity.db.is_shared(),
        records: recorder.records(&person.id),
        now: identity.clock.now(),
    });
    Ok(identity.page(StatusCode::OK, Some(&person), view))
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    csrf_token: String,
    act: String,
    step: Option<u8>,
}

/// `POST /recording` with `csrf_token` and `act` = `start`, `stop` or `forget`, and the page's `step`.
pub(crate) async fn choose(
    State(identity): State<Identity>,
    handle: Handle,
    form: Result<Form<Choice>, FormRejection>,
) -> Result<Response, PageError> {
    let Some((session, person)) = person::of_request(&identity, &handle).await? else {
        return Ok(session::require("/recording"));
    };
    let Ok(Form(form)) = form else { return Err(PageError::forged()) };
    if !identity.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(PageError::forged());
    }
    let recorder = &identity.recorder;
    match form.act.as_str() {
        "start" if starts_here(&identity) => {
            let id_token = elsewhere::start(&identity, &session).await?;
            if !recorder.start(&[&person.id], identity.clock.now() + LASTS, id_token) {
                return Err(full());
            }
        }
        "stop" => {
            elsewhere::stop(&identity, &person.id).await;
            recorder.stop(&person.id);
        }
        "forget" => recorder.forget(&person.id),
        _ => return Err(PageError::not_found()),
    }
    Ok(Redirect::to(&From { step: form.step }.here()).into_response())
}

/// Whether recordings are started at this instance: only at Mandate identity.
fn starts_here(identity: &Identity) -> bool {
    !identity.config.connections.is_empty() && identity.recorder.is_allowed()
}

fn full() -> PageError {
    PageError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        tr!("Too many people are recording", "Es zeichnen zu viele auf"),
        tr!(
            "Nothing is recorded. Try again when others have stopped.",
            "Nichts wird aufgezeichnet. Versuch es wieder, wenn andere aufgehört haben."
        ),
    )
    .back("/recording", tr!("Back", "Zurück"))
}
