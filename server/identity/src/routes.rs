//! The route table, grouped by caller.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state, map_response},
    response::Redirect,
    routing::{delete, get, post, put},
};
use foundation::{guard, lang::SWITCH};

use crate::{
    approval, apps, authorize, client::registration, connection, consent, cors, discovery, error, error_page,
    introspect, language, login, logout, picture, recording, revoke, state::Identity, token, userinfo,
};

impl Identity {
    /// All routes of the instance.
    pub fn routes(&self) -> Router {
        let mut in_session = for_browsers()
            .with_state(self.clone())
            .merge(guard::own_origin(for_people().with_state(self.clone()), &self.config.site));
        if !self.config.connections.is_empty() {
            // Both check the origin of changes by cookie themselves, since their other routes are for servers.
            in_session = in_session
                .route("/", get(home))
                .merge(approval::routes(self).with_state(self.clone()))
                .merge(connection::routes(self).with_state(self.clone()))
                .merge(my_account().with_state(self.clone()));
        }
        let routes = Router::new()
            .merge(for_everybody().with_state(self.clone()))
            .merge(for_clients().with_state(self.clone()))
            .merge(self.sessions.layer(in_session));
        routes.layer(from_fn_with_state(self.clone(), error_page::layer))
    }
}

/// Metadata and tokens: cookies don't count, and any page may read the answers.
fn for_everybody() -> Router<Identity> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/.well-known/openid-configuration/{*path}", get(discovery::document))
        .route("/.well-known/oauth-authorization-server", get(discovery::document))
        .route("/.well-known/oauth-authorization-server/{*path}", get(discovery::document))
        .route("/.well-known/jwks.json", get(discovery::jwks))
        .route("/.well-known/oauth-protected-resource/{*path}", get(discovery::resource))
        .route("/oauth/authorization-details-types", get(discovery::types))
        .route("/oidc/register", post(registration::endpoint))
        .route("/oauth/token", post(token::endpoint))
        .route("/oauth/revoke", post(revoke::endpoint))
        .route("/pictures/{letter}", get(picture::show))
        .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .method_not_allowed_fallback(error::wrong_method)
        .layer(from_fn(cors::any_origin))
}

/// Only for servers.
fn for_clients() -> Router<Identity> {
    Router::new()
        .route("/oauth/introspect", post(introspect::endpoint))
        .route("/oauth/recording", post(recording::elsewhere::endpoint))
        .method_not_allowed_fallback(error::wrong_method)
}

/// Routes to which other sites send browsers: links, and posts that become links.
fn for_browsers() -> Router<Identity> {
    Router::new()
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/oidc/logout", get(logout::get).post(logout::post))
        .route("/v2/logout", get(logout::v2))
        .route("/oidc/logout/callback", get(logout::callback))
        .route("/login/callback", get(login::provider::callback).layer(map_response(error::elsewhere)))
}

/// Pages and their forms, authenticated by a cookie. Posts must come from this site's own pages.
fn for_people() -> Router<Identity> {
    Router::new()
        .route("/u/error", get(error_page::page))
        .route("/u/login", get(login::form::page).post(login::form::submit))
        .route("/u/signup", get(login::signup::page).post(login::signup::submit))
        .route("/u/consent", get(consent::page).post(consent::submit))
        .route(SWITCH, post(language::switch))
        .route("/recording", get(recording::page).post(recording::choose))
        .route("/apps", get(apps::page))
        .route("/apps/{client}/revoke", get(apps::back).post(apps::revoke))
}

/// For clients with a token for `me/`, like the routes of connected accounts.
fn my_account() -> Router<Identity> {
    Router::new()
        .route("/me/v1/locale", put(language::choose))
        .route("/me/v1/apps", get(apps::me::apps))
        .route("/me/v1/apps/{client}", delete(apps::me::revoke))
        .route("/me/v1/recording", get(recording::shape::endpoint))
}

async fn home() -> Redirect {
    Redirect::to("/approvals")
}
