//! A tool call at `/mcp`, as it came. Where an account must be connected first and the client can open a page, it leads
//! there.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResponse},
    service::RequestContext,
};
use serde_json::Value;

use super::{
    elicit::{self, Back},
    request, text,
};
use crate::{
    approval::again,
    state::Agent,
    tools::{self, Answer, Caller, Definition, Prepared, Stop},
};

/// What a page is for that connects an account.
const CONNECT: &str = "connect";

/// How often it is tried whether the account is connected by now.
const TRY: Duration = Duration::from_secs(3);

pub(super) struct Call<'a> {
    pub(super) agent: &'a Agent,
    pub(super) caller: &'a Caller,
    pub(super) context: &'a RequestContext<RoleServer>,
    tool: &'a Definition,
    arguments: String,
    /// Whether the person wants the same once more.
    pub(super) asks_again: bool,
    /// Who asks, and what calls like this one have in common.
    pub(super) asker: String,
    pub(super) same: String,
    pub(super) back: Option<Back>,
}

/// Why a tool has no answer yet.
pub(super) enum Stopped {
    /// The person must approve it.
    Approval(Box<Prepared>),
    /// This is answered instead.
    With(CallToolResponse),
}

impl<'a> Call<'a> {
    /// # Errors
    /// Where it brings back a state that isn't its own.
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
        let same = again::same(&asker, &tool.name, &arguments);
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
        })
    }

    /// Runs the tool.
    pub(super) async fn run(&self) -> Result<Answer, Stopped> {
        let (agent, until) = (self.agent, self.agent.clock.now() + self.agent.config.mcp_wait_ms);
        let came_back = self.back.as_ref().filter(|back| back.of == CONNECT);
        loop {
            let stop = match tools::call(agent, self.caller, &self.tool.name, &self.arguments).await {
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
            // The page is open: the person may be at it.
            if lacks_account.is_some() && came_back.is_some_and(|back| back.accepted) && agent.clock.now() < until {
                tokio::select! {
                    () = self.context.ct.cancelled() => {}
                    () = tokio::time::sleep(TRY) => continue,
                }
            }
            return Err(Stopped::With(text::result(Err(text::explained(agent, stop))).into()));
        }
    }

    /// Whether the person is to be led to the page of this request: the client can do that, and has not done it yet.
    pub(super) fn leads(&self, request: &str) -> bool {
        elicit::is_able(self.context) && self.back.as_ref().is_none_or(|back| back.of != request)
    }

    pub(super) fn page(&self, request: &str, url: &str, message: String) -> CallToolResponse {
        elicit::page(self.agent, &self.same, request, url.to_owned(), message)
    }

    /// Whether the person didn't open the page that they were led to.
    pub(super) fn was_declined(&self, request: &str) -> bool {
        self.back.as_ref().is_some_and(|back| back.of == request && !back.accepted)
    }
}
