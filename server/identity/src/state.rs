//! A running instance of the identity service.

use std::{ops::Deref, sync::Arc};

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use details::Type;
use foundation::{
    CancellationToken, clock::Clock, db::Db, http::Http, login::Login, one_time::OneTime, seal::Sealer,
    session::Sessions, trace::Recorder,
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

/// A running instance of the identity service. Clones share everything.
#[derive(Clone, Debug)]
pub struct Identity(Arc<Inner>);

/// The parts of an instance.
#[derive(Debug)]
pub struct Inner {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub http: Http,
    pub one_time: OneTime,
    pub sessions: Sessions,
    pub shutdown: CancellationToken,
    pub keys: Keys,
    pub limits: Limits,
    /// The client of the provider at which people log in, if there is one.
    pub login: Option<Login>,
    /// The in-memory state of approvals.
    pub desk: Desk,
    /// Grants at the providers of connected accounts.
    pub vault: Vault,
    /// Issuers whose statements of approval are accepted.
    pub issuers: Issuers,
    /// The resource servers of the settings, and this service's own.
    pub apis: Vec<Api>,
    /// Records requests for people who turned it on. StockTrade shares its provider's.
    pub recorder: Recorder,
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

    /// The issuer: the site's URL with a trailing slash.
    pub fn issuer(&self) -> &str {
        self.config.site.issuer()
    }

    /// The resource server of an audience, compared as a URL.
    pub fn api(&self, audience: &str) -> Option<&Api> {
        self.apis.iter().find(|api| resource::is_same(&api.audience, audience))
    }

    /// All registered types of `authorization_details`. A type may occur twice.
    pub(crate) fn detail_types(&self) -> impl Iterator<Item = &Arc<Type>> {
        let of_apis = self.apis.iter().flat_map(|api| &api.types);
        of_apis.chain(self.config.connections.iter().flat_map(|connection| &connection.types))
    }

    /// The registered type of this name.
    pub(crate) fn detail_type(&self, name: &str) -> Option<Arc<Type>> {
        self.detail_types().find(|kind| kind.name == name).cloned()
    }

    /// The audience of tokens that no API was named for: this service's own `userinfo`.
    pub fn userinfo_audience(&self) -> String {
        self.config.userinfo_audience()
    }

    /// A view as an HTML answer.
    pub fn page(&self, status: StatusCode, person: Option<&Person>, view: View) -> Response {
        self.in_frame(status, self.frame(person), view)
    }

    pub(crate) fn frame(&self, person: Option<&Person>) -> Frame {
        Frame {
            site: self.config.title.clone(),
            host: self.config.site.host(),
            accent: self.config.accent,
            person: person.map(|person| person.name.clone()),
            has_approvals: !self.config.connections.is_empty(),
        }
    }

    pub(crate) fn in_frame(&self, status: StatusCode, frame: Frame, view: View) -> Response {
        let html = (self.config.render)(&Page { frame, view });
        (status, Html(html)).into_response()
    }

    /// Continues after a post: redirects on this site. For another site it answers with a page that redirects, since
    /// `form-action 'self'` also blocks redirects (PROTOCOL, "Browsers").
    pub fn go_on(&self, href: String, text: impl Into<String>) -> Response {
        let is_here = Url::parse(&href).is_ok_and(|to| to.origin().ascii_serialization() == self.config.site.origin());
        if is_here {
            return Redirect::to(&href).into_response();
        }
        self.page(StatusCode::OK, None, View::GoOn { href, text: text.into() })
    }
}
