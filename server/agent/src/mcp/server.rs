//! The tools as an MCP server offers them, and calls as it answers them.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use axum::http::request::Parts;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, GetPromptRequestParams,
        GetPromptResponse, Icon, Implementation, JsonObject, ListPromptsResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams, ProtocolVersion,
        ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
    },
    service::RequestContext,
};
use serde_json::Value;

use super::{prompts, resources, text, wait};
use crate::{
    state::Agent,
    tools::{self, Answer, Caller, Definition, Stop},
};

/// The revisions that are spoken, the oldest first. Earlier ones have batches or another transport.
pub(super) const SPOKEN: [ProtocolVersion; 3] =
    [ProtocolVersion::V_2025_06_18, ProtocolVersion::V_2025_11_25, ProtocolVersion::V_2026_07_28];

/// How long a client may keep the lists, in milliseconds: they change with a release alone.
const LIST_KEPT: u64 = 600_000;

#[derive(Clone, Debug)]
pub(super) struct Server {
    agent: Agent,
}

impl Server {
    pub(super) fn new(agent: Agent) -> Self {
        Self { agent }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let site = &self.agent.config.site;
        let icon = |name: &str, kind: &str| Icon::new(site.at(&format!("public/{name}"))).with_mime_type(kind);
        let drawn = icon("favicon-agent.svg", "image/svg+xml").with_sizes(vec!["any".into()]);
        let picture = icon("icon-agent.png", "image/png").with_sizes(vec!["128x128".into()]);
        let offered = ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().build();
        ServerConfig::new(offered)
            .with_server_info(
                Implementation::new("mandate", env!("CARGO_PKG_VERSION"))
                    .with_title("Mandate")
                    .with_icons(vec![drawn, picture])
                    .with_website_url(site.issuer()),
            )
            .with_instructions(
                "Tools for the person's own StockTrade account. Whose account it is follows from the login; no tool \
                 takes a person's id. Orders wait until the person approves them on a page of their own: tell them \
                 the code and the address that the progress names, and wait. Amounts are US dollars as decimal \
                 strings.",
            )
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(&SPOKEN)
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let listed = ListResourcesResult::with_all_items(resources::all());
        Ok(listed.with_ttl_ms(LIST_KEPT).with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let listed = ListResourceTemplatesResult::with_all_items(resources::templates());
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
        let listed = ListPromptsResult::with_all_items(prompts::all());
        Ok(listed.with_ttl_ms(LIST_KEPT).with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let found = prompts::find(&request.name).map(Into::into);
        found.ok_or_else(|| ErrorData::invalid_params("Unknown prompt", None))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(offered().to_vec())
            .with_ttl_ms(LIST_KEPT)
            .with_cache_scope(CacheScope::Public))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = caller(&context)?;
        if tools::find(&request.name).is_none() {
            // The specification's code for it: -32602.
            return Err(ErrorData::invalid_params("Unknown tool", None));
        }
        let arguments = request.arguments.map(Value::Object).unwrap_or_else(|| Value::Object(JsonObject::new()));
        let answered = match tools::call(&self.agent, &caller, &request.name, &arguments.to_string()).await {
            Err(Stop::Approval(prepared)) => wait::approve(&self.agent, &caller, &prepared, &context).await,
            Err(stop) => Err(text::explained(&self.agent, stop)),
            Ok(answer) => Ok(answer),
        };
        Ok(result(answered).into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        offered().iter().find(|tool| tool.name == name).cloned()
    }
}

/// Who calls, as the guard found.
fn caller(context: &RequestContext<RoleServer>) -> Result<Caller, ErrorData> {
    let caller = context.extensions.get::<Parts>().and_then(|parts| parts.extensions.get::<Caller>()).cloned();
    caller.ok_or_else(|| ErrorData::internal_error("the call came without its caller", None))
}

/// The tools, in their fixed order.
fn offered() -> &'static [Tool] {
    static ALL: LazyLock<Vec<Tool>> = LazyLock::new(|| tools::definitions().iter().map(offer).collect());
    &ALL
}

fn offer(definition: &Definition) -> Tool {
    let schema = |schema: &Value| Arc::new(schema.as_object().cloned().unwrap_or_default());
    let mut meta = MetaObject::new();
    meta.0.insert("mandate/requiredScopes".into(), definition.scopes.into());
    meta.0.insert("mandate/approval".into(), definition.approval.into());
    Tool::new(definition.name, definition.description, schema(&definition.input))
        .with_title(definition.title)
        .with_raw_output_schema(schema(&definition.output))
        .with_annotations(
            ToolAnnotations::with_title(definition.title)
                .read_only(definition.read_only)
                .destructive(definition.destructive)
                .idempotent(definition.idempotent)
                .open_world(definition.open_world),
        )
        .with_meta(meta)
}

/// Readable text and, once, the JSON as the structured value. A failure is a result that the model reads, not a protocol
/// error.
fn result(answered: Result<Answer, String>) -> CallToolResult {
    match answered {
        Ok(answer) => {
            let text = format!("{}\n\n{}", answer.summary, text::readable(&answer.output));
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(answer.output);
            result
        }
        Err(message) => CallToolResult::error(vec![ContentBlock::text(message)]),
    }
}
