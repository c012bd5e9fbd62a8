//! The MCP server: offers the tools and answers calls.

use std::{borrow::Cow, sync::Arc};

use axum::http::request::Parts;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskParams, GetPromptRequestParams,
        GetPromptResponse, GetTaskParams, GetTaskResult, Icon, Implementation, JsonObject, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool,
        ToolAnnotations,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use super::{
    call::{Call, Stopped},
    prompts, request, resources, seen, task, text, wait,
};
use crate::{
    state::Agent,
    tools::{Caller, Definition},
};

/// The supported revisions, oldest first. Earlier ones have batches or another transport.
pub(super) const SPOKEN: [ProtocolVersion; 3] =
    [ProtocolVersion::V_2025_06_18, ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2026_07_28];

/// How long a client may cache the lists, in milliseconds. They only change with a release.
const LIST_KEPT: u64 = 600_000;

#[derive(Clone, Debug)]
pub(super) struct Server {
    agent: Agent,
    /// The tools as they are listed.
    offered: Arc<[Tool]>,
}

impl Server {
    pub(super) fn new(agent: Agent) -> Self {
        let offered = agent.tools().iter().map(offer).chain([get_request()]).collect();
        Self { agent, offered }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let config = &self.agent.config;
        let site = &config.site;
        let names: Vec<_> = config.apis.iter().map(|api| config.name_of(&api.id)).collect();
        let icon = |name: &str, kind: &str| Icon::new(site.at(&format!("public/{name}"))).with_mime_type(kind);
        let drawn = icon("favicon-agent.svg", "image/svg+xml").with_sizes(vec!["any".into()]);
        let picture = icon("icon-agent.png", "image/png").with_sizes(vec!["128x128".into()]);
        let offered =
            ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().enable_tasks().build();
        ServerConfig::new(offered)
            .with_server_info(
                Implementation::new("mandate", env!("CARGO_PKG_VERSION"))
                    .with_title("Mandate")
                    .with_icons(vec![drawn, picture])
                    .with_website_url(site.issuer()),
            )
            .with_instructions(format!(
                "Tools for the person's own accounts ({}). Whose account it is follows from the login; no tool \
                     takes a person's id. Whatever changes something waits until the person approves it on a page \
                     of their own. Where a call answers with the status \"waiting\", tell them the address and the code \
                     that it names, and once they say that they have decided call get_request with its request id. Don't \
                     repeat the call. Amounts are US dollars as decimal strings.",
                names.join(", ")
            ))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&SPOKEN)
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let listed = ListResourcesResult::with_all_items(resources::all(&self.agent));
        Ok(listed.with_ttl_ms(LIST_KEPT).with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let listed = ListResourceTemplatesResult::with_all_items(resources::templates(&self.agent));
        Ok(listed.with_ttl_ms(LIST_KEPT).with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(resources::read(&self.agent, &caller(&context)?, &request.uri).await?.into())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let listed = ListPromptsResult::with_all_items(prompts::all(&self.agent));
        Ok(listed.with_ttl_ms(LIST_KEPT).with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let found = prompts::find(&self.agent, &request.name).map(Into::into);
        found.ok_or_else(|| ErrorData::invalid_params("Unknown prompt", None))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.offered.to_vec())
            .with_ttl_ms(LIST_KEPT)
            .with_cache_scope(CacheScope::Public))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = caller(&context)?;
        let agent = &self.agent;
        let Some(tool) = agent.tool(&request.name) else {
            if request.name == request::NAME {
                let answered = request::get(agent, &caller, request.arguments.unwrap_or_default()).await;
                return Ok(text::result(answered).into());
            }
            // The specification's code for an unknown tool is -32602.
            return Err(ErrorData::invalid_params("Unknown tool", None));
        };
        let call = Call::of(agent, &caller, tool, request, &context)?;
        if tool.approval {
            return Ok(wait::answer(&call).await);
        }
        Ok(match call.run().await {
            Ok(answer) => {
                seen::answered(agent, &caller, &tool.name).await;
                text::result(Ok(answer)).into()
            }
            Err(Stopped::With(instead)) => instead,
            Err(Stopped::Approval(_)) => text::result(Err("This needs the person's approval.".into())).into(),
        })
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        task::get(&self.agent, &caller(&context)?, &request.task_id).await
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        task::cancel(&self.agent, &caller(&context)?, &request.task_id).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.offered.iter().find(|tool| tool.name == name).cloned()
    }
}

/// The caller, as determined by the guard.
fn caller(context: &RequestContext<RoleServer>) -> Result<Caller, ErrorData> {
    let caller = context.extensions.get::<Parts>().and_then(|parts| parts.extensions.get::<Caller>()).cloned();
    caller.ok_or_else(|| ErrorData::internal_error("the call came without its caller", None))
}

fn offer(definition: &Definition) -> Tool {
    let (mut input, mut output) = (definition.input.clone(), definition.output.clone());
    if definition.approval {
        input["properties"]["again"] = json!({
            "type": "boolean",
            "description": "Set it to true only if the person wants the same thing once more after the previous request \
                            has ended. Otherwise a call with the same arguments returns the outcome of the previous one.",
        });
        output = request::or_waits(&output);
    }
    let mut meta = MetaObject::new();
    if !definition.read_only {
        // Makes Claude ask its person before it calls the tool.
        meta.0.insert("anthropic/requiresUserInteraction".into(), true.into());
    }
    meta.0.insert("mandate/requiredScopes".into(), definition.scopes.clone().into());
    meta.0.insert("mandate/approval".into(), definition.approval.into());
    Tool::new(definition.name.clone(), definition.description.clone(), schema(input))
        .with_title(definition.title.clone())
        .with_raw_output_schema(schema(output))
        .with_annotations(
            ToolAnnotations::with_title(definition.title.clone())
                .read_only(definition.read_only)
                .destructive(definition.destructive)
                .idempotent(definition.idempotent)
                .open_world(definition.open_world()),
        )
        .with_meta(meta)
}

fn get_request() -> Tool {
    let (input, output) = request::schemas();
    let title = "A request for approval";
    let mut meta = MetaObject::new();
    meta.0.insert("mandate/requiredScopes".into(), json!([]));
    meta.0.insert("mandate/approval".into(), false.into());
    Tool::new(request::NAME, request::DESCRIPTION, schema(input))
        .with_title(title)
        .with_raw_output_schema(schema(output))
        .with_annotations(
            ToolAnnotations::with_title(title).read_only(true).destructive(false).idempotent(true).open_world(false),
        )
        .with_meta(meta)
}

fn schema(schema: Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
