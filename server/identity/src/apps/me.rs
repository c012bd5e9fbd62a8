//! `/me/v1/apps` (WIRE.md §3): a client of this service lists and revokes, for its token's person, the apps that may
//! use one of the client's own APIs. It learns of no other app.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use foundation::time;
use serde_json::{Value, json};
use shared::scope;

use super::{end, is_own, list};
use crate::{
    client::Client,
    connection::{AccountError, my_account},
    page::App,
    state::Identity,
};

/// `GET /me/v1/apps`
pub(crate) async fn apps(State(identity): State<Identity>, headers: HeaderMap) -> Result<Json<Value>, AccountError> {
    let (person, client) = my_account::caller(&identity, &headers, scope::READ_APPS).await?;
    let shown = |app: &App| json!({ "id": app.id, "name": app.name, "allowed_at": time::iso(app.allowed_at) });
    let apps = of(&identity, &person, &client).await?;
    Ok(Json(json!({ "apps": apps.iter().map(shown).collect::<Vec<_>>() })))
}

/// `DELETE /me/v1/apps/{id}`: ends all of the app's access, as the person's own page does.
pub(crate) async fn revoke(
    State(identity): State<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, AccountError> {
    let (person, client) = my_account::caller(&identity, &headers, scope::DELETE_APPS).await?;
    let app = of(&identity, &person, &client).await?.into_iter().find(|app| app.id == id);
    end(&identity, &person, &app.ok_or_else(AccountError::not_found)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The person's apps that may use an API of this client's. This service's own clients aren't among them.
async fn of(identity: &Identity, person: &str, client: &Client) -> Result<Vec<App>, sqlx::Error> {
    let mut apps = list(identity, person, Some(&client.audiences)).await?;
    apps.retain(|app| !is_own(identity, app));
    Ok(apps)
}
