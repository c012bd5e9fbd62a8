//! A configured tool: one request to an API, described by data, and its definition for models and clients.

use std::sync::Arc;

use details::{Detail, Type, member::Kind, template::Template};
use rehearsal::Slot;
use reqwest::Method;
use serde_json::{Value, json};

use super::address::Address;
use crate::tools::{definition::Definition, schema};

#[derive(Clone, Debug)]
pub struct Tool {
    pub(crate) name: String,
    pub(super) title: String,
    pub(super) says: String,
    /// Its API's id.
    pub(crate) api: String,
    pub(super) needs: Needs,
    /// The type of its input. For a tool that needs an approval, the type that is approved.
    pub(super) input: Arc<Type>,
    pub(super) method: Method,
    pub(super) address: Address,
    pub(super) body: Body,
    pub(super) optional: Vec<String>,
    pub(super) defaults: Vec<(String, Value)>,
    pub(super) quote: Option<Quote>,
    pub(super) summary: Option<Template>,
    pub(super) phrases: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum Needs {
    Nothing,
    Scope(String),
    Approval(Arc<Type>),
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    /// The approved details.
    Detail,
    Members(Vec<(String, Template)>),
}

/// The values that the API gives before the person is asked.
#[derive(Clone, Debug)]
pub(super) struct Quote {
    pub(super) address: Address,
    /// Members, each with the JSON pointer to its value in the answer.
    pub(super) members: Vec<(String, String)>,
}

impl Tool {
    pub(crate) fn definition(&self) -> Definition {
        let approval = matches!(self.needs, Needs::Approval(_));
        Definition {
            name: self.name.clone(),
            title: self.title.clone(),
            description: self.description(),
            input: self.input_schema(),
            output: output_schema(approval),
            api: Some(self.api.clone()),
            scopes: self.scope().map(str::to_owned).into_iter().collect(),
            approval,
            read_only: !approval,
            destructive: approval,
            idempotent: !approval,
        }
    }

    fn description(&self) -> String {
        match self.needs {
            Needs::Approval(_) => format!(
                "{} Use it only when the person asks for it: they are asked to approve it on a page of their own. Nothing is \
                 done until they approve; the result says what became of it. If they deny it, don't ask again unless they \
                 say so.",
                self.says
            ),
            _ => self.says.clone(),
        }
    }

    /// Its API's id.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// The scope that it needs.
    pub(super) fn scope(&self) -> Option<&str> {
        match &self.needs {
            Needs::Nothing => None,
            Needs::Scope(scope) => Some(scope),
            Needs::Approval(kind) => Some(&kind.scope),
        }
    }

    /// Whether the caller gives a member: it is neither a constant, nor quoted by the API.
    pub(super) fn is_given(&self, name: &str) -> bool {
        let is_quoted = self.quote.iter().flat_map(|quote| &quote.members).any(|(member, _)| member == name);
        let member = self.input.members.iter().find(|member| member.name == name);
        !is_quoted && member.is_some_and(|member| !matches!(member.kind, Kind::Constant { .. }))
    }

    /// Whether a member may be left out by the caller.
    pub(super) fn may_lack(&self, name: &str) -> bool {
        self.optional.iter().any(|it| it == name) || self.defaults.iter().any(|(it, _)| it == name)
    }

    fn input_schema(&self) -> Value {
        let mut schema = schema::plain_value(self.input.input_schema());
        let given = |name: &str| self.is_given(name);
        if let Some(properties) = schema["properties"].as_object_mut() {
            properties.retain(|name, _| given(name));
            if matches!(self.needs, Needs::Approval(_)) && !properties.contains_key("reason") {
                let what = "Why you ask for this, in one sentence. The person reads it on the approval page, marked as \
                            yours. At most 300 characters.";
                properties.insert("reason".into(), json!({ "type": "string", "description": what }));
            }
            if properties.is_empty() {
                // Some providers refuse an object without properties.
                properties.insert("note".into(), json!({ "type": "string", "description": "Ignored. Leave it out." }));
            }
        }
        for (name, value) in &self.defaults {
            let value = match value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}')) {
                Some(other) => format!("the same as {other}"),
                None => value.to_string(),
            };
            schema::describe(&mut schema["properties"][name], &format!("Without it: {value}."));
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let required: Vec<_> = required.filter(|name| given(name) && !self.may_lack(name)).map(Value::from).collect();
        schema["required"] = required.into();
        schema
    }

    /// The tool in the form that the rehearsal model uses.
    pub(crate) fn rehearsed(&self) -> rehearsal::Tool {
        let slot = |kind: &Kind| match kind {
            Kind::Choice { words } => Slot::Choice(words.clone().into_iter().collect()),
            Kind::Code { .. } | Kind::Text { .. } | Kind::Constant { .. } => Slot::Text,
            Kind::Integer { .. } => Slot::Integer,
            Kind::Decimal { places, .. } => Slot::Decimal(*places),
            Kind::Date { .. } => Slot::Date,
            Kind::Time => Slot::Time,
        };
        let members = self.input.members.iter().map(|member| (member.name.clone(), slot(&member.kind)));
        rehearsal::Tool { name: self.name.clone(), phrases: self.phrases.clone(), members: members.collect() }
    }

    /// The names that people use for the thing in this request.
    pub(super) fn names(detail: &Detail) -> Vec<String> {
        let texts = detail
            .kind()
            .members
            .iter()
            .filter(|member| matches!(member.kind, Kind::Text { .. } | Kind::Choice { .. } | Kind::Code { .. }));
        texts.filter_map(|member| detail.words(&member.name)).filter(|words| words.chars().count() > 2).collect()
    }
}

fn output_schema(approval: bool) -> Value {
    let mut properties = json!({ "result": { "description": "The API's answer." } });
    if approval {
        properties["receipt"] = json!({ "type": "string", "description": "The outcome in a few words." });
    }
    json!({ "type": "object", "properties": properties, "required": ["result"] })
}
