//! All routes of StockTrade except its pages, which `app` mounts.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::Response,
    routing::{MethodRouter, any, get, post},
};
use foundation::{
    axum, guard,
    lang::{self, Lang},
    session::IdentityChange,
};

use crate::{account, error::Error, hand, login, market, openapi, order, page::Render, site::Site, state::Broker};

type Table = Vec<(&'static str, MethodRouter<Site>)>;

/// For everyone, from every origin.
fn public() -> Table {
    vec![
        ("/api/ping", get(market::api::ping)),
        ("/api/stocks", get(market::api::list)),
        ("/api/stocks/search", get(market::api::search)),
        ("/api/stocks/{symbol}", get(market::api::show)),
        ("/api/stocks/{symbol}/history", get(market::api::history)),
        ("/api/prices", get(market::feed::prices)),
        ("/api/openapi.json", get(openapi::document)),
    ]
}

/// For programs with a token. Cookies are ignored.
fn private() -> Table {
    vec![
        ("/api/portfolio", get(account::api::show)),
        ("/api/portfolio/history", get(account::api::past)),
        ("/api/orders", get(order::list::get).post(order::place::post)),
        ("/api/orders/{id}", get(order::list::show).delete(order::cancel::delete)),
    ]
}

/// For people, by their session.
fn browser() -> Table {
    vec![
        ("/auth/login", get(login::begin)),
        ("/auth/callback", get(login::callback)),
        ("/auth/error", get(login::error)),
        ("/auth/logout", post(login::logout)),
        ("/orders", post(hand::post)),
    ]
}

fn mount(table: Table) -> Router<Site> {
    table.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods))
}

impl Broker {
    /// REST, login and forms. `render` renders the error pages for people.
    pub fn routes(&self, render: Render) -> Router {
        let site = Site { broker: self.clone(), render };
        let public = mount(public()).layer(map_response(for_every_origin));
        let api = public
            .merge(mount(private()))
            .route("/api", any(unknown))
            .route("/api/{*rest}", any(unknown))
            .method_not_allowed_fallback(wrong_method);
        let browser = guard::own_origin(mount(browser()).with_state(site.clone()), &self.inner.config.site);
        let browser = self.in_session(browser);
        // Whatever a program accepts, it gets English.
        let api = api.layer(from_fn(|request: Request, next: Next| lang::scope(Lang::En, next.run(request))));
        api.with_state(site).merge(browser)
    }

    /// Adds the browser's session to routes.
    pub fn in_session(&self, routes: Router) -> Router {
        self.inner.sessions.layer(routes)
    }

    /// The routes of StockTrade's own provider, which shares the origin. When a browser logs out there, or another
    /// person logs in, StockTrade's session in that browser ends too.
    pub fn beside(&self, identity: Router) -> Router {
        identity.layer(from_fn_with_state(self.clone(), follow))
    }
}

/// The paths of the REST API.
#[cfg(test)]
pub(crate) fn api_paths() -> Vec<&'static str> {
    public().into_iter().chain(private()).map(|(path, _)| path).collect()
}

async fn follow(State(broker): State<Broker>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let mut response = next.run(request).await;
    let Some(change) = response.extensions_mut().remove::<IdentityChange>() else { return response };
    let cookie = match login::follow(&broker, &headers, &change).await {
        Ok(cookie) => cookie,
        Err(error) => {
            // The browser at least forgets the cookie.
            tracing::error!(%error, "a session couldn't be ended after a logout or login at the provider");
            Some(broker.inner.sessions.forget())
        }
    };
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

async fn for_every_origin(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

async fn unknown() -> Error {
    Error::NotFound("There is no such address in this API; see /api/openapi.json.".into())
}

async fn wrong_method() -> Error {
    Error::Method
}
