//! The program's own secrets: the master key, and those that two sites share. Made once, kept with mode 0600.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use foundation::{ExposeSecret, SecretString, secret};

use crate::settings::{Settings, SiteName};

/// The four secrets that two sites share (PROTOCOL.md, "Clients").
#[derive(Debug)]
pub struct Shared {
    pub agent: SecretString,
    pub agent_mcp: SecretString,
    pub tenant_login: SecretString,
    pub tenant_vault: SecretString,
    /// The broker alone uses this one: StockTrade's pages at their own provider.
    pub stocktrade: SecretString,
    /// The agent alone uses this one: the key of the rehearsal model.
    pub rehearsal: SecretString,
}

impl Shared {
    /// None of them, for commands that show the configuration.
    pub fn unknown() -> Self {
        let none = SecretString::default;
        Self {
            agent: none(),
            agent_mcp: none(),
            tenant_login: none(),
            tenant_vault: none(),
            stocktrade: none(),
            rehearsal: none(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("{0} can't be used: {1}")]
    File(String, std::io::Error),
    #[error("MASTER_KEY: expected 32 bytes in base64 (44 characters), such as `openssl rand -base64 32` prints")]
    MasterKey,
    #[error("{0}: needed when the sites run as separate processes; give both sites the same")]
    Missing(&'static str),
    #[error("{0} isn't readable any more; restore it, or `make reset` to start over")]
    Damaged(String),
}

/// The master key: from the settings, else the one kept in `DATA_DIR`, else a new one kept there.
pub fn master_key(settings: &Settings) -> Result<[u8; 32], SecretsError> {
    let text = match &settings.master_key {
        Some(key) => key.expose_secret().to_owned(),
        None => kept(&settings.data_dir, "master.key", || base64(&secret::bytes::<32>()))?,
    };
    from_base64(text.trim()).ok_or(SecretsError::MasterKey)
}

/// The shared secrets: each from its setting; else, where all sites run together, made once and kept.
pub fn shared(settings: &Settings, sites: &[SiteName]) -> Result<Shared, SecretsError> {
    let file = settings.data_dir.join("secrets.json");
    let text = kept(&settings.data_dir, "secrets.json", || "{}".into())?;
    let mut known: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|_| SecretsError::Damaged(file.display().to_string()))?;
    let together = sites.len() == SiteName::ALL.len();
    let before = known.len();
    let mut get = |name: &'static str, owners: &[SiteName]| -> Result<SecretString, SecretsError> {
        if let Some(given) = std::env::var(name).ok().filter(|given| !given.trim().is_empty()) {
            return Ok(given.trim().to_owned().into());
        }
        let alone = owners.len() == 1;
        if !together && !alone {
            if owners.iter().any(|owner| sites.contains(owner)) {
                return Err(SecretsError::Missing(name));
            }
            return Ok(SecretString::default());
        }
        Ok(known.entry(name.to_owned()).or_insert_with(secret::token).clone().into())
    };
    use SiteName::{Agent, Broker, Identity};
    let shared = Shared {
        agent: get("AGENT_CLIENT_SECRET", &[Agent, Identity])?,
        agent_mcp: get("AGENT_MCP_CLIENT_SECRET", &[Agent, Identity])?,
        tenant_login: get("TENANT_LOGIN_CLIENT_SECRET", &[Identity, Broker])?,
        tenant_vault: get("TENANT_VAULT_CLIENT_SECRET", &[Identity, Broker])?,
        stocktrade: get("STOCKTRADE_CLIENT_SECRET", &[Broker])?,
        rehearsal: get("REHEARSAL_KEY", &[Agent])?,
    };
    if known.len() > before {
        let text = serde_json::to_string_pretty(&known).unwrap_or_default();
        write(&file, &text).map_err(|error| SecretsError::File(file.display().to_string(), error))?;
    }
    Ok(shared)
}

/// Reads a file of `DATA_DIR`, or makes it. Never readable by others.
fn kept(folder: &Path, name: &str, make: impl FnOnce() -> String) -> Result<String, SecretsError> {
    let path = folder.join(name);
    let fail = |error| SecretsError::File(path.display().to_string(), error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail)?;
    match fs::read_to_string(&path) {
        Ok(text) => {
            let mode = fs::metadata(&path).map_err(fail)?.permissions().mode();
            if mode & 0o077 != 0 {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(fail)?;
            }
            Ok(text)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = make();
            write(&path, &text).map_err(fail)?;
            Ok(text)
        }
        Err(error) => Err(fail(error)),
    }
}

/// Writes beside the file and moves it into place, so that a crash leaves the old one or the new one.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn base64(bytes: &[u8; 32]) -> String {
    foundation::seal::encode_key(bytes)
}

fn from_base64(text: &str) -> Option<[u8; 32]> {
    foundation::seal::decode_key(text)
}
