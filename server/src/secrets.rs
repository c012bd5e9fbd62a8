//! The program's own secrets: the master key, and those that two sites share. Generated once, and kept in files of mode
//! 0600.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use foundation::{ExposeSecret, SecretString, secret};

use crate::{
    config::{
        agent::{AGENT, AGENT_MCP},
        secret::SecretRef,
        source::{At, Fault, Faults},
    },
    settings::{Settings, SiteName},
};

/// The configuration's secrets that the sites of this process use.
#[derive(Debug)]
pub struct Shared {
    of: BTreeMap<SecretRef, SecretString>,
    /// The rehearsal model's API key. Only the agent uses it.
    pub rehearsal: SecretString,
}

impl Shared {
    /// Holds no secret, for commands that show the configuration.
    pub fn unknown() -> Self {
        Self { of: BTreeMap::new(), rehearsal: SecretString::default() }
    }

    /// The secret for a reference; empty if only sites of another process use it.
    pub fn of(&self, reference: &SecretRef) -> SecretString {
        self.of.get(reference).cloned().unwrap_or_default()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    #[error("{0} can't be used: {1}")]
    File(String, std::io::Error),
    #[error("MASTER_KEY: expected 32 bytes in base64 (44 characters), such as `openssl rand -base64 32` prints")]
    MasterKey,
    #[error("{0}: there is no master key. Put it there, or in MASTER_KEY; nothing was changed")]
    NoMasterKey(String),
    #[error("{0}: needed when the sites run as separate processes; give both sites the same")]
    Missing(String),
    #[error(transparent)]
    Reference(Faults),
    #[error("{0} isn't readable any more; restore it, or `make reset` to start over")]
    Damaged(String),
}

/// The master key: from the settings, or kept in `DATA_DIR`, or else newly generated and kept there.
pub fn master_key(settings: &Settings) -> Result<[u8; 32], SecretsError> {
    let text = match &settings.master_key {
        Some(key) => key.expose_secret().to_owned(),
        None => kept(&settings.data_dir, "master.key", || base64(&secret::bytes::<32>()))?,
    };
    from_base64(text.trim()).ok_or(SecretsError::MasterKey)
}

/// The master key that is already there, for a command beside the program.
pub fn existing_master_key(settings: &Settings) -> Result<[u8; 32], SecretsError> {
    let file = settings.data_dir.join("master.key");
    if settings.master_key.is_none() && !file.is_file() {
        return Err(SecretsError::NoMasterKey(file.display().to_string()));
    }
    master_key(settings)
}

/// The secrets of these sites, each from its place in the configuration. A generated one is kept in `DATA_DIR` if all
/// sites that use it run in this process.
pub fn shared(settings: &Settings, sites: &[SiteName]) -> Result<Shared, SecretsError> {
    let file = settings.data_dir.join("secrets.json");
    let text = kept(&settings.data_dir, "secrets.json", || "{}".into())?;
    let mut known: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|_| SecretsError::Damaged(file.display().to_string()))?;
    let before = known.len();
    let mut keep = |name: &str, users: &[SiteName]| match settings.secret(name) {
        Some(given) => Ok(given),
        None if users.iter().all(|user| sites.contains(user)) => {
            Ok(known.entry(name.to_owned()).or_insert_with(secret::token).clone().into())
        }
        None => Err(SecretsError::Missing(name.to_owned())),
    };
    let (mut of, mut faults) = (BTreeMap::new(), Vec::new());
    for (reference, (at, users)) in users(settings) {
        if !users.iter().any(|user| sites.contains(user)) {
            continue;
        }
        let found = match &reference {
            SecretRef::Kept(name) => Ok(keep(name, &users)?),
            outside => look_up(settings, outside),
        };
        match found {
            Ok(secret) => drop(of.insert(reference, secret)),
            Err(message) => faults.push(at.wrong(message)),
        }
    }
    if !faults.is_empty() {
        return Err(SecretsError::Reference(Faults(faults)));
    }
    let rehearsal = match sites.contains(&SiteName::Agent) {
        true => keep("REHEARSAL_KEY", &[SiteName::Agent])?,
        false => SecretString::default(),
    };
    if known.len() > before {
        let text = serde_json::to_string_pretty(&known).unwrap_or_default();
        write(&file, &text).map_err(|error| SecretsError::File(file.display().to_string(), error))?;
    }
    Ok(Shared { of, rehearsal })
}

/// The operator's secrets that are missing.
pub fn missing(settings: &Settings) -> Vec<Fault> {
    let all = users(settings).into_iter();
    all.filter_map(|(reference, (at, _))| Some(at.wrong(look_up(settings, &reference).err()?))).collect()
}

/// A secret from the environment or a file; empty for one that can be generated.
fn look_up(settings: &Settings, reference: &SecretRef) -> Result<SecretString, String> {
    match reference {
        SecretRef::Kept(_) => Ok(SecretString::default()),
        SecretRef::Env(name) => {
            settings.secret(name).ok_or_else(|| format!("the environment variable {name} isn't set"))
        }
        SecretRef::File(path) => {
            let path = settings.config_folder.join(path);
            let text =
                fs::read_to_string(&path).map_err(|error| format!("{} can't be read: {error}", path.display()))?;
            // The line break at the end isn't part of the secret.
            match text.trim_end_matches(['\r', '\n']) {
                "" => Err(format!("{} is empty", path.display())),
                text => Ok(text.to_owned().into()),
            }
        }
    }
}

/// Each reference, with its first place and the sites that use it.
fn users(settings: &Settings) -> BTreeMap<SecretRef, (At, Vec<SiteName>)> {
    let mut users: BTreeMap<SecretRef, (At, Vec<SiteName>)> = BTreeMap::new();
    let mut add = |secrets: Vec<(At, SecretRef)>, site| {
        for (at, reference) in secrets {
            let (_, sites) = users.entry(reference).or_insert_with(|| (at, Vec::new()));
            if !sites.contains(&site) {
                sites.push(site);
            }
        }
    };
    let config = &settings.config;
    add(config.mandate.secrets(), SiteName::Identity);
    add(config.mandate.secrets_of_clients(&[AGENT, AGENT_MCP]), SiteName::Agent);
    add(config.stocktrade.secrets(), SiteName::Broker);
    users
}

/// Reads a file in `DATA_DIR`, or creates it with mode 0600.
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

/// Writes a new file and renames it into place: a crash leaves either the old content or the new.
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
