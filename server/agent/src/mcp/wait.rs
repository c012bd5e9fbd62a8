//! A call at `/mcp` that a person must approve. It stores a request, which the worker of `approval/` takes from there, and
//! waits for what becomes of it, with progress; after a while it answers that it waits. A call with the same arguments
//! finds the same request, so a retry places nothing more.

use std::time::Duration;

use foundation::secret;
use rmcp::{
    RoleServer,
    model::{JsonObject, ProgressNotificationParam, ProtocolVersion},
    service::RequestContext,
};
use serde_json::Value;
use tokio::time::Instant;

use super::{alive::ALIVE, request, text};
use crate::{
    approval::{
        again::{self, Earlier},
        request::prepare,
        state::State,
        worker,
    },
    state::Agent,
    store::{self, approval::Approval},
    tools::{self, Answer, Caller, Definition, Prepared, Stop},
};

/// How often the row is read, for changes that another instance makes.
const READ: Duration = Duration::from_secs(1);

/// Asks the person and waits for what they say: the order's result, that it waits, or words for the model.
pub(super) async fn call(
    agent: &Agent,
    caller: &Caller,
    definition: &Definition,
    mut arguments: JsonObject,
    context: &RequestContext<RoleServer>,
) -> Result<Answer, String> {
    let asks_again = arguments.remove("again").is_some_and(|again| again == true || again == "true");
    let asker = request::asker(caller);
    let same = again::same(&asker, definition.name, &arguments);
    let pool = agent.db.pool();
    let found = store::approval::of_same(pool, &same).await.map_err(|error| failed(&error))?;
    let found = found.filter(|found| again::is_retry(found, agent.clock.now(), asks_again));
    let was_over = found.as_ref().is_some_and(|found| found.ended_at.is_some());
    let approval = match found {
        Some(found) => found,
        None => {
            let arguments = Value::Object(arguments).to_string();
            match tools::call(agent, caller, definition.name, &arguments).await {
                Ok(answer) => return Ok(answer),
                Err(Stop::Approval(prepared)) => ask(agent, caller, asker, same, *prepared, asks_again).await?,
                Err(stop) => return Err(text::explained(agent, stop)),
            }
        }
    };
    let call = context.id.to_string();
    store::approval::name_call(pool, &approval.id, Some(&call)).await.map_err(|error| failed(&error))?;
    let answered = decided(agent, &approval.id, context).await;
    // A cancellation that comes later means nothing any more.
    let _ = store::approval::name_call(pool, &approval.id, None).await;
    if was_over { answered.map(found_over).map_err(|words| format!("{words} {FOUND}")) } else { answered }
}

/// Said with the outcome of an earlier call.
const FOUND: &str = "This is what became of the same call before: nothing new was asked. Where the person wants it once \
                     more, call again with again set to true.";

fn found_over(answer: Answer) -> Answer {
    Answer { summary: format!("{}. {FOUND}", answer.summary), ..answer }
}

/// Step 1: the request is stored, unless the person said no to it lately, or a call like this was first.
async fn ask(
    agent: &Agent,
    caller: &Caller,
    asker: String,
    same: String,
    prepared: Prepared,
    asks_again: bool,
) -> Result<Approval, String> {
    let earlier = again::earlier(agent, &asker, &prepared, None).await.map_err(|error| failed(&error))?;
    if let Earlier::Lately(minutes) = earlier {
        return Err(format!(
            "The person denied this lately ({}, at whatever limit), so they were not asked again and nothing was placed. \
             Don't repeat the call by yourself. If the person wants it after all, they can ask you for it again in \
             {minutes} {}, or for another order.",
            prepared.title,
            if minutes == 1 { "minute" } else { "minutes" },
        ));
    }
    let now = agent.clock.now();
    let new = prepare(agent, secret::id("req_"), asker, caller, &prepared, now + worker::LEASE);
    let mut new = new.map_err(|_| "The order can't be written down.".to_owned())?;
    new.same = Some(same.clone());
    let stored = async {
        let mut db = agent.db.begin().await?;
        store::approval::forget_same(&mut db, &same, again::counts_since(now, asks_again)).await?;
        let is_first = store::approval::begin(&mut db, &new).await?;
        db.commit().await?;
        if is_first {
            // On its own: a client that goes away ends no step.
            let (agent, new) = (agent.clone(), new.clone());
            tokio::spawn(async move { worker::advance(&agent, new).await });
        }
        Ok(if is_first { Some(new) } else { store::approval::of_same(agent.db.pool(), &same).await? })
    };
    let stored: Result<_, sqlx::Error> = stored.await;
    stored.map_err(|error| failed(&error))?.ok_or_else(|| request::FAILED.to_owned())
}

fn failed(error: &sqlx::Error) -> String {
    foundation::sparsely!(error, %error, "a request for approval can't be stored or looked up");
    request::FAILED.to_owned()
}

/// Waits until it is over, or until the call has to answer.
async fn decided(agent: &Agent, id: &str, context: &RequestContext<RoleServer>) -> Result<Answer, String> {
    let mut changes = agent.approvals.listen(id);
    let began = Instant::now();
    let until = agent.clock.now() + agent.config.mcp_wait_ms;
    let mut told = None;
    loop {
        let found = store::approval::load(agent.db.pool(), id).await.map_err(|error| failed(&error))?;
        let Some(approval) = found else { return Err(request::FAILED.to_owned()) };
        if let State::Over(outcome) = approval.state() {
            return request::ended(agent, &approval, outcome);
        }
        if agent.clock.now() >= until {
            return Ok(request::read(agent, &approval));
        }
        if approval.page.is_some() && told.is_none_or(|at: Instant| at.elapsed() >= ALIVE) {
            tell(agent, &approval, context, began).await;
            told = Some(Instant::now());
        }
        tokio::select! {
            () = context.ct.cancelled() => return gone(agent, id, context).await,
            () = changes.heard() => {}
            () = tokio::time::sleep(READ) => {}
        }
    }
}

/// The client closed the stream. In the newest revision that cancels the call, and withdraws a request that is not decided
/// yet; in the others the connection may just be lost.
async fn gone(agent: &Agent, id: &str, context: &RequestContext<RoleServer>) -> Result<Answer, String> {
    let cancels = context.protocol_version() == Some(ProtocolVersion::V_2026_07_28);
    if cancels && !agent.shutdown.is_cancelled() {
        withdraw(agent, id).await;
    }
    Err("The client closed the stream.".into())
}

/// Withdraws a request, if it is not decided yet.
pub(super) async fn withdraw(agent: &Agent, id: &str) {
    match store::approval::withdraw(agent.db.pool(), id).await {
        Ok(_) => agent.approvals.queue.notify(),
        Err(error) => foundation::sparsely!(warn, %error, "a cancelled call's request could not be withdrawn"),
    }
}

/// Tells the client that the person is waited for, where it asked to be told.
async fn tell(agent: &Agent, approval: &Approval, context: &RequestContext<RoleServer>, began: Instant) {
    let Some(token) = context.meta.get_progress_token() else { return };
    let left = approval.expires_at.unwrap_or_default() - agent.clock.now();
    let so_far = began.elapsed().as_secs_f64().floor();
    let total = so_far + Duration::from_millis(u64::try_from(left).unwrap_or(0)).as_secs_f64().round();
    let progress = ProgressNotificationParam::new(token, so_far).with_total(total).with_message(format!(
        "Waiting for the person to approve \"{}\" at {} (code {})",
        approval.prepared().map(|prepared| prepared.title).unwrap_or_default(),
        approval.page.as_deref().unwrap_or_default(),
        approval.code
    ));
    // A client that is gone is noticed by its stream.
    let _ = context.peer.notify_progress(progress).await;
}
