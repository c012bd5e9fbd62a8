//! The inbox, and the page of one request or of those made together. Reading them decides nothing (THREATS.md line 53).

use axum::{
    extract::{OriginalUri, Path, State},
    http::StatusCode,
    response::Response,
};
use details::{Answer, Detail};
use foundation::{
    session::{Handle, Session},
    tr,
};

use super::{active, facts, receipt, requested::Requested};
use crate::{
    approval::state,
    error::PageError,
    login::{person, session},
    page::{Approval, Receipt, Said, Same, State as RequestState, View},
    state::Identity,
    store::{approval, approval_block, approval_group, approval_time, person::Person},
};

/// In milliseconds.
const DAY: i64 = 24 * 3_600_000;

/// `GET /approvals`
pub(super) async fn inbox(
    State(identity): State<Identity>,
    handle: Handle,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let Some((_, person)) = who(&identity, &handle).await? else {
        return Ok(session::require(&path(&uri)));
    };
    let now = identity.clock.now();
    let waiting = approval::waiting(identity.db.pool(), &person.id, now).await?;
    let shown = |row: &approval::Row| Some(view(&identity, row, &requested_of(&identity, row)?));
    let waiting = waiting.iter().filter_map(shown).collect();
    let past = approval::past(identity.db.pool(), &person.id, now).await?;
    let receipts = receipt::of_all(&identity, &past).await;
    let past = past.iter().filter_map(|row| {
        let approval = shown(row)?;
        Some(Approval { receipt: receipts.get(&row.id).cloned().unwrap_or(Receipt::None), ..approval })
    });
    let past = past.collect();
    Ok(identity.page(StatusCode::OK, Some(&person), View::Approvals { waiting, past, now }))
}

/// `GET /approvals/{id}`
pub(super) async fn approval(
    State(identity): State<Identity>,
    handle: Handle,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let Some((session, person)) = who(&identity, &handle).await? else {
        return Ok(session::require(&path(&uri)));
    };
    show(&identity, &session, &person, &id, StatusCode::OK, None).await
}

/// `GET /approvals/blocked`
pub(super) async fn blocked(
    State(identity): State<Identity>,
    handle: Handle,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, PageError> {
    let Some((session, person)) = who(&identity, &handle).await? else {
        return Ok(session::require(&path(&uri)));
    };
    let clients = approval_block::list(identity.db.pool(), &person.id).await?;
    let csrf_token = identity.sessions.csrf_token(&session);
    Ok(identity.page(StatusCode::OK, Some(&person), View::Blocked { clients, csrf_token }))
}

/// The page of a request in its current state. `notice` reports the outcome of the decision just made. Another person's
/// request doesn't exist (THREATS.md line 46).
pub(super) async fn show(
    identity: &Identity,
    session: &Session,
    person: &Person,
    id: &str,
    status: StatusCode,
    notice: Option<String>,
) -> Result<Response, PageError> {
    let (pool, now) = (identity.db.pool(), identity.clock.now());
    let row = approval::of_person(pool, id, &person.id).await?.ok_or_else(PageError::not_found)?;
    let mut rows = match &row.in_group {
        Some(group) => {
            approval_group::show(pool, group, now).await?;
            approval_group::requests(pool, group).await?
        }
        None => vec![],
    };
    rows.retain(|other| other.id != row.id);
    rows.push(row);
    rows.sort_by(|a, b| (a.asked_at, &a.id).cmp(&(b.asked_at, &b.id)));
    let all = futures::future::join_all(rows.iter().map(|row| one(identity, row, person))).await;
    let all: Vec<Option<(Requested, Approval)>> = all.into_iter().collect::<Result<_, _>>()?;
    let (requested, mut together): (Vec<_>, Vec<_>) = all.into_iter().flatten().unzip();
    let waiting = requested.iter().zip(&together).filter(|(_, approval)| approval.state == RequestState::Waiting);
    let totals = Detail::totals(&waiting.filter_map(|(requested, _)| requested.detail()).collect::<Vec<_>>());
    let its_place = together.iter().position(|approval| approval.id == id).ok_or_else(PageError::not_found)?;
    let approval = together.remove(its_place);
    let csrf_token = identity.sessions.csrf_token(session);
    let view = View::Approval { approval, together, totals, csrf_token, now, notice };
    Ok(identity.page(status, Some(person), view))
}

/// A request with everything that its page shows. `None` if it can't be shown.
async fn one(
    identity: &Identity,
    row: &approval::Row,
    person: &Person,
) -> Result<Option<(Requested, Approval)>, PageError> {
    let Some(requested) = requested_of(identity, row) else { return Ok(None) };
    let approval = view(identity, row, &requested);
    let connection = identity.config.connections.iter().find(|connection| connection.name == row.connection);
    let by = connection.map_or(row.account_label.as_str(), |connection| &connection.title);
    let (receipt, (sheet, said)) = match &requested {
        Requested::Detail(detail) => {
            tokio::join!(receipt::of(identity, row, detail), facts::beside(identity, detail, by, approval.state))
        }
        Requested::Scopes(_) => (Receipt::None, (approval.sheet.clone(), Said::NotAsked)),
    };
    let may_approve = active::approvers(identity, row).include(person);
    let same = if approval.state == RequestState::Waiting { same(identity, row, &requested).await? } else { vec![] };
    let more_time = approval.more_time && may_approve;
    Ok(Some((requested, Approval { receipt, sheet, said, same, may_approve, more_time, ..approval })))
}

/// The person's other requests for the same thing at any limit: the waiting ones, and the last one approved within a
/// day.
async fn same(identity: &Identity, row: &approval::Row, requested: &Requested) -> Result<Vec<Same>, PageError> {
    let (pool, now) = (identity.db.pool(), identity.clock.now());
    let asks = |other: &approval::Row| {
        other.id != row.id
            && other.account == row.account
            && Requested::of(identity, other).is_ok_and(|other| other.is_same_as(requested))
    };
    let past = approval::past(pool, &row.person, now).await?;
    let approved = past.iter().filter(|other| other.state == "approved" && other.ended_at.is_none() && asks(other));
    let last = approved.filter_map(|other| other.decided_at).max().filter(|at| now - at < DAY);
    let waiting = approval::waiting(pool, &row.person, now).await?;
    let waits = waiting.iter().filter(|other| asks(other)).map(|other| Same::Waits(other.code.clone()));
    Ok(last.map(Same::Approved).into_iter().chain(waits).collect())
}

/// A request in a few words: `Buy 5 WAYNE`.
pub(super) fn title(identity: &Identity, row: &approval::Row) -> Option<String> {
    Some(requested_of(identity, row)?.title(identity))
}

/// Reads the stored request. `None` if the current configuration refuses it; then it can't be used either.
fn requested_of(identity: &Identity, row: &approval::Row) -> Option<Requested> {
    let refused = |error: &_| tracing::warn!(approval = row.id, %error, "a stored request can't be shown");
    Requested::of(identity, row).inspect_err(refused).ok()
}

/// A request as the pages show it: from the stored details alone, with the agent's message kept separate.
fn view(identity: &Identity, row: &approval::Row, requested: &Requested) -> Approval {
    let through = row.caller.as_ref().map(|caller| {
        let name = row.caller_name.as_deref().unwrap_or(caller);
        match row.caller_verified {
            Some(1) => name.to_owned(),
            _ => tr!(
                format!("{name} (registered by itself, unverified)"),
                format!("{name} (hat sich selbst registriert, ungeprüft)")
            ),
        }
    });
    let client = identity.config.clients.iter().find(|client| client.id == row.client);
    let detail = requested.detail();
    let kind = requested.kind();
    let message = detail.is_none().then(|| row.code.clone());
    Approval {
        id: row.id.clone(),
        title: requested.title(identity),
        noun: kind.map_or_else(|| tr!("request", "Anfrage").into(), |kind| kind.noun.clone()),
        undone: kind.map_or_else(|| tr!("Nothing was done.", "Nichts wurde getan.").into(), |kind| kind.undone.clone()),
        about: kind.and_then(|kind| kind.about.clone()),
        bound: detail.and_then(Detail::bound),
        sheet: match requested {
            Requested::Detail(detail) => detail.sheet(Answer::NotAsked),
            Requested::Scopes(scopes) => scopes.sheet(identity),
        },
        message,
        handed_on: receipt::handed_on(row).is_some(),
        may_approve: true,
        digest: row.digest.clone(),
        account: row.account_label.clone(),
        client: row.client_name.clone(),
        through,
        app: row.app_name().to_owned(),
        code: row.code.clone(),
        agent_message: row.agent_message.clone(),
        asked_at: row.asked_at,
        expires_at: row.expires_at,
        more_time: approval_time::can_extend(row),
        extended_at: row.extended_at,
        state: state::of(row, identity.clock.now()),
        decided_at: row.decided_at,
        receipt: Receipt::None,
        said: Said::NotAsked,
        same: vec![],
        back: client.and_then(|client| client.home.clone()).map(|home| to_the_request(&home, &row.id)),
    }
}

/// The URL of the client's page for this request, so that the client can show the chat that asked.
fn to_the_request(home: &str, id: &str) -> String {
    format!("{home}{}approval={id}", if home.contains('?') { '&' } else { '?' })
}

/// The request's session and person: only the person's own session, never a token (THREATS.md line 49).
pub(super) async fn who(identity: &Identity, handle: &Handle) -> Result<Option<(Session, Person)>, PageError> {
    Ok(person::of_request(identity, handle).await?)
}

pub(super) fn not_logged_in() -> PageError {
    PageError::new(
        StatusCode::UNAUTHORIZED,
        tr!("Log in first", "Melde dich zuerst an"),
        tr!(
            "Only a person who is logged in here decides. Nothing was changed.",
            "Nur wer hier angemeldet ist, entscheidet. Nichts wurde geändert."
        ),
    )
    .back("/approvals", tr!("Log in", "Anmelden"))
}

fn path(uri: &axum::http::Uri) -> String {
    uri.path_and_query().map_or("/approvals", |path| path.as_str()).to_owned()
}
