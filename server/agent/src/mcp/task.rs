//! Waiting calls as tasks, for clients with the Tasks extension (`io.modelcontextprotocol/tasks`): a task is the
//! approval request under its id, and is read and cancelled as such.

use foundation::time::iso;
use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolResponse, CreateTaskResult, DetailedTask, GetTaskResult, Task, TaskPayload, TaskStatus},
    service::RequestContext,
};
use serde_json::Value;

use super::{request, text};
use crate::{
    approval::{Outcome, state::State},
    state::Agent,
    store::{self, approval::Approval},
    tools::Caller,
};

/// Polling interval of a task, in milliseconds.
const POLL: u64 = 2_000;

pub(super) fn is_able(context: &RequestContext<RoleServer>) -> bool {
    context.client_capabilities().is_some_and(|able| able.supports_tasks())
}

/// The call's answer as a new task.
pub(super) fn created(agent: &Agent, approval: &Approval) -> CallToolResponse {
    CreateTaskResult::new(task(agent, approval)).into()
}

/// `tasks/get`
pub(super) async fn get(agent: &Agent, caller: &Caller, id: &str) -> Result<GetTaskResult, ErrorData> {
    let approval = find(agent, caller, id).await?;
    let payload = match approval.state() {
        State::Over(Outcome::Withdrawn) => TaskPayload::Cancelled,
        State::Over(outcome) => {
            let result = text::result(request::ended(agent, &approval, outcome));
            match serde_json::to_value(result) {
                Ok(Value::Object(result)) => TaskPayload::Completed { result },
                _ => return Err(ErrorData::internal_error(request::FAILED, None)),
            }
        }
        _ => TaskPayload::Working,
    };
    Ok(GetTaskResult::new(DetailedTask::new(task(agent, &approval), payload)))
}

/// `tasks/cancel`: withdraws an undecided request.
pub(super) async fn cancel(agent: &Agent, caller: &Caller, id: &str) -> Result<(), ErrorData> {
    let approval = find(agent, caller, id).await?;
    request::withdraw(agent, &approval.id).await;
    Ok(())
}

/// The caller's own request (THREATS.md line 46).
async fn find(agent: &Agent, caller: &Caller, id: &str) -> Result<Approval, ErrorData> {
    let found = request::find(agent, caller, id).await.map_err(|words| ErrorData::internal_error(words, None))?;
    found.ok_or_else(|| ErrorData::invalid_params("There is no such task", None))
}

fn task(agent: &Agent, approval: &Approval) -> Task {
    let changed = approval.ended_at.unwrap_or(approval.asked_at);
    Task::new(approval.id.as_str(), TaskStatus::Working, iso(approval.asked_at), iso(changed))
        .with_status_message(request::read(agent, approval).summary)
        .with_ttl_ms(store::approval::KEPT.unsigned_abs())
        .with_poll_interval_ms(POLL)
}
