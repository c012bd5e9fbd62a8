//! URL elicitation: leads the person to a page, if the client can open one. In revision 2026-07-28 the call answers
//! that input is required. The client opens the page, and repeats the call with what the person did and with a state
//! that only this server can have written, for this call of this client and person.

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, ElicitRequest, ElicitRequestParams, InputRequest, InputRequiredResult,
        ProtocolVersion,
    },
    service::RequestContext,
};

use crate::state::Agent;

/// The name of the single input request.
const PAGE: &str = "page";

/// The input that came with the repeated call.
#[derive(Debug)]
pub(super) struct Back {
    /// The purpose of the page.
    pub(super) of: String,
    /// Whether the person opened it.
    pub(super) accepted: bool,
}

/// Whether the client can open a page for its person.
pub(super) fn is_able(context: &RequestContext<RoleServer>) -> bool {
    let elicits = context.client_capabilities().and_then(|able| able.elicitation);
    context.protocol_version() == Some(ProtocolVersion::V_2026_07_28) && elicits.is_some_and(|able| able.url.is_some())
}

/// Asks the client to open a page. The state is bound to `call`.
pub(super) fn page(agent: &Agent, call: &str, of: &str, url: String, message: String) -> CallToolResponse {
    let elicitation_id = of.to_owned();
    let params = ElicitRequestParams::UrlElicitationParams { meta: None, message, url, elicitation_id };
    let inputs = [(PAGE.to_owned(), InputRequest::Elicitation(ElicitRequest::new(params)))];
    InputRequiredResult::new(Some(inputs.into()), Some(agent.sealer.seal(&place(call), of))).into()
}

/// Reads the input of a repeated call.
///
/// # Errors
/// When the state isn't this call's.
pub(super) fn back(agent: &Agent, call: &str, request: &CallToolRequestParams) -> Result<Option<Back>, ErrorData> {
    let Some(state) = &request.request_state else { return Ok(None) };
    let of = agent.sealer.open(&place(call), state);
    let of = of.map_err(|_| ErrorData::invalid_params("requestState is not one of this call", None))?;
    let accepted = request
        .input_responses
        .as_ref()
        .is_some_and(|inputs| inputs.get(PAGE).is_some_and(|input| input["action"] == "accept"));
    Ok(Some(Back { of, accepted }))
}

fn place(call: &str) -> String {
    format!("mcp.requestState:{call}")
}
