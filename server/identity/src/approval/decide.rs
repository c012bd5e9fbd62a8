//! The person approves, denies, or blocks the app. One compare-and-set on exactly what the page showed.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    crash, guard,
    session::{Handle, Session},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::{active, end, page, ping};
use crate::{
    approval::state,
    audit::{self, Event},
    error::PageError,
    page::State as Now,
    state::Identity,
    store::{
        approval::{self, Whose},
        approval_block, outbox,
        person::Person,
    },
};

#[derive(Deserialize)]
pub(super) struct Decision {
    csrf_token: String,
    shown: String,
    decision: String,
}

#[derive(Deserialize)]
pub(super) struct Unblock {
    csrf_token: String,
    client: String,
}

/// `POST /approvals/{id}` with `csrf_token`, `shown` and `decision`.
pub(super) async fn decide(
    State(identity): State<Identity>,
    Path(id): Path<String>,
    handle: Handle,
    headers: HeaderMap,
    form: Result<Form<Decision>, FormRejection>,
) -> Result<Response, PageError> {
    let (session, person) = own_person(&identity, &handle, &headers).await?;
    let Ok(Form(form)) = form else { return Err(PageError::forged()) };
    if !identity.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(PageError::forged());
    }
    let pool = identity.db.pool();
    let row = approval::of_person(pool, &id, &person.id).await?.ok_or_else(PageError::not_found)?;
    let (decision, block) = match form.decision.as_str() {
        "approve" => ("approved", false),
        "deny" => ("denied", false),
        "block" => ("denied", true),
        _ => return Err(PageError::forged()),
    };
    let now = identity.clock.now();
    let mut tx = identity.db.begin().await?;
    let approvers = active::approvers(&identity, &row);
    let may = decision == "denied" || approvers.include(&person);
    let address = approvers.address(&person);
    let taken = may && approval::decide(&mut *tx, &id, &person.id, &form.shown, decision, address, now).await?;
    if let Some(ping) = ping::about(&row, now).filter(|_| taken) {
        outbox::insert(&mut *tx, &ping).await?;
    }
    if taken {
        record(&identity, &mut tx, &row, decision).await?;
    }
    if block {
        // A block denies this app's other waiting requests too, even if this one was already decided.
        approval_block::insert(&mut *tx, &person.id, row.app(), row.app_name(), now).await?;
        end::all(&mut tx, Whose { person: &person.id, client: row.app(), ..Whose::default() }, now).await?;
    }
    tx.commit().await?;
    if taken {
        crash::point("identity:decided");
        identity.desk.notify(&person.id);
        tracing::info!(id, decision, client = row.client, app = row.app(), "a request was decided");
        return Ok(Redirect::to(&format!("/approvals/{id}")).into_response());
    }
    let row = approval::of_person(pool, &id, &person.id).await?.ok_or_else(PageError::not_found)?;
    let notice = notice(&identity, &row, &form, (decision, block, may)).await?;
    page::show(&identity, &session, &person, &id, StatusCode::CONFLICT, Some(notice)).await
}

/// The decision, for the audit log.
async fn record(
    identity: &Identity,
    db: &mut AnyConnection,
    row: &approval::Row,
    decision: &str,
) -> Result<(), sqlx::Error> {
    let asked: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    let detail = json!({ "approval": row.id, "decision": decision, "for": row.account_label, "requested": asked });
    let event = Event { event: "approval_decided", person: Some(&row.person), client: Some(row.app()), detail };
    audit::record(identity, db, event).await
}

/// `POST /approvals/unblock` with `csrf_token` and `client`.
pub(super) async fn unblock(
    State(identity): State<Identity>,
    handle: Handle,
    headers: HeaderMap,
    form: Result<Form<Unblock>, FormRejection>,
) -> Result<Response, PageError> {
    let (session, person) = own_person(&identity, &handle, &headers).await?;
    let Ok(Form(form)) = form else { return Err(PageError::forged()) };
    if !identity.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(PageError::forged());
    }
    let mut tx = identity.db.begin().await?;
    // This includes an approval given at the same moment as the block.
    let whose = Whose { person: &person.id, client: &form.client, ..Whose::default() };
    approval::end_all(&mut *tx, whose, identity.clock.now()).await?;
    approval_block::delete(&mut *tx, &person.id, &form.client).await?;
    tx.commit().await?;
    Ok(Redirect::to("/approvals/blocked").into_response())
}

/// The person in their own session, on the site's own page. A token doesn't authenticate here (THREATS.md line 49); the
/// origin must match too (line 9).
async fn own_person(identity: &Identity, handle: &Handle, headers: &HeaderMap) -> Result<(Session, Person), PageError> {
    let who = page::who(identity, handle).await?.ok_or_else(page::not_logged_in)?;
    if guard::is_own_origin(headers, &identity.config.site) { Ok(who) } else { Err(PageError::forged()) }
}

/// Why the decision wasn't recorded: what happened since the page was opened.
async fn notice(
    identity: &Identity,
    row: &approval::Row,
    form: &Decision,
    (decision, block, may): (&str, bool, bool),
) -> Result<String, PageError> {
    let wish = match (decision, block) {
        ("approved", _) => "Your approval wasn't recorded",
        (_, true) => "The app is blocked now; your denial wasn't recorded",
        _ => "Your denial wasn't recorded",
    };
    let why = match state::of(row, identity.clock.now()) {
        Now::Approved | Now::Used => "this request was approved before.",
        Now::Ended => "this request was approved before, and the approval was revoked.",
        Now::Denied => "this request was denied before.",
        Now::Withdrawn => "the agent has withdrawn this request.",
        Now::Expired => "this request has expired.",
        Now::Waiting if form.shown != row.digest => {
            "the page that you decided on showed something else than this request. Read it again."
        }
        Now::Waiting if approval_block::exists(identity.db.pool(), &row.person, row.app(), &row.client).await? => {
            "you have blocked this app. Unblock it first."
        }
        Now::Waiting if !may => "you may not approve for this API. You can deny it.",
        Now::Waiting => "something else happened at the same time. Try again.",
    };
    Ok(format!("{wish}: {why}"))
}
