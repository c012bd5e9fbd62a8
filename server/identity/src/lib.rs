//! The identity service: OpenID provider, token vault, asynchronous approval. It runs twice, as Mandate identity and
//! as the broker's own provider.

use std::{ops::Deref, sync::Arc};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use foundation::{
    CancellationToken, clock::Clock, db::Db, http::Http, login::Login, once::Once, parts::Parts, seal::Sealer,
    session::Sessions,
};

pub mod approval;
mod apps;
pub mod audit;
pub mod authorize;
pub mod client;
pub mod config;
pub mod connection;
pub mod consent;
mod cors;
pub mod discovery;
pub mod error;
pub mod introspect;
pub mod keys;
pub mod limits;
pub mod login;
pub mod logout;
pub(crate) mod outbox;
pub mod page;
mod picture;
pub mod revoke;
mod routes;
pub mod store;
pub mod sweep;
pub mod token;
pub mod userinfo;
pub mod vault;

use config::{Api, Config, LoginBy};
use keys::Keys;
use limits::Limits;
use page::{Frame, Page, View};
use store::person::Person;
use url::Url;

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
    pub desk: approval::Desk,
    /// Grants at the providers of connected accounts.
    pub vault: vault::Vault,
    /// Whose statements of approval are believed.
    pub issuers: token::exchange::Issuers,
    /// The resource servers of the settings and this service's own.
    pub apis: Vec<Api>,
}

impl Deref for Identity {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// An instance can't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Key(#[from] foundation::jwt::KeyError),
    /// What is sealed was sealed under another master key.
    #[error(transparent)]
    Unsealable(#[from] foundation::seal::Unsealable),
    #[error("demo people exist only where every site is a loopback one")]
    DemoPeople,
    #[error("a password can't be hashed: {0}")]
    Password(String),
}

/// The migrations of this service's database, for whoever opens it.
pub fn migrator() -> sqlx::migrate::Migrator {
    sqlx::migrate!("../../migrations/tenant")
}

impl Identity {
    /// Starts an instance on a database that is migrated: makes or loads its signing key, brings the settings'
    /// clients in, seeds demo people, starts the work in the background.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        let once = parts.once();
        // PROTOCOL.md, "Times": identity 8 h idle and 24 h in all.
        // Who only came to log in has as long as that may take.
        let sessions = parts.sessions(config.cookie, config.site.is_secure(), 8, 24).visitors_for(1);
        let login = match &config.login {
            LoginBy::Password { .. } => None,
            LoginBy::Provider { settings, .. } => {
                Some(Login::new(settings.clone(), parts.http.clone(), parts.clock.clone(), once.clone()))
            }
        };
        let keys =
            Keys::load(&parts, config.all_apis().iter().any(|api| api.signing == foundation::jwt::Signing::Es256))
                .await?;
        let desk = approval::Desk::new(&parts);
        let vault = vault::Vault::new(&config.connections, &parts);
        let issuers = token::exchange::Issuers::new(&config.approval_issuers, &parts.http);
        let identity = Self(Arc::new(Inner {
            apis: config.all_apis(),
            limits: Limits::new(&parts),
            config,
            db: parts.db,
            clock: parts.clock,
            sealer: parts.sealer,
            http: parts.http,
            once,
            sessions,
            shutdown: parts.shutdown,
            keys,
            login,
            desk,
            vault,
            issuers,
        }));
        client::bring_in(&identity).await?;
        login::seed::demo_people(&identity).await?;
        if identity.login.is_none() {
            login::password::prepare().await;
        }
        tokio::spawn(keys::watch(identity.keys.clone()));
        tokio::spawn(sweep::run(identity.clone()));
        tokio::spawn(outbox::work(identity.clone()));
        Ok(identity)
    }

    /// All routes of the instance.
    pub fn routes(&self) -> Router {
        routes::routes(self)
    }

    /// The `sub` of everybody who is shut out (see [`Config::shut_out`]): what rests on their login has ended too.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn shut_out(&self) -> Result<Vec<String>, sqlx::Error> {
        let mut db = self.db.pool().acquire().await?;
        store::person::out(&mut db).await
    }

    /// The issuer: the site's URL with a slash at its end.
    pub fn issuer(&self) -> &str {
        self.config.site.issuer()
    }

    /// The resource server of an audience, compared as a URL.
    pub fn api(&self, audience: &str) -> Option<&Api> {
        self.apis.iter().find(|api| authorize::audience::is_same(&api.audience, audience))
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
