//! A call at `/mcp` that a person must approve. It stores a request, which the worker of `approval/` processes, and
//! waits for the outcome with progress notifications. After a while it answers "waiting". A call with the same
//! arguments finds the same request, so a retry places nothing more.

use std::time::Duration;

use foundation::secret;
use rmcp::{
    RoleServer,
    model::{CallToolResponse, ProgressNotificationParam},
    service::RequestContext,
};

use super::{
    call::{Call, Stopped},
    request, task, text,
};
use crate::{
    approval::{
        again::{self, Earlier},
        request::prepare,
        state::State,
        worker,
    },
    state::Agent,
    store::{self, approval::Approval},
    tools::{Answer, Prepared},
};

/// Interval of progress notifications, in milliseconds.
const PROGRESS: i64 = 10_000;

/// Interval of reading the row, for changes made by another instance.
const READ: Duration = Duration::from_secs(1);

/// Asks the person and waits: returns the order's result, "waiting", or an explanation for the model. If the client
/// supports it, leads the person to the approval page, or becomes a task.
pub(super) async fn answer(call: &Call<'_>) -> CallToolResponse {
    let (agent, pool) = (call.agent, call.agent.db.pool());
    let (found, was_over) = match found(call).await {
        Ok(found) => found,
        Err(words) => return text::result(Err(words)).into(),
    };
    let approval = match found {
        Some(found) => found,
        None => match call.run().await {
            Ok(answer) => return text::result(Ok(answer)).into(),
            Err(Stopped::With(instead)) => return instead,
            Err(Stopped::Approval(prepared)) => match ask(call, &prepared).await {
                Ok(approval) => approval,
                Err(words) => return text::result(Err(words)).into(),
            },
        },
    };
    let named = async {
        store::approval::name_call(pool, &approval.id, &call.key).await?;
        call.is_cancelled().await
    };
    match named.await {
        Ok(false) => {}
        // The cancellation came before the request was stored under this call's key.
        Ok(true) => request::withdraw(agent, &approval.id).await,
        Err(error) => return text::result(Err(failed(&error))).into(),
    }
    let becomes_task = task::is_able(call.context) && !call.leads(&approval.id) && approval.ended_at.is_none();
    let answered =
        if becomes_task { Ended::With(task::created(agent, &approval)) } else { decided(call, &approval.id).await };
    // A later cancellation has no effect.
    let _ = store::approval::forget_call(pool, &approval.id, &call.key).await;
    match answered {
        Ended::With(instead) => instead,
        Ended::Words(answered) if was_over => {
            text::result(answered.map(found_over).map_err(|words| format!("{words} {FOUND}"))).into()
        }
        Ended::Words(answered) => text::result(answered).into(),
    }
}

/// The request that this call continues, and whether it had already ended for an earlier call.
async fn found(call: &Call<'_>) -> Result<(Option<Approval>, bool), String> {
    let (agent, pool) = (call.agent, call.agent.db.pool());
    // A call repeated after the person was led to a request is about that request, even if it asks again.
    if let Some(back) = &call.back
        && let Some(led) = request::find(agent, call.caller, &back.of).await?
    {
        return Ok((Some(led), false));
    }
    let found = store::approval::of_same(pool, &call.same).await.map_err(|error| failed(&error))?;
    let found = found.filter(|found| again::is_retry(found, agent.clock.now(), call.asks_again));
    let was_over = found.as_ref().is_some_and(|found| found.ended_at.is_some());
    Ok((found, was_over))
}

/// The result of waiting.
enum Ended {
    Words(Result<Answer, String>),
    /// With a task, or with a page for the person.
    With(CallToolResponse),
}

/// Added to the outcome of an earlier call.
const FOUND: &str = "This is what became of the same call before: nothing new was asked. Where the person wants it once \
                     more, call again with again set to true.";

fn found_over(answer: Answer) -> Answer {
    Answer { summary: format!("{}. {FOUND}", answer.summary), ..answer }
}

/// Step 1: stores the request, unless the person denied it recently or an equal call was first.
async fn ask(call: &Call<'_>, prepared: &Prepared) -> Result<Approval, String> {
    let Call { agent, caller, asker, same, asks_again, .. } = call;
    let earlier = again::earlier(agent, asker, prepared, None).await.map_err(|error| failed(&error))?;
    if let Earlier::Lately(minutes) = earlier {
        return Err(format!(
            "The person denied this lately ({}{}), so they were not asked again. {} Don't repeat the call by yourself. If \
             the person wants it after all, they can ask you for it again in {minutes} {}, or for something else.",
            prepared.title,
            if prepared.order().is_some() { ", at whatever limit" } else { "" },
            prepared.undone,
            if minutes == 1 { "minute" } else { "minutes" },
        ));
    }
    if call.is_cancelled().await.map_err(|error| failed(&error))? {
        return Err(format!("The call was cancelled before the person was asked. {}", prepared.undone));
    }
    let now = agent.clock.now();
    let new = prepare(agent, secret::id("req_"), asker.clone(), caller, prepared, now + worker::LEASE);
    let mut new = new.map_err(|_| "The request can't be written down.".to_owned())?;
    new.same = Some(same.clone());
    let stored = async {
        let mut db = agent.db.begin().await?;
        store::approval::forget_same(&mut db, same, again::counts_since(now, *asks_again)).await?;
        let is_first = store::approval::begin(&mut db, &new).await?;
        db.commit().await?;
        if is_first {
            // Not awaited here: the worker also takes the first step of a call.
            drop(worker::begin(agent, new.clone()));
        }
        Ok(if is_first { Some(new) } else { store::approval::of_same(agent.db.pool(), same).await? })
    };
    let stored: Result<_, sqlx::Error> = stored.await;
    stored.map_err(|error| failed(&error))?.ok_or_else(|| request::FAILED.to_owned())
}

fn failed(error: &sqlx::Error) -> String {
    foundation::sparsely!(error, %error, "a request for approval can't be stored or looked up");
    request::FAILED.to_owned()
}

/// Waits until the request is over, or until the call has to answer.
async fn decided(call: &Call<'_>, id: &str) -> Ended {
    let (agent, context) = (call.agent, call.context);
    let mut changes = agent.approvals.listen(id);
    let began = agent.clock.now();
    let until = began + agent.config.mcp_wait_ms;
    let mut reported = None;
    loop {
        if context.ct.is_cancelled() {
            if call.is_left() {
                request::withdraw(agent, id).await;
            }
            return Ended::Words(Err("The client closed the stream.".into()));
        }
        let approval = match store::approval::load(agent.db.pool(), id).await {
            Ok(Some(approval)) => approval,
            Ok(None) => return Ended::Words(Err(request::FAILED.to_owned())),
            Err(error) => return Ended::Words(Err(failed(&error))),
        };
        if let State::Over(outcome) = approval.state() {
            return Ended::Words(request::ended(agent, &approval, outcome));
        }
        if agent.clock.now() >= until || call.was_declined(id) {
            return Ended::Words(Ok(request::read(agent, &approval)));
        }
        if let Some(page) = approval.page.as_deref() {
            if call.leads(id) {
                return Ended::With(call.page(id, page, waiting_for(&approval)));
            }
            if reported.is_none_or(|at| agent.clock.now() >= at + PROGRESS) {
                tell(agent, &approval, page, context, began).await;
                reported = Some(agent.clock.now());
            }
        }
        tokio::select! {
            () = context.ct.cancelled() => {}
            () = changes.heard() => {}
            () = tokio::time::sleep(READ) => {}
        }
    }
}

/// Sends a progress notification, if the client asked for progress.
async fn tell(agent: &Agent, approval: &Approval, page: &str, context: &RequestContext<RoleServer>, began: i64) {
    let Some(token) = context.meta.get_progress_token() else { return };
    let seconds = |until: i64| Duration::from_millis(u64::try_from(until - began).unwrap_or(0)).as_secs_f64();
    let so_far = seconds(agent.clock.now()).floor();
    let total = seconds(approval.expires_at.unwrap_or_default()).round();
    let title = approval.prepared().map(|prepared| prepared.title).unwrap_or_default();
    let message = format!("Waiting for the person to approve \"{title}\" at {page} (code {})", approval.code);
    let progress = ProgressNotificationParam::new(token, so_far).with_total(total).with_message(message);
    // The stream notices a client that is gone.
    let _ = context.peer.notify_progress(progress).await;
}

/// The text for a person who is led to the page.
fn waiting_for(approval: &Approval) -> String {
    let title = approval.prepared().map(|prepared| prepared.title).unwrap_or_default();
    format!("Approve \"{title}\", or deny it. The code on the page must be {}.", approval.code)
}
