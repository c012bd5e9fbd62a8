//! An order asked for over MCP: the approval is requested on the caller's behalf, waited for with progress, and the
//! order placed. A call that is cancelled withdraws its request. There is no message here that could name an order: what
//! the person denied is not asked for again for a while (THREATS.md line 55).

use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foundation::{CancellationToken, secret};
use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};
use shared::broker::Status;
use tokio::{sync::Notify, time::Instant};

use super::{
    alive::ALIVE,
    calls::{Calls, Waiting},
};
use crate::{
    approval::{self, ApprovalError, Placed, Polled, Requested, Withdrawal},
    state::Agent,
    store,
    tools::{self, Answer, Caller, Prepared},
};

/// How long a client can't ask again for what the person denied it, in milliseconds.
const DENIED: i64 = 600_000;

/// Asks the person and waits for what they say: the order's result, or words for the model.
pub(super) async fn approve(
    agent: &Agent,
    caller: &Caller,
    prepared: &Prepared,
    context: &RequestContext<RoleServer>,
) -> Result<Answer, String> {
    not_denied(agent, caller, prepared).await?;
    let call = Call::enter(&agent.calls, caller, context);
    let token = secret::token();
    let ping = Ping::listen(&agent.calls, &token);
    let code = secret::binding_code();
    let key = secret::id("mcp_");
    let again = || approval::request(agent, caller, prepared, &key, &token, &code);
    let requested = retried(again, Duration::from_secs(20)).await.map_err(|error| error.to_string())?;
    let asked = Asked { agent, caller, prepared, requested, code };
    tokio::select! {
        // A client that went away while the person had decided: what they decided is not acted upon.
        biased;
        () = call.cancelled() => asked.withdraw().await,
        decided = asked.decided(&ping, context) => asked.place(decided?).await,
    }
}

/// Whether the person denied this client the same lately. Where that can't be looked up, nothing is asked.
async fn not_denied(agent: &Agent, caller: &Caller, prepared: &Prepared) -> Result<(), String> {
    let Caller::Mcp { subject, client, .. } = caller else { return Ok(()) };
    let now = agent.clock.now();
    let what = prepared.what();
    let found = store::denial::find(agent.db.pool(), (subject, client, &what), now - DENIED).await;
    let found = found.map_err(|error| {
        tracing::error!(%error, "whether something was denied can't be looked up");
        "Something failed here, so the person was not asked. Try again in a moment.".to_owned()
    })?;
    let Some(at) = found else { return Ok(()) };
    let minutes = (at + DENIED - now + 59_999) / 60_000;
    Err(format!(
        "The person denied this lately ({}, at whatever limit), so they were not asked again and nothing was placed. \
         Don't repeat the call by yourself. If the person wants it after all, they can ask you for it again in {minutes} \
         {}, or for another order.",
        prepared.title,
        if minutes == 1 { "minute" } else { "minutes" },
    ))
}

/// A request for approval that was made.
struct Asked<'a> {
    agent: &'a Agent,
    caller: &'a Caller,
    prepared: &'a Prepared,
    requested: Requested,
    code: String,
}

impl Asked<'_> {
    /// Waits until the person approves.
    async fn decided(
        &self,
        ping: &Ping,
        context: &RequestContext<RoleServer>,
    ) -> Result<foundation::SecretString, String> {
        let progress = Progress::of(self, context);
        progress.tell().await;
        let mut pause = self.requested.interval_ms;
        let mut told = Instant::now();
        let mut next = Instant::now() + ms(pause);
        loop {
            tokio::select! {
                () = ping.heard() => {}
                () = tokio::time::sleep_until(next) => {}
                () = tokio::time::sleep_until(told + ALIVE) => {
                    progress.tell().await;
                    told = Instant::now();
                    continue;
                }
            }
            match approval::poll(self.agent, self.caller, &self.requested.auth_req_id).await {
                Ok(Polled::Approved(token)) => return Ok(token),
                Ok(Polled::Pending) | Err(ApprovalError::Retry(_)) => {}
                Ok(Polled::SlowDown(wait)) => pause = pause.max(wait),
                Ok(Polled::Denied) => {
                    self.denied().await;
                    return Err(self.not_placed("The person denied it. Don't ask again unless they say so"));
                }
                Ok(Polled::Expired | Polled::Gone) => {
                    return Err(self.not_placed(
                        "The person didn't decide in time, so the request ended. Ask them before you call again",
                    ));
                }
                Ok(Polled::Withdrawn) => return Err(self.not_placed("The request was withdrawn")),
                Err(ApprovalError::Final(message)) => return Err(self.not_placed(message.trim_end_matches('.'))),
            }
            // The identity service ends it; this is for one that can't be reached any more.
            if self.agent.clock.now() > self.requested.expires_at + 60_000 {
                return Err(self.not_placed("The request's time is over, and the identity service can't be asked"));
            }
            next = Instant::now() + ms(pause);
        }
    }

    /// Remembers what the person said.
    async fn denied(&self) {
        let Caller::Mcp { subject, client, .. } = self.caller else { return };
        let now = self.agent.clock.now();
        let what = self.prepared.what();
        let kept = store::denial::keep(self.agent.db.pool(), (subject, client, &what), now, now - DENIED).await;
        if let Err(error) = kept {
            tracing::error!(%error, "a denial could not be kept");
        }
    }

    fn not_placed(&self, why: &str) -> String {
        format!("{why}. Nothing was placed ({}, code {}).", self.prepared.title, self.code)
    }

    /// Places what was approved. From here on the call runs to its end, since an order can't be half placed.
    async fn place(&self, token: foundation::SecretString) -> Result<Answer, String> {
        let Requested { txn, .. } = &self.requested;
        let again = || approval::place(self.agent, self.caller, &token, txn, &self.prepared.detail);
        match retried(again, Duration::from_secs(60)).await {
            Ok(Placed::Order(order)) if order.status == Status::Rejected => Err(format!(
                "The person approved it, but {} rejected the order: {}. Nothing was bought or sold.",
                self.agent.config.connection.1,
                order.reason.as_deref().unwrap_or("no reason given").trim_end_matches('.'),
            )),
            Ok(Placed::Order(order)) => Ok(tools::placed(&order)),
            Ok(Placed::Refused(reason)) => Err(format!("The person approved it, but it was not placed. {reason}")),
            Err(error) => Err(format!(
                "The person approved it, but whether the order was placed is not known yet: {error} Look at \
                 get_order_history before anything is asked again."
            )),
        }
    }

    /// Takes the request back: nobody waits for its order any more.
    async fn withdraw(&self) -> Result<Answer, String> {
        let again = || approval::withdraw(self.agent, self.caller, &self.requested.auth_req_id);
        match retried(again, Duration::from_secs(20)).await {
            Ok(Withdrawal::Denied) => self.denied().await,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a cancelled call's request for approval could not be withdrawn"),
        }
        Err(self.not_placed("The call was cancelled and its request withdrawn"))
    }
}

/// Tells the client that the person is waited for, where it asked to be told.
struct Progress<'a> {
    context: &'a RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    message: String,
    began: Instant,
    total: f64,
}

impl<'a> Progress<'a> {
    fn of(asked: &Asked<'_>, context: &'a RequestContext<RoleServer>) -> Self {
        let left = (asked.requested.expires_at - asked.agent.clock.now()).max(0);
        Self {
            context,
            token: context.meta.get_progress_token(),
            message: format!(
                "Waiting for the person to approve \"{}\" at {} (code {})",
                asked.prepared.title, asked.requested.page, asked.code
            ),
            began: Instant::now(),
            total: Duration::from_millis(left.unsigned_abs()).as_secs_f64().round(),
        }
    }

    async fn tell(&self) {
        let Some(token) = &self.token else { return };
        let so_far = self.began.elapsed().as_secs_f64().floor().min(self.total);
        let progress = ProgressNotificationParam::new(token.clone(), so_far)
            .with_total(self.total)
            .with_message(self.message.clone());
        // A client that is gone is noticed by its stream.
        let _ = self.context.peer.notify_progress(progress).await;
    }
}

/// A call that waits, entered under the name by which its client may cancel it.
struct Call {
    calls: Calls,
    number: u64,
    cancel: CancellationToken,
}

impl Call {
    fn enter(calls: &Calls, caller: &Caller, context: &RequestContext<RoleServer>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The transport cancels its own when the client hangs up.
        let cancel = context.ct.child_token();
        if let Caller::Mcp { subject, client, .. } = caller {
            let name = Waiting { subject: subject.clone(), client: client.clone(), request: context.id.to_string() };
            calls.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, (name, cancel.clone()));
        }
        Self { calls: calls.clone(), number, cancel }
    }

    async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

/// Hears the ping for one notification token.
struct Ping {
    calls: Calls,
    hash: String,
    notify: Arc<Notify>,
}

impl Ping {
    fn listen(calls: &Calls, token: &str) -> Self {
        let (hash, notify) = (secret::hash(token), Arc::new(Notify::new()));
        calls.asleep.lock().unwrap_or_else(PoisonError::into_inner).insert(hash.clone(), notify.clone());
        Self { calls: calls.clone(), hash, notify }
    }

    async fn heard(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Ping {
    fn drop(&mut self) {
        self.calls.asleep.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.hash);
    }
}

/// A step, again while it may help and for so long at most.
async fn retried<T, F: Future<Output = Result<T, ApprovalError>>>(
    mut step: impl FnMut() -> F,
    at_most: Duration,
) -> Result<T, ApprovalError> {
    let until = Instant::now() + at_most;
    let mut pause = Duration::from_millis(250);
    loop {
        match step().await {
            Err(ApprovalError::Retry(_)) if Instant::now() + pause < until => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(5));
            }
            result => return result,
        }
    }
}

fn ms(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.unsigned_abs())
}
