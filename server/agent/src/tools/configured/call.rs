//! Calls a configured tool: reads at once, or asks the person first and sends the request after their approval.

use details::{Detail, Language};
use foundation::{SecretString, lang, tr};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Map, Value};
use shared::chat::Words;

pub(crate) use show::bounded;

use super::{
    address::Address,
    show,
    tool::{Body, Needs, Tool},
};
use crate::{
    api::{self, ApiError},
    state::Agent,
    tools::{
        access,
        answer::{Answer, Stop},
        caller::Caller,
        input::wrong,
        prepared::Prepared,
    },
};

/// The tool of this name in the configuration.
pub(crate) fn find<'a>(agent: &'a Agent, name: &str) -> Option<&'a Tool> {
    agent.config.tools.iter().find(|tool| tool.name == name)
}

/// # Errors
/// See [`Stop`].
pub(crate) async fn run(agent: &Agent, caller: &Caller, tool: &Tool, arguments: &str) -> Result<Answer, Stop> {
    let given = tool.given(arguments)?;
    // Checks the access first: without it, no approval is asked for.
    let token = match tool.scope() {
        Some(scope) => Some(access::token(agent, caller, &tool.api, &[scope]).await?),
        None => None,
    };
    let name = agent.config.name_of(&tool.api);
    if !matches!(tool.needs, Needs::Approval(_)) {
        let request = tool.request(agent, &given.detail, token.as_ref());
        let found: Value = api::answer(agent, name, request.ok_or_else(no_address)?).await?;
        return Ok(show::found(tool, &given.detail, found));
    }
    let quoted = match &tool.quote {
        Some(quote) => {
            let request = get(agent, &quote.address, &given.detail, token.as_ref()).ok_or_else(no_address)?;
            api::answer(agent, name, request).await?
        }
        None => Value::Null,
    };
    let detail = tool.whole(&given, &quoted)?;
    let [Words { title, facts, undone }, german] = lang::in_each(|| words(&detail, name));
    Err(Stop::Approval(Box::new(Prepared {
        title,
        facts,
        undone,
        german: Some(german),
        agent_message: given.reason,
        names: Tool::names(&detail),
        same: Some(detail.same()),
        tool: Some(tool.name.clone()),
        detail: detail.json(),
    })))
}

/// A request's texts at an API, in the current language.
fn words(detail: &Detail, at: &str) -> Words {
    let language = tr!(Language::English, Language::German);
    let detail = detail.in_language(language);
    let mut facts: Vec<_> = detail.rows().into_iter().map(|(label, words)| (label.to_owned(), words)).collect();
    let amount = detail.amount().map(|amount| amount.words(language));
    facts.extend(amount.map(|amount| (tr!("At stake", "Es geht um").to_owned(), amount)));
    facts.push((tr!("Where", "Wo").into(), at.to_owned()));
    Words { title: detail.title(), facts, undone: detail.kind().undone.clone() }
}

fn no_address() -> Stop {
    wrong(tr!(
        "The arguments don't fit this tool: one of them can't be in an address.",
        "Die Argumente passen nicht zu diesem Werkzeug: Eines davon kann nicht in einer Adresse stehen."
    ))
}

fn get(agent: &Agent, address: &Address, detail: &Detail, token: Option<&SecretString>) -> Option<RequestBuilder> {
    let url = address.fill(|name| detail.get(name).map(ToString::to_string))?;
    Some(with(agent.http.client().get(url), token))
}

fn with(request: RequestBuilder, token: Option<&SecretString>) -> RequestBuilder {
    match token {
        Some(token) => api::with(request, token),
        None => request,
    }
}

impl Tool {
    /// The request. `None` if a value can't be part of the address.
    fn request(&self, agent: &Agent, detail: &Detail, token: Option<&SecretString>) -> Option<RequestBuilder> {
        let url = self.address.fill(|name| detail.get(name).map(ToString::to_string))?;
        let request = with(agent.http.client().request(self.method.clone(), url), token);
        Some(match &self.body {
            Body::None => request,
            Body::Detail => request.json(&detail.json()),
            Body::Members(members) => {
                let json = detail.json();
                let value = |template: &details::template::Template| match template.names().next() {
                    Some(name) => json.get(name).cloned(),
                    None => template.fill(|_| None).map(Value::from),
                };
                let body: Map<String, Value> =
                    members.iter().filter_map(|(name, template)| Some((name.clone(), value(template)?))).collect();
                request.json(&body)
            }
        })
    }

    /// Reads the approved details by the tool's type. `None` if the configuration no longer has that type.
    pub(crate) fn reread(&self, prepared: &Prepared) -> Option<Detail> {
        self.approved(&prepared.detail)
    }

    /// Sends the approved request with a token for it. Returns the API's answer in a few words, and as it is.
    pub(crate) async fn send(
        &self,
        agent: &Agent,
        detail: &Detail,
        txn: &str,
        token: &SecretString,
    ) -> Result<(String, Value), ApiError> {
        let request = self.request(agent, detail, Some(token)).ok_or_else(|| self.no_address(agent))?;
        let found = api::answer(agent, agent.config.name_of(&self.api), request).await?;
        let receipt = detail.receipt(txn, &found).or_else(|| show::in_words(self, detail, &found));
        Ok((receipt.unwrap_or_else(|| detail.title()), show::bounded(found)))
    }

    /// The error for approved details that can't be part of an address of the API.
    pub(crate) fn no_address(&self, agent: &Agent) -> ApiError {
        let name = agent.config.name_of(&self.api).to_owned();
        ApiError::Refused {
            name,
            status: StatusCode::BAD_REQUEST,
            said: tr!("it has no address for this", "dafür gibt es keine Adresse").into(),
        }
    }
}
