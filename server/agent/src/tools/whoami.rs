//! `whoami`: the person for whom the agent works, according to its own login or the caller's token.

use foundation::tr;
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input, output, schema,
};
use crate::{state::Agent, store};

/// Who it is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Output {
    /// Whether a person has logged in.
    logged_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// The person's id at the identity service.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// For a call over MCP: the client that acts for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// For a call over MCP: what the client was allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

pub(super) fn definition() -> Definition {
    Definition {
        name: "whoami".into(),
        title: "Who am I".into(),
        description:
            "Returns whether a person is logged in and, if so, their name and e-mail address. Use it when the \
                      person asks who they are logged in as. Takes no arguments."
                .into(),
        input: schema::input::<input::Nothing>(),
        output: schema::output::<Output>(),
        api: None,
        scopes: Vec::new(),
        approval: false,
        read_only: true,
        destructive: false,
        idempotent: true,
    }
}

pub(super) async fn whoami(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let input::Nothing { .. } = input::parse(arguments)?;
    let nobody = Output { logged_in: false, name: None, email: None, subject: None, client: None, scopes: None };
    let (summary, found) = match caller {
        Caller::Visitor => (tr!("Not logged in", "Nicht angemeldet").to_owned(), nobody),
        Caller::Person { subject, name, email, .. } => {
            let summary =
                name.clone().or_else(|| email.clone()).unwrap_or_else(|| tr!("Logged in", "Angemeldet").into());
            let (name, email) = (name.clone(), email.clone());
            (summary, Output { logged_in: true, name, email, subject: Some(subject.clone()), ..nobody })
        }
        Caller::Mcp { subject, client, scopes, .. } => {
            // Their name, if they have used this site themselves. The client isn't allowed to see the e-mail address.
            let known = store::person::find_subject(agent, subject).await;
            let known = known.map_err(|error| Stop::Unavailable { message: error.message() })?;
            let name = known.and_then(|person| person.name);
            let found = Output {
                logged_in: true,
                name: name.clone(),
                subject: Some(subject.clone()),
                client: Some(client.clone()),
                scopes: Some(scopes.clone()),
                ..nobody
            };
            (name.unwrap_or_else(|| subject.clone()), found)
        }
    };
    Ok(Answer { summary, output: output::json(&found), view: None })
}
