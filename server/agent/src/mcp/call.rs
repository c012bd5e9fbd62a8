//! A tool call at `/mcp`. If an account must be connected first and the client can open a page, leads the person there.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResponse, ProtocolVersion},
    service::RequestContext,
};
use serde_json::Value;

use super::{
    cancel,
    elicit::{self, Back},
    request, text,
};
use crate::{
    approval::again,
    state::Agent,
    store,
    tools::{self, Answer, Caller, Definition, Prepared, Stop},
};

/// The purpose of a page that connects an account.
const CONNECT: &str = "connect";

/// Interval between checks whether the account is connected.
const TRY: Duration = Duration::from_secs(3);

pub(super) struct Call<'a> {
    pub(super) agent: &'a Agent,
    pub(super) caller: &'a Caller,
    pub(super) context: &'a RequestContext<RoleServer>,
    tool: &'a Definition,
    arguments: String,
    /// Whether the person wants the same once more.
    pub(super) asks_again: bool,
    /// The caller, and the digest that retries of this call share.
    pub(super) asker: String,
    pub(super) same: String,
    pub(super) back: Option<Back>,
    /// See [`cancel::key`].
    pub(super) key: String,
    began: i64,
}

/// Why a tool has no answer yet.
pub(super) enum Stopped {
    /// The person must approve.
    Approval(Box<Prepared>),
    /// Answer with this instead.
    With(CallToolResponse),
}

impl<'a> Call<'a> {
    /// # Errors
    /// When the request state isn't this call's.
    pub(super) fn of(
        agent: &'a Agent,
        caller: &'a Caller,
        tool: &'a Definition,
        mut request: CallToolRequestParams,
        context: &'a RequestContext<RoleServer>,
    ) -> Result<Self, ErrorData> {
        let mut arguments = request.arguments.take().unwrap_or_default();
        let again = if tool.approval { arguments.remove("again") } else { None };
        let asker = request::asker(caller);
        let same = again::same(agent, &asker, &tool.name, &arguments);
        let back = elicit::back(agent, &same, &request)?;
        Ok(Self {
            agent,
            caller,
            context,
            tool,
            arguments: Value::Object(arguments).to_string(),
            asks_again: again.is_some_and(|again| again == true || again == "true"),
            asker,
            same,
            back,
            key: cancel::key(context),
            began: agent.clock.now(),
        })
    }

    /// Whether the client cancelled the call by closing the stream, as the newest revision defines. In earlier ones a
    /// closed stream may be a lost connection.
    pub(super) fn is_left(&self) -> bool {
        self.context.protocol_version() == Some(ProtocolVersion::V_2026_07_28)
            && self.context.ct.is_cancelled()
            && !self.agent.shutdown.is_cancelled()
    }

    /// Whether the client has cancelled it.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn is_cancelled(&self) -> Result<bool, sqlx::Error> {
        if self.is_left() {
            return Ok(true);
        }
        store::cancelled_call::is_cancelled(self.agent.db.pool(), &self.key, self.began).await
    }

    /// Runs the tool.
    pub(super) async fn run(&self) -> Result<Answer, Stopped> {
        let (agent, until) = (self.agent, self.agent.clock.now() + self.agent.config.mcp_wait_ms);
        let came_back = self.back.as_ref().filter(|back| back.of == CONNECT);
        loop {
            // The transport runs this in its own task, where the recording's person isn't known.
            let called = tools::call(agent, self.caller, &self.tool.name, &self.arguments);
            let subject = if let Caller::Mcp { subject, .. } = self.caller { Some(subject.as_str()) } else { None };
            let stop = match agent.recorder.within(subject, called).await {
                Ok(answer) => return Ok(answer),
                Err(Stop::Approval(prepared)) => return Err(Stopped::Approval(prepared)),
                Err(stop) => stop,
            };
            let lacks_account = if let Stop::Connect { api, .. } = &stop { Some(api) } else { None };
            if let Some(api) = lacks_account
                && came_back.is_none()
                && elicit::is_able(self.context)
            {
                let message = format!("Connect your {} account to Mandate.", agent.config.name_of(api));
                let url = agent.config.site.at("accounts");
                return Err(Stopped::With(elicit::page(agent, &self.same, CONNECT, url, message)));
            }
            // The page is open: gives the person time to connect the account.
            if lacks_account.is_some() && came_back.is_some_and(|back| back.accepted) && agent.clock.now() < until {
                tokio::select! {
                    () = self.context.ct.cancelled() => {}
                    () = tokio::time::sleep(TRY) => continue,
                }
            }
            return Err(Stopped::With(text::result(Err(text::explained(agent, stop))).into()));
        }
    }

    /// Whether to lead the person to the page of this request: the client can, and hasn't done so yet.
    pub(super) fn leads(&self, request: &str) -> bool {
        elicit::is_able(self.context) && self.back.as_ref().is_none_or(|back| back.of != request)
    }

    pub(super) fn page(&self, request: &str, url: &str, message: String) -> CallToolResponse {
        elicit::page(self.agent, &self.same, request, url.to_owned(), message)
    }

    /// Whether the person declined to open the page.
    pub(super) fn was_declined(&self, request: &str) -> bool {
        self.back.as_ref().is_some_and(|back| back.of == request && !back.accepted)
    }
}
