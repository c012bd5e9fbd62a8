//! A second instance of the program beside the first: the same database, URLs and secrets, other sockets.

use std::path::Path;

use crate::{
    outcome::Outcome,
    program::{Program, Setup},
};

/// The address at which the second instance listens, on the ports of the first.
pub const SECOND: [u8; 4] = [127, 0, 0, 2];

/// Settings that each instance generates for itself unless they are set.
const GENERATED: [&str; 6] = [
    "AGENT_CLIENT_SECRET",
    "AGENT_MCP_CLIENT_SECRET",
    "TENANT_LOGIN_CLIENT_SECRET",
    "TENANT_VAULT_CLIENT_SECRET",
    "STOCKTRADE_CLIENT_SECRET",
    "REHEARSAL_KEY",
];

impl Setup {
    /// Sets the secrets that all instances share, for processes started later.
    pub fn share_secrets(&mut self) {
        self.set("MASTER_KEY", &foundation::seal::encode_key(&[7; 32]));
        for name in GENERATED {
            self.set(name, &foundation::secret::token());
        }
    }

    /// Starts a second instance with a `DATA_DIR` of its own and the fewest connections.
    ///
    /// # Errors
    /// As [`Setup::serve`].
    pub async fn serve_second(&self, folder: &Path) -> Outcome<Program> {
        let mut settings = vec![("DATA_DIR", folder.display().to_string()), ("DATABASE_CONNECTIONS", "9".into())];
        for name in ["AGENT_LISTEN", "TENANT_LISTEN", "BROKER_LISTEN"] {
            let here = self.setting(name).unwrap_or_default();
            settings.push((name, here.replace("127.0.0.1", "127.0.0.2")));
        }
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.serve_with(&settings).await
    }
}
