//! One running instance of the identity service: what it is made of.

use std::{ops::Deref, sync::Arc};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use details::Type;
use foundation::{
    CancellationToken, clock::Clock, db::Db, http::Http, login::Login, once::Once, seal::Sealer, session::Sessions,
};
use url::Url;

use crate::{
    approval::desk::Desk,
    config::{Api, Config},
    keys::Keys,
    limits::Limits,
    page::{Frame, Page, View},
    resource,
    store::person::Person,
    token::issuers::Issuers,
    vault::Vault,
};

/// One running instance of the identity service. Clones share everything.
#[derive(Clone, Debug)]
pub struct Identity(Arc<Inner>);

/// What an instance is made of.
#[derive(Debug)]
pub struct Inner {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub http: Http,
    pub once: Once,
    pub sessions: Sessions,
    pub shutdown: CancellationToken,
    pub keys: Keys,
    pub limits: Limits,
    /// Where people log in at another provider.
    pub login: Option<Login>,
    /// What approvals keep in memory.
    pub desk: Desk,
    /// Grants at the providers of connected accounts.
    pub vault: Vault,
    /// Whose statements of approval are believed.
    pub issuers: Issuers,
    /// The resource servers of the settings and this service's own.
    pub apis: Vec<Api>,
}

impl Deref for Identity {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Identity {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The issuer: the site's URL with a slash at its end.
    pub fn issuer(&self) -> &str {
        self.config.site.issuer()
    }

    /// The resource server of an audience, compared as a URL.
    pub fn api(&self, audience: &str) -> Option<&Api> {
        self.apis.iter().find(|api| resource::is_same(&api.audience, audience))
    }

    /// The registered type of this name.
    pub(crate) fn detail_type(&self, name: &str) -> Option<Arc<Type>> {
        let of_apis = self.apis.iter().flat_map(|api| &api.types);
        let of_connections = self.config.connections.iter().flat_map(|connection| &connection.types);
        of_apis.chain(of_connections).find(|kind| kind.name == name).cloned()
    }

    /// The audience of tokens that no API was named for: this service's own `userinfo`.
    pub fn userinfo_audience(&self) -> String {
        self.config.site.at("userinfo")
    }

    /// An HTML answer around a view.
    pub fn page(&self, status: StatusCode, person: Option<&Person>, view: View) -> Response {
        let frame = Frame {
            site: self.config.title.clone(),
            host: self.config.site.host(),
            accent: self.config.accent,
            person: person.map(|person| person.name.clone()),
            has_approvals: !self.config.connections.is_empty(),
        };
        let html = (self.config.render)(&Page { frame, view });
        let mut response = (status, Html(html)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// After a post: a redirect on this site; to another one a page that goes on there, since `form-action 'self'` also
    /// stops redirects (PROTOCOL, "Browsers").
    pub fn go_on(&self, href: String, text: impl Into<String>) -> Response {
        let is_here = Url::parse(&href).is_ok_and(|to| to.origin().ascii_serialization() == self.config.site.origin());
        if is_here {
            return Redirect::to(&href).into_response();
        }
        self.page(StatusCode::OK, None, View::GoOn { href, text: text.into() })
    }
}
