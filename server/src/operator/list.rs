//! Lists clients, APIs, types, people and grants.

use std::{borrow::Cow, sync::Arc};

use details::Type;
use identity::{
    config::{Api, Approvers, Config},
    page::Page,
    store::{authorization_grant, client, person},
};
use serde_json::{Value, json};

use super::{
    arguments::{Arguments, Site},
    columns::{at, column, in_json, print},
    site::{OpenSite, OperatorError},
};
use crate::{clients as configured, secrets::Shared, settings::Settings};

pub(super) async fn clients(site: &OpenSite<'_>, arguments: &Arguments) -> Result<(), OperatorError> {
    let rows = site.operator.clients().await.map_err(|error| site.database(error))?;
    let columns = [
        column("id", |row: &client::Listed| json!(row.id)),
        column("name", |row| json!(row.name)),
        column("from", |row| json!(if row.registered { "registered itself" } else { "settings" })),
        column("state", |row| json!(if row.disabled { "disabled" } else { "active" })),
        column("serves", |row| json!(row.resource_server)),
        column("apis", |row| json!(row.audiences)),
        in_json("grant_types", |row| json!(row.grants)),
        in_json("scopes", |row| json!(row.scopes)),
        in_json("redirect_uris", |row| json!(row.redirect_uris)),
        in_json("first_party", |row| json!(row.first_party)),
        column("created_at", |row| at(Some(row.created_at))),
        in_json("first_used_at", |row| at(row.used_at)),
    ];
    print(&rows, &columns, arguments.json, "There are no clients.");
    Ok(())
}

/// An identity service's configuration, without its secrets.
fn config(settings: &Settings, site: Site) -> Config {
    fn nothing(_: &Page) -> String {
        String::new()
    }
    match site {
        Site::Identity => configured::identity(settings, &Shared::unknown(), nothing),
        Site::StockTrade => configured::broker_identity(settings, &Shared::unknown(), nothing),
    }
}

pub(super) fn apis(settings: &Settings, arguments: &Arguments) -> Result<(), OperatorError> {
    let columns = [
        column("id", |row: &Api| json!(row.id)),
        column("title", |row| json!(row.title)),
        column("audience", |row| json!(row.audience)),
        column("scopes", |row| names(row.scopes.iter().map(|(scope, _)| scope.as_str().into()))),
        column("types", |row| names(row.types.iter().map(|kind| kind.name.as_str().into()))),
        column("approvers", |row| match &row.approvers {
            Approvers::Everyone => json!("everyone"),
            Approvers::Of(list) => json!(list),
        }),
        in_json("scopes_in_words", |row| {
            row.scopes
                .iter()
                .map(|(scope, words)| (scope.clone(), json!(words)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }),
        in_json("third_party", |row| json!(row.third_party)),
        in_json("without_details", |row| json!(row.without_details)),
    ];
    let config = config(settings, arguments.site);
    let behind = config.connections.iter().map(|it| Api {
        scopes: it.scopes.clone(),
        types: it.types.clone(),
        approvers: it.approvers.clone(),
        ..Api::new(&it.name, &it.title, it.resource.clone())
    });
    let all: Vec<Api> = config.apis.iter().cloned().chain(behind).collect();
    print(&all, &columns, arguments.json, "There are no APIs.");
    Ok(())
}

pub(super) fn types(settings: &Settings, arguments: &Arguments) -> Result<(), OperatorError> {
    let config = config(settings, arguments.site);
    let of = |api: &Api| -> Vec<(String, Arc<Type>)> {
        api.types.iter().map(|kind| (api.id.clone(), kind.clone())).collect()
    };
    let rows: Vec<(String, Arc<Type>)> = config.apis.iter().flat_map(of).collect();
    let columns = [
        column("type", |(_, kind): &(String, Arc<Type>)| json!(kind.name)),
        column("api", |(api, _)| json!(api)),
        column("scope", |(_, kind)| json!(kind.scope)),
        column("members", |(_, kind)| names(kind.members.iter().map(|member| member.name.as_str().into()))),
    ];
    print(&rows, &columns, arguments.json, "There are no types.");
    Ok(())
}

pub(super) async fn people(site: &OpenSite<'_>, arguments: &Arguments) -> Result<(), OperatorError> {
    let rows = site.operator.people().await.map_err(|error| site.database(error))?;
    let columns = [
        column("id", |row: &person::Listed| json!(row.id)),
        column("e-mail", |row| json!(row.email)),
        column("name", |row| json!(row.name)),
        column("state", |row| {
            json!(match row.disabled {
                0 => "active",
                1 => "disabled",
                _ => "shut out",
            })
        }),
        column("logs_in_at", |row| if row.login.is_some() { json!("here") } else { json!(row.issuer) }),
        in_json("issuer", |row| json!(row.issuer)),
        in_json("subject", |row| json!(row.subject)),
        column("sessions", |row| json!(row.sessions)),
        column("grants", |row| json!(row.grants)),
        column("created_at", |row| at(Some(row.created_at))),
    ];
    print(&rows, &columns, arguments.json, "Nobody has logged in yet.");
    Ok(())
}

pub(super) async fn grants(site: &OpenSite<'_>, arguments: &Arguments) -> Result<(), OperatorError> {
    let of = authorization_grant::Of { revoked: arguments.all, ..site.grants_of(arguments).await? };
    let rows = site.operator.grants(&of).await.map_err(|error| site.database(error))?;
    let columns = [
        column("id", |row: &authorization_grant::Listed| json!(row.id)),
        column("person", |row| json!(row.email.as_ref().unwrap_or(&row.person))),
        in_json("person_id", |row| json!(row.person)),
        column("client", |row| json!(row.client)),
        column("name", |row| json!(row.name)),
        column("api", |row| json!(row.audience)),
        column("scopes", |row| json!(row.scopes)),
        column("state", |row| json!(if row.revoked_at.is_some() { "revoked" } else { "active" })),
        column("created_at", |row| at(Some(row.created_at))),
        column("used_at", |row| at(row.used_at)),
        in_json("revoked_at", |row| at(row.revoked_at)),
    ];
    print(&rows, &columns, arguments.json, "There are no grants.");
    Ok(())
}

fn names<'a>(names: impl Iterator<Item = Cow<'a, str>>) -> Value {
    names.collect::<Vec<_>>().into()
}
