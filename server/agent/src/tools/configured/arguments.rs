//! The arguments of a configured tool, as a model or client writes them, read by its members.

use std::sync::Arc;

use details::{Detail, member::Kind, read::read_one};
use serde_json::{Map, Value, json};

use super::tool::{Needs, Tool};
use crate::tools::{
    answer::Stop,
    input::{self, wrong},
};

/// Arguments that were read, and the agent's own words for the person.
pub(super) struct Given {
    /// The given members and the defaults, without the members that the API quotes.
    pub(super) detail: Detail,
    members: Map<String, Value>,
    pub(super) reason: Option<String>,
}

impl Tool {
    /// Reads the arguments.
    pub(super) fn given(&self, arguments: &str) -> Result<Given, Stop> {
        let mut members: Map<String, Value> = input::parse(arguments)?;
        // Some models write an absent argument as null or as an empty text.
        members.retain(|_, value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()));
        let has = |name: &str| self.input.members.iter().any(|member| member.name == name);
        let mut reason = None;
        if matches!(self.needs, Needs::Approval(_)) && !has("reason") {
            reason = members.remove("reason").and_then(|words| input::words(words.as_str()?));
        }
        if !has("note") {
            members.remove("note");
        }
        if let Some(unknown) = members.keys().find(|name| !self.is_given(name)) {
            return Err(wrong(format!(
                "The arguments don't fit this tool: unknown field `{}`.",
                input::quoted(unknown)
            )));
        }
        for (name, value) in &self.defaults {
            let copied = value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}'));
            let value = copied.map_or_else(|| Some(value.clone()), |other| members.get(other).cloned());
            if let (Some(value), false) = (value, members.contains_key(name)) {
                members.insert(name.clone(), value);
            }
        }
        for member in &self.input.members {
            if let Kind::Constant { value } = &member.kind {
                members.insert(member.name.clone(), value.clone().into());
            } else if self.is_given(&member.name) && !self.may_lack(&member.name) && !members.contains_key(&member.name)
            {
                return Err(wrong(format!("The arguments don't fit this tool: `{}` is missing.", member.name)));
            }
        }
        let detail = self.read(&members, |name| members.contains_key(name))?;
        Ok(Given { detail, members, reason })
    }

    /// The canonical form of a call's arguments, to recognize a retry however they are written. Arguments that can't be
    /// read stay as sent.
    pub(crate) fn same_arguments(&self, arguments: &str) -> Value {
        self.given(arguments).map_or_else(|_| arguments.into(), |given| given.detail.json())
    }

    /// The details to approve: the arguments, and the members that the API quoted.
    pub(super) fn whole(&self, given: &Given, quoted: &Value) -> Result<Detail, Stop> {
        let mut members = given.members.clone();
        for (name, pointer) in self.quote.iter().flat_map(|quote| &quote.members) {
            members.insert(name.clone(), quoted.pointer(pointer).cloned().unwrap_or_default());
        }
        self.read(&members, |_| true)
    }

    /// Reads approved details by the tool's type.
    pub(super) fn approved(&self, detail: &Value) -> Option<Detail> {
        let Needs::Approval(kind) = &self.needs else { return None };
        read_one(&json!([detail]).to_string(), |name| (name == kind.name).then(|| kind.clone())).ok()
    }

    fn read(&self, members: &Map<String, Value>, is_there: impl Fn(&str) -> bool) -> Result<Detail, Stop> {
        let mut entry = members.clone();
        entry.insert("type".into(), self.input.name.clone().into());
        let kind = if self.input.members.iter().all(|member| is_there(&member.name)) {
            self.input.clone()
        } else {
            Arc::new(self.input.only(is_there))
        };
        read_one(&json!([entry]).to_string(), |_| Some(kind.clone())).map_err(|refused| {
            let why = refused.to_string();
            let why = why.trim_start_matches("authorization_details: ");
            let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
            wrong(format!("The arguments don't fit this tool: {why}."))
        })
    }
}
