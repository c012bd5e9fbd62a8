//! The person approves, denies, blocks the app, or takes more time. One compare-and-set on exactly what the page
//! showed.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    crash, guard,
    session::{Handle, Session},
    tr,
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
        approval_block, approval_time, outbox,
        person::Person,
    },
};

/// The form of a request's page.
struct Decision {
    csrf_token: String,
    /// Id and digest of each request that the page showed and the form decides.
    shown: Vec<(String, String)>,
    /// The ids of the ticked requests.
    ticked: Vec<String>,
    choice: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// Approves the ticked requests, or the only one, and denies the rest.
    Approve,
    Deny,
    /// Denies, and blocks the app.
    Block,
    /// Decides nothing yet: the requests wait longer.
    Later,
}

impl Decision {
    /// Reads the fields; `shown` and `approve` may be repeated. `None` if no page of ours has such a form.
    fn read(fields: Vec<(String, String)>) -> Option<Self> {
        let (mut csrf_token, mut choice, mut shown, mut ticked) = (None, None, Vec::new(), Vec::new());
        for (name, value) in fields {
            match (name.as_str(), value.as_str()) {
                ("csrf_token", _) => csrf_token = Some(value),
                ("shown", _) => shown.push(value.split_once(' ').map(|(id, digest)| (id.into(), digest.into()))?),
                ("approve", _) => ticked.push(value),
                ("decision", "approve") => choice = Some(Choice::Approve),
                ("decision", "deny") => choice = Some(Choice::Deny),
                ("decision", "block") => choice = Some(Choice::Block),
                ("decision", "later") => choice = Some(Choice::Later),
                _ => return None,
            }
        }
        // Always in the same order, so that two concurrent forms can't deadlock.
        shown.sort();
        shown.dedup();
        Some(Self { csrf_token: csrf_token?, shown, ticked, choice: choice? })
    }

    /// The decision on one of its requests.
    fn on(&self, id: &str) -> &'static str {
        let is_ticked = self.shown.len() == 1 || self.ticked.iter().any(|ticked| ticked == id);
        if self.choice == Choice::Approve && is_ticked { "approved" } else { "denied" }
    }
}

#[derive(Deserialize)]
pub(super) struct Unblock {
    csrf_token: String,
    client: String,
}

/// `POST /approvals/{id}`: decides exactly the requests that the form names, all or none (THREATS.md line 55).
pub(super) async fn decide(
    State(identity): State<Identity>,
    Path(id): Path<String>,
    handle: Handle,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<Response, PageError> {
    let (session, person) = own_person(&identity, &handle, &headers).await?;
    let form = form.ok().and_then(|Form(fields)| Decision::read(fields)).ok_or_else(PageError::forged)?;
    if !identity.sessions.matches_csrf_token(&session, &form.csrf_token) {
        return Err(PageError::forged());
    }
    let rows = rows(&identity, &person, &id, &form).await?;
    if form.choice == Choice::Approve && rows.iter().all(|row| form.on(&row.id) == "denied") {
        let notice = tr!(
            "Nothing is ticked, so nothing was decided. Tick what you approve, or deny all.",
            "Nichts ist angekreuzt, deshalb wurde nichts entschieden. Kreuze an, was du freigibst, oder lehne alle ab."
        );
        return page::show(&identity, &session, &person, &id, StatusCode::CONFLICT, Some(notice.into())).await;
    }
    let now = identity.clock.now();
    let mut tx = identity.db.begin().await?;
    let mut refused = None;
    for (row, (_, digest)) in rows.iter().zip(&form.shown) {
        let taken = match form.choice {
            Choice::Later => extend(&identity, &mut tx, (row, digest), &person, now).await?,
            _ => take(&identity, &mut tx, (row, digest), &person, form.on(&row.id), now).await?,
        };
        if !taken {
            refused = Some(row);
            break;
        }
    }
    if form.choice != Choice::Block
        && let Some(row) = refused
    {
        tx.rollback().await?;
        return not_taken(&identity, (&session, &person), (&id, row), &form).await;
    }
    if form.choice == Choice::Block {
        // A block denies this app's other waiting requests too, even if one of these was already decided.
        for row in &rows {
            approval_block::insert(&mut *tx, &person.id, row.app(), row.app_name(), now).await?;
            end::all(&mut tx, Whose { person: &person.id, client: row.app(), ..Whose::default() }, now).await?;
        }
    }
    tx.commit().await?;
    crash::point("identity:decided");
    identity.desk.notify(&person.id);
    if let Some(row) = refused {
        return not_taken(&identity, (&session, &person), (&id, row), &form).await;
    }
    for row in rows.iter().filter(|_| form.choice != Choice::Later) {
        let (decision, client, app) = (form.on(&row.id), &row.client, row.app());
        tracing::info!(id = row.id, decision, client, app, "a request was decided");
    }
    Ok(Redirect::to(&format!("/approvals/{id}")).into_response())
}

/// The person's requests that the form names, in its order. They include the one in the address.
async fn rows(
    identity: &Identity,
    person: &Person,
    id: &str,
    form: &Decision,
) -> Result<Vec<approval::Row>, PageError> {
    let mut rows = Vec::new();
    for (shown, _) in &form.shown {
        let row = approval::of_person(identity.db.pool(), shown, &person.id).await?;
        rows.push(row.ok_or_else(PageError::not_found)?);
    }
    if rows.iter().any(|row| row.id == id) {
        return Ok(rows);
    }
    let row = approval::of_person(identity.db.pool(), id, &person.id).await?;
    Err(row.map_or_else(PageError::not_found, |_| PageError::forged()))
}

/// Records the decision on one request, in the caller's transaction. `false` if something prevents it.
async fn take(
    identity: &Identity,
    tx: &mut AnyConnection,
    (row, digest): (&approval::Row, &str),
    person: &Person,
    decision: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let approvers = active::approvers(identity, row);
    if decision == "approved" && !approvers.include(person) {
        return Ok(false);
    }
    let address = approvers.address(person);
    if !approval::decide(&mut *tx, &row.id, &person.id, digest, decision, address, now).await? {
        return Ok(false);
    }
    if let Some(ping) = ping::about(row, now) {
        outbox::insert(&mut *tx, &ping).await?;
    }
    record(identity, tx, row, decision).await?;
    Ok(true)
}

/// Adds time to one request, in the caller's transaction, and pings its client, which then learns the new end. Only for
/// someone who may approve it. `false` if something prevents it.
async fn extend(
    identity: &Identity,
    tx: &mut AnyConnection,
    (row, digest): (&approval::Row, &str),
    person: &Person,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let approvers = active::approvers(identity, row);
    let address = approvers.address(person);
    if !approvers.include(person) || !approval_time::extend(&mut *tx, &row.id, &person.id, digest, address, now).await?
    {
        return Ok(false);
    }
    if let Some(ping) = ping::about(row, now) {
        outbox::insert(&mut *tx, &ping).await?;
    }
    Ok(true)
}

/// The page as it is now, and why nothing was recorded.
async fn not_taken(
    identity: &Identity,
    (session, person): (&Session, &Person),
    (id, row): (&str, &approval::Row),
    form: &Decision,
) -> Result<Response, PageError> {
    let row = approval::of_person(identity.db.pool(), &row.id, &person.id).await?.ok_or_else(PageError::not_found)?;
    let notice = notice(identity, &row, person, form).await?;
    page::show(identity, session, person, id, StatusCode::CONFLICT, Some(notice)).await
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

/// Why the decision wasn't recorded: what happened to this request since the page was opened.
async fn notice(
    identity: &Identity,
    row: &approval::Row,
    person: &Person,
    form: &Decision,
) -> Result<String, PageError> {
    let wish = match form.choice {
        Choice::Later => tr!("No time was added", "Es kam keine Zeit dazu"),
        Choice::Block => tr!(
            "The app is blocked now; your denial wasn’t recorded",
            "Die App ist jetzt blockiert; deine Ablehnung wurde nicht gespeichert"
        ),
        _ if form.shown.len() > 1 => tr!("Nothing was decided", "Nichts wurde entschieden"),
        Choice::Approve => tr!("Your approval wasn’t recorded", "Deine Freigabe wurde nicht gespeichert"),
        Choice::Deny => tr!("Your denial wasn’t recorded", "Deine Ablehnung wurde nicht gespeichert"),
    };
    let request = match page::title(identity, row).filter(|_| form.shown.len() > 1) {
        Some(title) => tr!(format!("the request ‘{title}’"), format!("die Anfrage ‚{title}‘")),
        None => tr!("this request", "diese Anfrage").to_owned(),
    };
    let shown = |(id, digest): &(String, String)| *id == row.id && *digest == row.digest;
    let may = (form.choice != Choice::Later && form.on(&row.id) == "denied")
        || active::approvers(identity, row).include(person);
    let why = match state::of(row, identity.clock.now()) {
        Now::Approved | Now::Used => {
            tr!(format!("{request} was approved before."), format!("{request} wurde schon freigegeben."))
        }
        Now::Ended => tr!(
            format!("{request} was approved before, and the approval was revoked."),
            format!("{request} wurde schon freigegeben, und die Freigabe widerrufen.")
        ),
        Now::Denied => tr!(format!("{request} was denied before."), format!("{request} wurde schon abgelehnt.")),
        Now::Withdrawn => {
            tr!(format!("the agent has withdrawn {request}."), format!("der Agent hat {request} zurückgezogen."))
        }
        Now::Expired => tr!(format!("{request} has expired."), format!("{request} ist abgelaufen.")),
        Now::Waiting if !form.shown.iter().any(shown) => {
            tr!(
                format!("the page that you decided on showed something else than {request}. Read it again."),
                format!("die Seite, auf der du entschieden hast, zeigte nicht {request}. Lies noch einmal.")
            )
        }
        Now::Waiting if form.choice == Choice::Later && row.extended_at.is_some() => {
            tr!(format!("{request} has more time already."), format!("{request} hat schon mehr Zeit."))
        }
        Now::Waiting if approval_block::exists(identity.db.pool(), &row.person, row.app(), &row.client).await? => {
            tr!("you have blocked this app. Unblock it first.", "du hast diese App blockiert. Heb das zuerst auf.")
                .into()
        }
        Now::Waiting if form.choice == Choice::Later && !approval_time::can_extend(row) => {
            tr!(format!("{request} can’t wait longer."), format!("{request} kann nicht länger warten."))
        }
        Now::Waiting if !may => tr!(
            "you may not approve for this API. You can deny it.",
            "für diese API darfst du nicht freigeben. Du kannst ablehnen."
        )
        .into(),
        Now::Waiting => tr!(
            "something else happened at the same time. Try again.",
            "etwas anderes geschah zur gleichen Zeit. Versuch es noch einmal."
        )
        .into(),
    };
    Ok(format!("{wish}: {why}"))
}
