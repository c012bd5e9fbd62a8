//! Starts an instance and its background work.

use foundation::{jwt::Signing, login::Login, parts::Parts, trace::Recorder};
use shared::recording::Party;

use crate::{
    approval::{desk::Desk, ping},
    cleanup,
    config::{Config, LoginBy},
    configure,
    connection::{revocation, unfinished},
    error::StartError,
    keys::{self, Keys},
    limits::Limits,
    login, outbox,
    state::{Identity, Inner},
    token::issuers::Issuers,
    vault::Vault,
};

/// The outbox handlers: pings to the clients of approvals, revocations to the providers of accounts.
const OUTBOX: &outbox::Handlers = &[("ping", ping::send), ("revoke", revocation::send)];

impl Identity {
    /// Starts an instance on a migrated database: loads or makes its signing keys, stores the settings' clients,
    /// creates demo people, and starts the background work.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config, parts: Parts) -> Result<Self, StartError> {
        let one_time = parts.one_time();
        // PROTOCOL.md, "Times": 8 h idle and 24 h in all. A session created for a login lives as long as a login may
        // take.
        let sessions = parts.sessions(config.cookie, config.site.is_secure(), 8, 24).visitors_for(1).for_recorder();
        let login = match &config.login {
            LoginBy::Password { .. } => None,
            LoginBy::Provider { settings, .. } => {
                Some(Login::new(settings.clone(), parts.http.clone(), parts.clock.clone(), one_time.clone()))
            }
        };
        let keys = Keys::load(&parts, config.all_apis().iter().any(|api| api.signing == Signing::Es256)).await?;
        let desk = Desk::new(&parts);
        let vault = Vault::new(&config.connections, &parts);
        let here = if config.connections.is_empty() { Party::StockTrade } else { Party::Identity };
        let recorder = Recorder::new(here, parts.clock.clone(), config.recordings);
        let issuers = Issuers::new(&config.approval_issuers, &parts.http);
        let identity = Self::new(Inner {
            apis: config.all_apis(),
            limits: Limits::new(&parts),
            config,
            db: parts.db,
            clock: parts.clock,
            sealer: parts.sealer,
            http: parts.http,
            one_time,
            sessions,
            shutdown: parts.shutdown,
            keys,
            login,
            desk,
            vault,
            issuers,
            recorder,
        });
        configure::bring_in(&identity).await?;
        login::seed::demo_people(&identity).await?;
        if identity.login.is_none() {
            login::password::prepare().await;
        }
        tokio::spawn(keys::watch(identity.keys.clone()));
        tokio::spawn(cleanup::run(identity.clone()));
        tokio::spawn(unfinished::watch(identity.clone()));
        tokio::spawn(outbox::work(identity.clone(), OUTBOX));
        Ok(identity)
    }
}
