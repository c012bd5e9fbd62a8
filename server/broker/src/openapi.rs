//! The OpenAPI description of the API, `/api/openapi.json`.

use axum::{Json, extract::State};
use foundation::axum;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Server,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{account, market, order, state::Broker};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "StockTrade",
        description = "A brokerage with simulated money. Amounts are decimal strings with two places, times are \
                       ISO 8601. An order by an agent needs a token that carries the person's approval of exactly \
                       that order.",
    ),
    paths(
        market::api::ping,
        market::api::list,
        market::api::search,
        market::api::show,
        market::api::history,
        market::feed::prices,
        account::api::show,
        account::api::past,
        order::list::get,
        order::list::show,
        order::place::post,
        order::cancel::delete,
        document,
    ),
    components(schemas(shared::broker::Range)),
    modifiers(&Bearer)
)]
struct Document;

/// The scheme for access tokens of the broker's own provider.
struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Returns this description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "market", responses((status = 200, description = "OpenAPI.")))]
pub(crate) async fn document(State(broker): State<Broker>) -> Json<utoipa::openapi::OpenApi> {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new(broker.inner.config.site.origin())]);
    Json(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described() {
        let document = Document::openapi();
        let mut described: Vec<&str> = document.paths.paths.keys().map(String::as_str).collect();
        let mut routes = crate::routes::api_paths();
        described.sort_unstable();
        routes.sort_unstable();
        assert_eq!(described, routes);
    }
}
