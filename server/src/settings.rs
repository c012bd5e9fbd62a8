//! The settings, all optional: from the environment and the configuration file. Each is documented at its field.

mod file;
mod issuer;
mod model;
mod site_name;
mod value;

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use foundation::{SecretString, db::Place, jwt::Signing, site::Site};
use url::Url;

use crate::config::{Addresses, Configuration, source::Faults};
pub use issuer::External;
use model::{model_key, model_names, model_url};
pub use site_name::SiteName;
use value::{DAY_MS, DAYS, kept, list, number, switch, text, warn_of_certificates, wrong};
pub use value::{Given, Wrong};

/// A site's public URL and the sockets it listens on.
#[derive(Clone, Debug)]
pub struct Address {
    pub site: Site,
    /// The first must be available; the others (`[::1]` beside `127.0.0.1`) may be missing.
    pub listen: Vec<SocketAddr>,
    /// The setting that changes the socket: the site's `…_LISTEN` if it is set, otherwise its URL.
    pub moved_by: &'static str,
}

#[derive(Debug)]
pub struct Settings {
    pub agent: Address,
    pub identity: Address,
    pub broker: Address,
    /// `DATA_DIR` (`./data`): databases, master key and shared secrets.
    pub data_dir: PathBuf,
    /// `DATABASE_URL`: `postgres://…`, a schema per instance. Unset: a SQLite file per instance in `DATA_DIR`.
    pub database: Place,
    /// `DATABASE_CONNECTIONS` (21): the most connections to PostgreSQL that this process opens, over all its databases.
    /// Four processes fit into PostgreSQL's default of 100.
    pub database_connections: u32,
    /// `MASTER_KEY`: 32 bytes in base64; encrypts the secrets at rest. Unset: generated and kept in `DATA_DIR`.
    pub master_key: Option<SecretString>,
    /// `OPENAI_BASE_URL`, `OPENAI_API_KEY`, and `OPENAI_MODEL`: one name, or several separated by commas, of which
    /// people choose and the first is the default. Without the first two settings, the rehearsal model answers.
    pub model: Option<(String, SecretString, (String, Vec<String>))>,
    /// `MODEL_FIRST_SECONDS` (300), `MODEL_NEXT_SECONDS` (60): how long a model may be silent before its first token
    /// and between tokens, from 1 to 3,600.
    pub model_seconds: (i64, i64),
    /// `OPENAI_MODEL` alone may choose `rehearsal-adversarial`.
    pub rehearsal: String,
    /// `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`: an external provider that replaces Mandate identity.
    pub external: Option<External>,
    /// `APPROVAL_SECONDS` (300): how long an approval request waits, from 10 to 259,200.
    pub approval_seconds: i64,
    /// `KEY_AHEAD_SECONDS` (600): how long `mandate keys rotate` publishes a new key before using it, from 30 to
    /// 86,400.
    pub key_ahead_seconds: i64,
    /// `KEY_OVERLAP_SECONDS` (86,400): how long the old keys remain valid after that, from 0 to 31,536,000.
    pub key_overlap_seconds: i64,
    /// `MARKET_TICK_MS` (2000): milliseconds between two prices.
    pub market_tick_ms: u64,
    /// `KEEP_CHATS_DAYS` (0) and `KEEP_VISITOR_CHATS_DAYS` (7): how long to keep chats; 0: forever.
    pub chats: agent::config::Retention,
    /// `TURNS_PER_DAY`, `TOKENS_PER_DAY` (0 each): what a person or visitor may use in a day, and
    /// `VISITOR_TURNS_PER_DAY` (0): the turns of all visitors from one address; 0: no limit.
    pub per_day: agent::config::PerDay,
    /// `KEEP_APPROVALS_DAYS` (365, at least 7) and `KEEP_AUDIT_DAYS` (365); 0: forever.
    pub approvals: identity::config::Retention,
    /// `PROXIES`: addresses of reverse proxies, separated by commas, whose `X-Forwarded-For` the sites trust.
    pub proxies: Vec<IpAddr>,
    /// `CONNECTIONS_PER_ADDRESS` (512): the connections that one address may have to a site, from 16 to 10,000.
    pub connections_per_address: usize,
    /// `RECORDINGS`: whether people may record their own requests (`on`, `off`). Unset: only at sites on loopback.
    pub recordings: Option<bool>,
    /// `TRADE_WITHOUT_APPROVAL`: StockTrade's clients, separated by commas, whose orders need no approval.
    pub trade_without_approval: Vec<String>,
    /// `MCP_ORIGINS`: origins, separated by commas, whose pages may call `/mcp` with a token.
    pub mcp_origins: Vec<String>,
    /// `MCP_WAIT_SECONDS` (25): how long a call at `/mcp` waits for an approval before it answers that the approval is
    /// pending.
    pub mcp_wait_seconds: i64,
    /// `MANDATE_CONFIG`: the configuration file. Unset: `mandate.toml` in the working directory, if it exists.
    pub config: Configuration,
    /// Whether this start brings a new configuration, which instances on one database then agree on.
    pub new_config: bool,
    /// The folder of the configuration file; its relative paths start here.
    pub config_folder: PathBuf,
    /// The values of the variables that the configuration names as secrets.
    secrets: BTreeMap<String, SecretString>,
    /// `ES256_APIS`: audiences, separated by commas, whose access tokens are signed with ES256 instead of RS256.
    es256_apis: Vec<String>,
    /// `SITE_DIR` (`target/site`): the browser bundle. `style` and `public` are in the working directory or beside it.
    pub site_dir: PathBuf,
}

impl Settings {
    /// The settings from the environment.
    ///
    /// # Errors
    /// If a setting is invalid.
    pub fn from_env(sites: &[SiteName]) -> Result<Self, Wrong> {
        Self::read(&|name| std::env::var(name).ok(), sites)
    }

    /// The settings from these variables.
    ///
    /// # Errors
    /// If a setting is invalid.
    pub fn read(given: Given<'_>, sites: &[SiteName]) -> Result<Self, Wrong> {
        let [agent, identity, broker] = SiteName::ALL.map(|name| address(given, name, sites));
        let addresses = (agent?, identity?, broker?);
        let (source, config_folder) = file::find(given)?;
        let (agent, identity, broker) = (&addresses.0.site, &addresses.1.site, &addresses.2.site);
        let config = Configuration::read(source, Addresses { agent, identity, broker }).map_err(Wrong::File)?;
        let limits = config.limits.clone();
        let of_file = |name: &str| Some(limits.get(name)?.0.to_string());
        let all: Given<'_> = &|name| text(given, name).or_else(|| of_file(name));
        Self::with(all, sites, addresses, config, config_folder).map_err(|wrong| match &wrong {
            Wrong::Setting { name, what } if text(given, name).is_none() => match limits.get(name) {
                Some((_, at)) => Wrong::File(Faults(vec![at.wrong(format!("{}: {what}", name.to_ascii_lowercase()))])),
                None => wrong,
            },
            _ => wrong,
        })
    }

    fn with(
        given: Given<'_>,
        sites: &[SiteName],
        (agent, identity, broker): (Address, Address, Address),
        config: Configuration,
        config_folder: PathBuf,
    ) -> Result<Self, Wrong> {
        let text = |name| text(given, name);
        let number = |name, default, least, most| number(given, name, default, least, most);
        let kept = |name, default, least| kept(given, name, default, least);
        let per_day = |name| number(name, 0, 0, 1_000_000_000).map(|most| Some(most).filter(|most| *most > 0));
        let data_dir = PathBuf::from(text("DATA_DIR").unwrap_or_else(|| "data".into()));
        let database = match text("DATABASE_URL") {
            None => Place::Sqlite(data_dir.clone()),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Place::Postgres(Url::parse(&url).map_err(|_| {
                    wrong("DATABASE_URL", "this isn't a URL; expected postgres://user:password@host:port/database")
                })?)
            }
            Some(_) => return Err(wrong("DATABASE_URL", "only postgres://… is taken; leave it out for SQLite")),
        };
        let base_url = text("OPENAI_BASE_URL").map(|text| model_url(&text)).transpose()?;
        let key = model_key(given)?;
        let model_name = text("OPENAI_MODEL");
        let is_rehearsal = base_url.is_none() && key.is_none();
        let model = (!is_rehearsal).then(|| {
            (
                base_url.unwrap_or_else(|| "https://api.openai.com/v1".into()),
                key.unwrap_or_default().into(),
                model_names(model_name.as_deref()),
            )
        });
        let external = issuer::external(given)?;
        let settings = Self {
            agent,
            identity,
            broker,
            data_dir,
            database,
            database_connections: u32::try_from(number("DATABASE_CONNECTIONS", 21, 9, 1000)?).unwrap_or(21),
            master_key: text("MASTER_KEY").map(Into::into),
            model,
            model_seconds: (number("MODEL_FIRST_SECONDS", 300, 1, 3_600)?, number("MODEL_NEXT_SECONDS", 60, 1, 3_600)?),
            rehearsal: model_name.filter(|name| name.starts_with("rehearsal")).unwrap_or_else(|| "rehearsal".into()),
            external,
            approval_seconds: number("APPROVAL_SECONDS", 300, 10, 259_200)?,
            key_ahead_seconds: number("KEY_AHEAD_SECONDS", 600, 30, 86_400)?,
            key_overlap_seconds: number("KEY_OVERLAP_SECONDS", 86_400, 0, 31_536_000)?,
            market_tick_ms: number("MARKET_TICK_MS", 2000, 50, 3_600_000)?.unsigned_abs(),
            chats: agent::config::Retention {
                chats_ms: kept("KEEP_CHATS_DAYS", 0, 1)?,
                visitor_chats_ms: number("KEEP_VISITOR_CHATS_DAYS", 7, 1, DAYS)? * DAY_MS,
            },
            per_day: agent::config::PerDay {
                turns: per_day("TURNS_PER_DAY")?,
                tokens: per_day("TOKENS_PER_DAY")?,
                visitor_turns: per_day("VISITOR_TURNS_PER_DAY")?,
            },
            approvals: identity::config::Retention {
                // A request waits three days at most.
                approvals_ms: kept("KEEP_APPROVALS_DAYS", 365, 7)?,
                audit_ms: kept("KEEP_AUDIT_DAYS", 365, 1)?,
            },
            proxies: proxies(given)?,
            connections_per_address: usize::try_from(number("CONNECTIONS_PER_ADDRESS", 512, 16, 10_000)?)
                .unwrap_or(512),
            recordings: switch(given, "RECORDINGS")?,
            trade_without_approval: list(&text("TRADE_WITHOUT_APPROVAL").unwrap_or_default()),
            mcp_origins: mcp_origins(given)?,
            mcp_wait_seconds: number("MCP_WAIT_SECONDS", 25, 1, 3_600)?,
            secrets: file::secrets(given, &config),
            config,
            config_folder,
            new_config: false,
            es256_apis: list(&text("ES256_APIS").unwrap_or_default()),
            site_dir: PathBuf::from(text("SITE_DIR").unwrap_or_else(|| "target/site".into())),
        };
        let origins = [&settings.agent, &settings.identity, &settings.broker].map(|address| address.site.origin());
        if origins[0] == origins[1] || origins[1] == origins[2] || origins[0] == origins[2] {
            return Err(wrong("AGENT_URL", "the three sites need three origins: another host or port for each"));
        }
        let parts = [&settings.config.mandate, &settings.config.stocktrade];
        let apis: Vec<String> = parts.iter().flat_map(|part| part.own_apis()).map(|api| api.audience.clone()).collect();
        if let Some(unknown) = settings.es256_apis.iter().find(|api| !apis.contains(api)) {
            let what = format!("{unknown} is none of the APIs; they are {}", apis.join(", "));
            return Err(wrong("ES256_APIS", &what));
        }
        if !sites.is_empty() {
            warn_of_certificates(given);
        }
        if sites.contains(&SiteName::Identity) && settings.external.is_some() && sites.len() < 3 {
            tracing::warn!("ISSUER is set: the agent doesn't use the identity service that is served here");
        }
        Ok(settings)
    }

    /// The signature algorithm for an API's access tokens; `es256` is the configuration file's choice.
    pub fn signing_of(&self, audience: &str, es256: bool) -> Signing {
        if es256 || self.es256_apis.iter().any(|api| api == audience) { Signing::Es256 } else { Signing::Rs256 }
    }

    /// The value of a secret's variable, if it is set.
    pub fn secret(&self, name: &str) -> Option<SecretString> {
        self.secrets.get(name).cloned()
    }

    pub fn address(&self, site: SiteName) -> &Address {
        match site {
            SiteName::Agent => &self.agent,
            SiteName::Identity => &self.identity,
            SiteName::Broker => &self.broker,
        }
    }

    /// Whether people may record their own requests at this site.
    pub fn records(&self, site: &Site) -> bool {
        self.recordings.unwrap_or(site.is_loopback())
    }

    /// Whether all sites are reachable only from this machine. Demo people exist only then.
    pub fn is_loopback(&self) -> bool {
        SiteName::ALL.iter().all(|site| self.address(*site).site.is_loopback())
    }
}

fn proxies(given: Given<'_>) -> Result<Vec<IpAddr>, Wrong> {
    let list = text(given, "PROXIES").unwrap_or_default();
    let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read = |part: &str| part.parse();
    parts
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("PROXIES", "expected addresses separated by commas, such as 127.0.0.1,::1"))
}

fn mcp_origins(given: Given<'_>) -> Result<Vec<String>, Wrong> {
    let list = text(given, "MCP_ORIGINS").unwrap_or_default();
    let parts = list.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read = |part: &str| {
        let example = "expected origins separated by commas, such as https://inspector.example,http://localhost:6274";
        origin(part).ok_or_else(|| wrong("MCP_ORIGINS", &format!("{part} is not an origin; {example}")))
    };
    parts.map(read).collect()
}

/// An origin as browsers write it: only scheme, host and port, also for an extension or an app
/// (`chrome-extension://…`).
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    if let Ok(site) = Site::new(url.clone()) {
        return Some(site.origin().to_owned());
    }
    let is_web = matches!(url.scheme(), "http" | "https");
    let bare = url.has_host() && matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let origin = format!("{}://{}{port}", url.scheme(), url.host_str()?);
    (!is_web && bare && url.username().is_empty() && url.password().is_none()).then_some(origin)
}

/// A site's URL and sockets. A site with a public URL must say where it listens: by default, only programs on this
/// machine would reach it.
fn address(given: Given<'_>, name: SiteName, served: &[SiteName]) -> Result<Address, Wrong> {
    let setting = name.url_setting();
    let url = text(given, setting).unwrap_or_else(|| name.default_url().into());
    let url = Url::parse(&url).map_err(|_| wrong(setting, "this isn't a URL, such as http://localhost:3000"))?;
    let site = Site::new(url).map_err(|what| wrong(setting, what))?;
    let (listen, moved_by) = match text(given, name.listen_setting()) {
        Some(text) => {
            let wrong = |_| wrong(name.listen_setting(), "expected address:port, such as 127.0.0.1:3000");
            (vec![text.parse().map_err(wrong)?], name.listen_setting())
        }
        None if !site.is_loopback() && served.contains(&name) => {
            let port = name.default_url().rsplit(':').next().unwrap_or_default();
            let what = format!(
                "{setting} is public, so say where to listen: 127.0.0.1:{port} for a proxy on this machine, 0.0.0.0:{port} for every network"
            );
            return Err(wrong(name.listen_setting(), &what));
        }
        None => {
            let port = site.url().port_or_known_default().unwrap_or(80);
            let listen =
                vec![SocketAddr::from(([127, 0, 0, 1], port)), SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], port))];
            (listen, setting)
        }
    };
    Ok(Address { site, listen, moved_by })
}

#[cfg(test)]
mod tests {
    use super::{Settings, origin};

    #[test]
    fn line_71_public_sites_record_only_if_the_operator_says_so() {
        for (setting, here, public) in [(None, true, false), (Some("on"), true, true), (Some("off"), false, false)] {
            let given = |name: &str| match name {
                "TENANT_URL" => Some("https://id.example".to_owned()),
                "RECORDINGS" => setting.map(str::to_owned),
                _ => None,
            };
            let settings = Settings::read(&given, &[]).expect("settings");
            assert_eq!(settings.records(&settings.agent.site), here, "{setting:?}");
            assert_eq!(settings.records(&settings.identity.site), public, "{setting:?}");
        }
        assert!(Settings::read(&|name| (name == "RECORDINGS").then(|| "yes".into()), &[]).is_err());
    }

    #[test]
    fn origin_is_only_scheme_host_and_port() {
        for (text, read) in [
            ("https://inspector.example", "https://inspector.example"),
            ("https://Inspector.example/", "https://inspector.example"),
            ("https://inspector.example:443", "https://inspector.example"),
            ("http://localhost:6274", "http://localhost:6274"),
            ("http://[::1]:6274", "http://[::1]:6274"),
            ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
            ("app://obsidian.md", "app://obsidian.md"),
        ] {
            assert_eq!(origin(text).as_deref(), Some(read), "{text}");
        }
        for text in [
            "*",
            "null",
            "",
            "inspector.example",
            "https://",
            "https://a.example/path",
            "https://a.example?x",
            "https://a.example#x",
            "https://a@a.example",
            "https://*.example/x",
            "data:text/html,x",
            "file:///x",
            "app://x/y",
            "app://u@x",
        ] {
            assert_eq!(origin(text), None, "{text}");
        }
    }
}
