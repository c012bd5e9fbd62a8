//! The program as separate processes: on free ports, with its own folder, under three host names.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use foundation::db::Place;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use url::Url;

use crate::{
    browser::Browser,
    database,
    outcome::Outcome,
    secrets::{Secrets, kept_secret},
    sites::Sites,
};

/// A program that can be started, killed and restarted with the same addresses, data and secrets.
#[derive(Debug)]
pub struct Setup {
    pub sites: Sites,
    binary: PathBuf,
    folder: TempDir,
    logs: PathBuf,
    secrets: Secrets,
    settings: BTreeMap<String, String>,
    /// Whether each site is a process with its own `DATA_DIR` and `MASTER_KEY`.
    apart: bool,
    /// Whether `serve` brings a configuration that is new to its database.
    brings_config: bool,
}

/// The secrets that two sites share when they run apart (PROTOCOL.md, "Clients").
const SHARED: [&str; 4] =
    ["AGENT_CLIENT_SECRET", "AGENT_MCP_CLIENT_SECRET", "TENANT_LOGIN_CLIENT_SECRET", "TENANT_VAULT_CLIENT_SECRET"];

/// Settings from a developer's environment or `.env` that would change the test.
const CLEARED: [&str; 15] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_MODEL",
    "MODEL_FIRST_SECONDS",
    "MODEL_NEXT_SECONDS",
    "MCP_WAIT_SECONDS",
    "ISSUER",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "MASTER_KEY",
    "DATABASE_URL",
    "APPROVAL_SECONDS",
    "MARKET_TICK_MS",
    "TRADE_WITHOUT_APPROVAL",
    "MANDATE_CRASH_AT",
];

impl Setup {
    /// A single process for the three sites. `name` names its logs in the folder `logs`. With `TEST_DATABASE_URL` it
    /// uses a new database there.
    ///
    /// # Errors
    /// When no folder, port or database is available.
    pub async fn together(binary: &Path, logs: &Path, name: &str) -> Outcome<Self> {
        Self::new(binary, logs, name, false, None).await
    }

    /// As [`Self::together`], at these ports (agent, tenant, broker), since kept data contains its addresses.
    ///
    /// # Errors
    /// As [`Self::together`].
    pub async fn at_ports(binary: &Path, logs: &Path, name: &str, ports: [u16; 3]) -> Outcome<Self> {
        Self::new(binary, logs, name, false, Some(ports)).await
    }

    /// A process for each site, with its own `DATA_DIR` and `MASTER_KEY`.
    ///
    /// # Errors
    /// As [`Self::together`].
    pub async fn apart(binary: &Path, logs: &Path, name: &str) -> Outcome<Self> {
        Self::new(binary, logs, name, true, None).await
    }

    async fn new(binary: &Path, logs: &Path, name: &str, apart: bool, ports: Option<[u16; 3]>) -> Outcome<Self> {
        let ports = match ports {
            Some(ports) => ports,
            None => [free_port()?, free_port()?, free_port()?],
        };
        let folder = tempfile::tempdir()?;
        let logs = logs.join(name);
        std::fs::create_dir_all(&logs)?;
        for old in std::fs::read_dir(&logs)? {
            std::fs::remove_file(old?.path())?;
        }
        let secrets = Secrets::in_file(&logs.join("seen.secrets"))?;
        let mut settings: BTreeMap<String, String> =
            CLEARED.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        let mut site = |name: &str, host: &str, port: u16| -> Outcome<Url> {
            let url = format!("http://{host}.localhost:{port}");
            settings.insert(format!("{name}_URL"), url.clone());
            settings.insert(format!("{name}_LISTEN"), format!("127.0.0.1:{port}"));
            Ok(Url::parse(&url)?)
        };
        let sites = Sites {
            agent: site("AGENT", "agent", ports[0])?,
            identity: site("TENANT", "id", ports[1])?,
            broker: site("BROKER", "trade", ports[2])?,
        };
        for name in SHARED {
            let secret = if apart { foundation::secret::token() } else { String::new() };
            secrets.keep(&secret);
            settings.insert(name.to_owned(), secret);
        }
        settings.insert("RUST_LOG".into(), "trace".into());
        settings.insert("MARKET_TICK_MS".into(), "500".into());
        // These tests need no scripts, and the bundle in `target/` may be another version's.
        settings.insert("SITE_DIR".into(), folder.path().join("site").display().to_string());
        if let Place::Postgres(url) = database::empty(folder.path()).await? {
            settings.insert("DATABASE_URL".into(), url.into());
        }
        Ok(Self { sites, binary: binary.to_owned(), folder, logs, secrets, settings, apart, brings_config: false })
    }

    /// Changes a setting for processes started later.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }

    /// A secret that two sites share: the given one, or the one that the program generated.
    ///
    /// # Errors
    /// When the program hasn't generated it yet.
    pub fn shared_secret(&self, name: &str) -> Outcome<String> {
        if let Some(given) = self.settings.get(name).filter(|given| !given.is_empty()) {
            return Ok(given.clone());
        }
        let secret = kept_secret(&self.data_dir("serve"), name)?;
        self.secrets.keep(&secret);
        Ok(secret)
    }

    /// The `DATA_DIR` of the process that serves this site.
    pub fn data_dir(&self, site: &str) -> PathBuf {
        self.folder.path().join(if self.apart { site } else { "data" })
    }

    pub fn browser(&self) -> Outcome<Browser> {
        Browser::new(self.secrets.clone(), &self.sites.hosts())
    }

    /// Starts everything in one process.
    ///
    /// # Errors
    /// When it isn't ready within 30 seconds.
    pub async fn serve(&self) -> Outcome<Program> {
        self.start(None, &[]).await
    }

    /// From now on, a start brings a configuration that is new to its database, such as other addresses.
    pub fn bring_config(&mut self) {
        self.brings_config = true;
    }

    /// As [`Self::serve`], with additional settings.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_with(&self, extra: &[(&str, &str)]) -> Outcome<Program> {
        self.start(None, extra).await
    }

    /// Starts one site (`agent`, `tenant` or `broker`), with additional settings.
    ///
    /// # Errors
    /// As [`Self::serve`].
    pub async fn serve_site(&self, site: &str, extra: &[(&str, &str)]) -> Outcome<Program> {
        self.start(Some(site), extra).await
    }

    /// Runs another command of the program to its end. Returns whether it succeeded, and its output.
    ///
    /// # Errors
    /// When it can't be run, or doesn't end within 20 seconds.
    pub async fn command(&self, words: &[&str]) -> Outcome<(bool, String)> {
        let Ended { code, out, err } = self.run(words).await?;
        Ok((code == Some(0), out + &err))
    }

    /// As [`Self::command`]. Returns its exit code, and standard output and standard error separately.
    ///
    /// # Errors
    /// As [`Self::command`].
    pub async fn run(&self, words: &[&str]) -> Outcome<Ended> {
        let mut command = Command::new(&self.binary);
        command.args(words).current_dir(workspace()).envs(&self.settings);
        command.env("DATA_DIR", self.data_dir("serve")).stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(Duration::from_secs(20), command.output()).await;
        let output = output.map_err(|_| format!("mandate {} still runs after 20 s", words.join(" ")))??;
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        Ok(Ended { code: output.status.code(), out, err })
    }

    async fn start(&self, site: Option<&str>, extra: &[(&str, &str)]) -> Outcome<Program> {
        let process = site.unwrap_or("serve");
        let log = self.logs.join(format!("{process}.log"));
        let file = OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = Command::new(&self.binary);
        command
            .arg("serve")
            .args(site)
            .args(self.brings_config.then_some("--new-config"))
            .current_dir(workspace())
            .envs(&self.settings)
            .env("DATA_DIR", self.data_dir(process))
            .envs(extra.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.binary.display()))?;
        let output = child.stdout.take().ok_or("the program has no output")?;
        let mut lines = BufReader::new(output).lines();
        let mut said = String::new();
        let ready = tokio::time::timeout(Duration::from_secs(30), async {
            while let Ok(Some(line)) = lines.next_line().await {
                said.push_str(&line);
                said.push('\n');
                if line.starts_with("Ready") {
                    return true;
                }
            }
            false
        })
        .await
        .unwrap_or(false);
        if !ready {
            let tail = std::fs::read_to_string(&log).unwrap_or_default();
            let tail: Vec<&str> = tail.lines().rev().take(15).collect();
            return Err(format!("mandate serve {process} didn't get ready.\n{said}\n{}", tail.join("\n")).into());
        }
        // Keeps reading, so that the program never blocks on its output.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Program { child, said })
    }
}

/// A command that ended.
#[derive(Debug)]
pub struct Ended {
    /// `None`: a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A running process, killed when dropped.
#[derive(Debug)]
pub struct Program {
    child: Child,
    /// The program's output until it was ready.
    pub said: String,
}

impl Program {
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Waits until it exits by itself.
    ///
    /// # Errors
    /// When it doesn't within this many seconds.
    pub async fn ended(&mut self, seconds: u64) -> Outcome<ExitStatus> {
        tokio::time::timeout(Duration::from_secs(seconds), self.child.wait())
            .await
            .map_err(|_| format!("the program still runs after {seconds} s"))?
            .map_err(Into::into)
    }

    /// Sends SIGINT, like Ctrl-C.
    ///
    /// # Errors
    /// When `kill` can't be run.
    pub async fn interrupt(&self) -> Outcome {
        Command::new("kill").args(["-INT", &self.id().to_string()]).status().await?;
        Ok(())
    }

    /// Asks it to stop (SIGTERM), like a system shutdown. It allows seven seconds for its connections and databases to close.
    ///
    /// # Errors
    /// When it doesn't stop within thirty seconds, or not successfully.
    pub async fn stop(mut self) -> Outcome {
        let id = self.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().await?;
        let status = self.ended(30).await?;
        if status.success() { Ok(()) } else { Err(format!("the program stopped with {status}").into()) }
    }

    /// Kills it with SIGKILL.
    ///
    /// # Errors
    /// When the process no longer exists.
    pub async fn kill(mut self) -> Outcome {
        Ok(self.child.kill().await?)
    }
}

/// A port that was free a moment ago, below the range for outgoing connections. No two calls in one process return the
/// same.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Outcome<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Concurrent test processes start at different ports.
    let begin = u16::try_from(std::process::id() % 200).unwrap_or(0) * 60;
    for _ in 0..500 {
        let port = 15_000 + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".into())
}

/// The workspace's folder, which contains `style` and `public`.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
