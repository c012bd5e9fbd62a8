//! An approval request as its client at `/mcp` reads it, while it waits and after it ended. `get_request` reads one by
//! its id, for its own client and person.

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::chat::NOTHING_DONE;

use crate::{
    approval::{Outcome, state::State},
    broker,
    state::Agent,
    store::{
        self,
        approval::Approval,
        state::{ApprovalState, Withdrawal},
    },
    tools::{self, Answer, Caller, Prepared, output, schema},
};

pub(super) const NAME: &str = "get_request";

pub(super) const DESCRIPTION: &str = "Returns the state of a request for approval, and its outcome once it has ended: whether \
                                      it waits for the person, was denied, expired or was withdrawn, or what came of it \
                                      after it was approved. Use it when the person says that they have decided. Needs the \
                                      request's id, which the call that asked for the approval returned. It only reads.";

/// The answer when the database fails.
pub(super) const FAILED: &str = "Something failed here, so it isn't known what became of this call. Repeat it in a moment: \
                                 the same call is never done twice.";

/// Which request.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The request's id, from the result of the call that asked for the approval. It begins with "req_".
    request: String,
}

/// A request, as `get_request` and a call that still waits answer it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Request {
    /// "waiting" until the person decides, "approved" while it is being done, then the outcome.
    #[schemars(extend("enum" = ["waiting", "approved", "placed", "rejected", "refused", "unknown", "denied", "expired", "withdrawn"]))]
    status: &'static str,
    /// The request's id, for get_request.
    request: String,
    /// What the person is asked to approve, such as "Buy 5 WAYNE".
    title: String,
    /// The code that the approval page also shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The address of the page on which the person decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// When the request expires, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// What the status means, and what to do next.
    message: String,
    /// The order, if the broker has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<output::Order>,
    /// The outcome of anything else that was approved and done.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
    /// The API's own record of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
}

/// Arguments and output of `get_request`.
pub(super) fn schemas() -> (Value, Value) {
    (schema::input::<Which>(), schema::output::<Request>())
}

/// The output schema of a tool whose call may answer "waiting": its final output, or a request.
pub(super) fn or_waits(output: &Value) -> Value {
    let mut both = schema::output::<Request>();
    let status = [&output["properties"]["status"]["enum"], &both["properties"]["status"]["enum"]];
    let status: Vec<Value> = status.into_iter().filter_map(Value::as_array).flatten().cloned().collect();
    if let (Some(properties), Some(own)) = (both["properties"].as_object_mut(), output["properties"].as_object()) {
        properties.remove("order");
        properties.remove("receipt");
        properties.remove("result");
        properties.extend(own.clone());
    }
    if output["properties"]["status"].is_object() {
        both["properties"]["status"]["description"] =
            "PENDING, FILLED, CANCELLED or REJECTED: the order's. Otherwise the request's: it waits for the person."
                .into();
        both["required"] = json!(["status"]);
    } else {
        // The tool's own output has no `status`.
        both["required"] = json!([]);
    }
    both["properties"]["status"]["enum"] = status.into();
    both
}

/// The asker of requests at `/mcp`, as approvals store it: person and client.
pub(super) fn asker(caller: &Caller) -> String {
    match caller {
        Caller::Mcp { subject, client, .. } => json!([subject, client]).to_string(),
        Caller::Visitor | Caller::Person { .. } => String::new(),
    }
}

/// `get_request`
pub(super) async fn get(agent: &Agent, caller: &Caller, arguments: JsonObject) -> Result<Answer, String> {
    let which: Which = serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        format!("The arguments don't fit this tool: {error}. Send the request's id as \"request\".")
    })?;
    let found = find(agent, caller, which.request.trim()).await?;
    found.map(|found| read(agent, &found)).ok_or_else(|| "There is no such request of this app.".to_owned())
}

/// The caller's request with this id. Requests of others count as missing (THREATS.md line 46).
pub(super) async fn find(agent: &Agent, caller: &Caller, id: &str) -> Result<Option<Approval>, String> {
    let found = store::approval::load(agent.db.pool(), id).await.map_err(|error| {
        foundation::sparsely!(error, %error, "a request for approval can't be looked up");
        "Something failed here. Try again in a moment.".to_owned()
    })?;
    let own = asker(caller);
    Ok(found.filter(|found| found.asker == own))
}

/// Withdraws a request if it is undecided.
pub(super) async fn withdraw(agent: &Agent, id: &str) {
    match store::approval::withdraw(agent.db.pool(), id).await {
        Ok(_) => agent.approvals.queue.notify(),
        Err(error) => foundation::sparsely!(warn, %error, "a cancelled call's request couldn't be withdrawn"),
    }
}

/// The current state of a request.
pub(super) fn read(agent: &Agent, approval: &Approval) -> Answer {
    let title = approval.prepared().map(|prepared| prepared.title).unwrap_or_default();
    let state = approval.state();
    let message = match &state {
        State::Asking => not_asked_yet(&approval.id),
        State::Waiting => waits(approval, &title),
        State::Approved => format!(
            "The person approved it, and it is being done. Call {NAME} with request \"{}\" to read what became of it, and \
             don't call this tool again for it.",
            approval.id
        ),
        State::Over(outcome) => words(agent, approval, outcome),
    };
    let (order, receipt, result) = match &state {
        State::Over(Outcome::Placed(order) | Outcome::Rejected(order)) => (Some(order.into()), None, None),
        State::Over(Outcome::Done { receipt, data }) => (None, Some(receipt.clone()), Some(data.clone())),
        _ => (None, None, None),
    };
    let is_open = approval.ended_at.is_none();
    let request = Request {
        status: match approval.state {
            ApprovalState::Asking => ApprovalState::Waiting.word(),
            state => state.word(),
        },
        request: approval.id.clone(),
        code: approval.page.is_some().then(|| approval.code.clone()),
        page: approval.page.clone().filter(|_| is_open),
        expires_at: approval.expires_at.filter(|_| is_open).map(foundation::time::iso),
        message: message.clone(),
        title,
        order,
        receipt,
        result,
    };
    Answer { summary: message, output: output::json(&request), view: None }
}

fn waits(approval: &Approval, title: &str) -> String {
    format!(
        "The person has not decided yet. Tell them now, with these words: Approve \"{title}\" at {} , where the code must be \
         {}. It is done by itself as soon as they approve. When they say that they have decided, call {NAME} with \
         request \"{}\"; don't call this tool again for it.",
        approval.page.as_deref().unwrap_or_default(),
        approval.code,
        approval.id
    )
}

fn not_asked_yet(id: &str) -> String {
    format!(
        "The person could not be asked yet, because the identity service doesn't answer. The agent tries for two minutes. Call \
         {NAME} with request \"{id}\" to read what became of it; don't call this tool again for it."
    )
}

/// The answer of the call that made the request, after its end.
pub(super) fn ended(agent: &Agent, approval: &Approval, outcome: Outcome) -> Result<Answer, String> {
    match outcome {
        Outcome::Placed(order) => Ok(tools::placed(&order)),
        Outcome::Done { receipt, data } => {
            let output = json!({ "receipt": receipt, "result": data });
            Ok(Answer { summary: receipt, output, view: None })
        }
        other => Err(words(agent, approval, &other)),
    }
}

/// The outcome in words for the model.
fn words(agent: &Agent, approval: &Approval, outcome: &Outcome) -> String {
    let prepared = approval.prepared();
    let is_order = prepared.as_ref().is_none_or(|prepared| prepared.tool.is_none());
    let done = prepared.as_ref().map_or("it was done", Prepared::done);
    let undone = |why: &str| {
        let (title, undone) = prepared.as_ref().map_or(("", NOTHING_DONE), |it| (&it.title, &it.undone));
        format!("{why}. {} ({title}, code {}).", undone.trim_end_matches('.'), approval.code)
    };
    match outcome {
        Outcome::Placed(order) => {
            format!("The person approved it, and {done}: {}.", tools::placed(order).summary)
        }
        Outcome::Done { receipt, .. } => format!("The person approved it, and {done}: {receipt}."),
        Outcome::Rejected(order) => format!(
            "The person approved it, but {} rejected the order: {}. Nothing was bought or sold.",
            broker::name(agent),
            order.reason.as_deref().unwrap_or("no reason given").trim_end_matches('.'),
        ),
        // The person was never asked.
        Outcome::Refused { reason, .. } if approval.expires_at.is_none() => reason.clone(),
        Outcome::Refused { reason, approved: true } => {
            format!("The person approved it, but it was not done. {reason}")
        }
        Outcome::Refused { reason, .. } => undone(reason.trim_end_matches('.')),
        Outcome::Unknown(reason) => {
            let look = if is_order { "Look at get_order_history" } else { "Find out" };
            format!("It isn't known whether it was done: {reason} {look} before anything is asked again.")
        }
        Outcome::Denied => undone("The person denied it. Don't ask again unless they say so"),
        Outcome::Expired => {
            undone("The person didn't decide in time, so the request ended. Ask them before you call again")
        }
        Outcome::Withdrawn if approval.withdrawal != Withdrawal::None => {
            undone("The call was cancelled and its request withdrawn")
        }
        Outcome::Withdrawn => undone("The request was withdrawn"),
    }
}
