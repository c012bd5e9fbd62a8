//! Names things that the configuration no longer has, and counts what ends with them.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use crate::connection::removed::Left;

/// Something that the configuration no longer has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gone {
    Client(String),
    /// The API's audience.
    Api(String),
    /// A client that may no longer ask for an API.
    Access {
        client: String,
        api: String,
    },
    /// A scope that an API no longer has, or a client no longer at that API.
    Scope {
        client: String,
        scope: String,
    },
    Type(String),
    /// An API that no longer takes approvals without details, by its audience.
    WithoutDetails(String),
    /// A person, by e-mail address or id, who may no longer approve for an API.
    Approver {
        person: String,
        api: String,
    },
    Connection(String),
    /// A connection whose provider changed, or its client there.
    Provider(String),
    /// A scope that a connection no longer has.
    ConnectionScope {
        connection: String,
        scope: String,
    },
}

/// The number of rows that end with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Grants that are revoked, with their tokens, or that lose a scope.
    pub grants: u64,
    pub consents: u64,
    /// Requests for approval that wait, and approvals that weren't used.
    pub requests: u64,
    pub accounts: u64,
    /// The accounts among them whose grants are revoked at their provider.
    pub revoked: u64,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Retired {
    /// The number of rows that ended, by what was removed.
    pub ends: BTreeMap<Gone, Ends>,
    /// The grants to revoke at providers.
    pub left: Vec<Left>,
}

impl Gone {
    /// Its kind and name, for the audit log.
    pub fn detail(&self) -> Value {
        match self {
            Self::Client(client) => json!({ "client": client }),
            Self::Api(api) => json!({ "api": api }),
            Self::Access { client, api } => json!({ "client": client, "api": api }),
            Self::Scope { client, scope } => json!({ "client": client, "scope": scope }),
            Self::Type(kind) => json!({ "type": kind }),
            Self::WithoutDetails(api) => json!({ "without_details": api }),
            Self::Approver { person, api } => json!({ "approver": person, "api": api }),
            Self::Connection(connection) => json!({ "connection": connection }),
            Self::Provider(connection) => json!({ "provider_of_connection": connection }),
            Self::ConnectionScope { connection, scope } => json!({ "connection": connection, "scope": scope }),
        }
    }
}

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => write!(f, "client {client:?}"),
            Self::Api(api) => write!(f, "API {api}"),
            Self::Access { client, api } => write!(f, "client {client:?} at the API {api}"),
            Self::Scope { client, scope } => write!(f, "scope {scope:?} of the client {client:?}"),
            Self::Type(kind) => write!(f, "type {kind:?}"),
            Self::WithoutDetails(api) => write!(f, "approvals without details of the API {api}"),
            Self::Approver { person, api } => write!(f, "right of {person} to approve for {api}"),
            Self::Connection(connection) => write!(f, "connection {connection:?}"),
            Self::Provider(connection) => write!(f, "former provider or client of the connection {connection:?}"),
            Self::ConnectionScope { connection, scope } => {
                write!(f, "scope {scope:?} of the connection {connection:?}")
            }
        }
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.grants, "grant", "grants"),
            (self.consents, "consent", "consents"),
            (self.requests, "request for approval", "requests for approval"),
            (self.accounts, "connected account", "connected accounts"),
        ];
        let words =
            |(count, one, many): &(u64, &str, &str)| format!("{count} {}", if *count == 1 { one } else { many });
        let mut said: Vec<String> = counts.iter().filter(|(count, ..)| *count > 0).map(words).collect();
        if self.revoked > 0 {
            said.push("revoked at the provider".into());
        }
        f.write_str(&if said.is_empty() { "nothing was granted".into() } else { said.join(", ") })
    }
}
