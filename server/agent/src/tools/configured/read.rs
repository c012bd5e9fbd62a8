//! Reads and checks `[[tool]]` tables: all names in them must exist, and nothing that a tool needs may be missing.

use std::sync::Arc;

use details::{Api, Apis, Type, Wrong, member::Kind, template::Template};
use reqwest::Method;
use serde_json::Value;

use super::{
    address::{Address, value_of},
    table::{BodyTable, QuoteTable, ToolTable},
    tool::{Body, Needs, Quote, Tool},
};

/// The tools of a file; none may have one of these names.
///
/// # Errors
/// The first error in the tables.
pub(crate) fn read(tables: Vec<ToolTable>, apis: &Apis, taken: &[String]) -> Result<Vec<Tool>, Wrong> {
    let mut all: Vec<Tool> = Vec::new();
    for table in tables {
        let name = table.name.clone();
        let wrong =
            |message: String| Wrong { at: name.span(), message: format!("tool {:?}: {message}", name.get_ref()) };
        let tool = one(table, apis).map_err(wrong)?;
        if taken.contains(&tool.name) || all.iter().any(|other| other.name == tool.name) {
            return Err(wrong("there is one of this name already".into()));
        }
        all.push(tool);
    }
    Ok(all)
}

fn one(table: ToolTable, apis: &Apis) -> Result<Tool, String> {
    let name = table.name.get_ref().clone();
    let is_name = (1..=40).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_name {
        return Err("a name has 1 to 40 small letters, digits and _, and begins with a letter".into());
    }
    let title = table.title.clone().unwrap_or_else(|| name.replace('_', " "));
    let is_words =
        |text: &str, most: usize| (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !is_words(&table.says, 1_000) || !is_words(&title, 60) {
        return Err("`says` has 1 to 1000 characters, `title` 1 to 60".into());
    }
    let api = apis.iter().find(|api| api.id == table.api);
    let api = api.ok_or_else(|| format!("`api` names {:?}, which is no API", table.api))?;
    let needs = needs(&table, api)?;
    let input = match &needs {
        Needs::Approval(kind) if table.input.is_empty() => kind.clone(),
        Needs::Approval(_) => return Err("`input` is the approval's type, so there is none of its own".into()),
        _ => Arc::new(
            Type::of_members(&name, table.input.clone()).map_err(|wrong| format!("`input`: {}", wrong.message))?,
        ),
    };
    if matches!(needs, Needs::Approval(_)) && input.members.iter().any(|member| member.name == "again") {
        return Err(
            "`again` is what a client writes to ask for the same once more; give the member another name".into()
        );
    }
    let is_member = |name: &str| input.members.iter().any(|member| member.name == name);
    let known = |key: &str, name: &String| {
        if is_member(name) { Ok(()) } else { Err(format!("`{key}` names {name:?}, which is no member")) }
    };
    let method: Method = table.call.method.parse().map_err(|_| "`method` is no HTTP method")?;
    let fits = if matches!(needs, Needs::Approval(_)) {
        [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(&method)
    } else {
        method == Method::GET
    };
    if !fits {
        return Err("`method` is GET, or with an approval POST, PUT, PATCH or DELETE".into());
    }
    let address = Address::read(api, &table.call.path, &table.call.query, is_member)?;
    let body = match &table.call.body {
        None => Body::None,
        Some(_) if method == Method::GET => return Err("GET has no `body`".into()),
        Some(BodyTable::Whole(word)) if word == "detail" => Body::Detail,
        Some(BodyTable::Whole(_)) => return Err("`body` is \"detail\" or a table of members".into()),
        Some(BodyTable::Members(members)) => {
            let read = members.iter().map(|(name, value)| Ok::<_, String>((name.clone(), value_of(value)?)));
            let read = read.collect::<Result<Vec<_>, _>>()?;
            let unknown = read.iter().flat_map(|(_, value)| value.names()).find(|name| !is_member(name));
            if let Some(unknown) = unknown {
                return Err(format!("`body` names {unknown:?}, which is no member"));
            }
            Body::Members(read)
        }
    };
    table.optional.iter().try_for_each(|name| known("optional", name))?;
    if let Some(needed) = address.needed().find(|name| table.optional.iter().any(|optional| optional == name)) {
        return Err(format!("`optional` names {needed:?}, which the path can't do without"));
    }
    let mut defaults = Vec::new();
    for (name, value) in &table.default {
        known("default", name)?;
        let value: Value = match value {
            toml::Value::String(text) => {
                value_of(text)?.names().try_for_each(|other| known("default", &other.to_owned()))?;
                text.clone().into()
            }
            toml::Value::Integer(integer) => (*integer).into(),
            _ => return Err(format!("`default`: the value of {name:?} is a text or an integer")),
        };
        defaults.push((name.clone(), value));
    }
    let quote = table.quote.as_ref().map(|quote| self::quote(quote, api, &needs, is_member)).transpose()?;
    let is_approved = matches!(needs, Needs::Approval(_));
    if is_approved && !table.optional.is_empty() {
        return Err("`optional`: a type leaves nothing out; give it a `default`".into());
    }
    let summary = table.summary.as_deref().map(Template::read).transpose()?;
    for phrase in &table.phrases {
        let read = Template::read(phrase)?;
        read.names().try_for_each(|name| known("phrases", &name.to_owned()))?;
    }
    Ok(Tool {
        name,
        title,
        says: table.says,
        api: api.id.clone(),
        needs,
        input,
        method,
        address,
        body,
        optional: table.optional,
        defaults,
        quote,
        summary,
        phrases: table.phrases,
    })
}

fn needs(table: &ToolTable, api: &Api) -> Result<Needs, String> {
    let Some(needs) = &table.needs else { return Ok(Needs::Nothing) };
    match (&needs.scope, &needs.approval) {
        (Some(scope), None) if api.scopes.contains_key(scope) => Ok(Needs::Scope(scope.clone())),
        (Some(scope), None) => Err(format!("`needs` names the scope {scope:?}, which is none of the API's")),
        (None, Some(name)) => {
            let kind = api.types.iter().find(|kind| kind.name == *name);
            let kind = kind.ok_or_else(|| format!("`needs` names the type {name:?}, which is none of the API's"))?;
            Ok(Needs::Approval(kind.clone()))
        }
        _ => Err("`needs` is either a `scope` or an `approval`".into()),
    }
}

fn quote(table: &QuoteTable, api: &Api, needs: &Needs, is_member: impl Fn(&str) -> bool) -> Result<Quote, String> {
    let Needs::Approval(kind) = needs else { return Err("`quote` is for what is approved".into()) };
    let address = Address::read(api, &table.path, &table.query, &is_member)?;
    for (name, pointer) in &table.members {
        let is_constant = kind.members.iter().any(|it| it.name == *name && matches!(it.kind, Kind::Constant { .. }));
        if !is_member(name) || is_constant || !pointer.starts_with('/') {
            return Err(format!("`quote` has a JSON pointer, which begins with /, for each member, not for {name:?}"));
        }
    }
    if let Some(name) = address.names().find(|name| table.members.contains_key(*name)) {
        return Err(format!("`quote` asks with {name:?}, which it is to say"));
    }
    Ok(Quote { address, members: table.members.clone().into_iter().collect() })
}
