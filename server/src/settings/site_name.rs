//! The names of the three sites, and of the settings that move them.

/// One of the three sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SiteName {
    Agent,
    Identity,
    Broker,
}

impl SiteName {
    pub const ALL: [Self; 3] = [Self::Agent, Self::Identity, Self::Broker];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|site| site.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Identity => "tenant",
            Self::Broker => "broker",
        }
    }

    /// The name that people see.
    pub fn title(self) -> &'static str {
        match self {
            Self::Agent => "Mandate",
            Self::Identity => "Mandate identity",
            Self::Broker => "StockTrade",
        }
    }

    /// The setting for its public URL.
    pub fn url_setting(self) -> &'static str {
        match self {
            Self::Agent => "AGENT_URL",
            Self::Identity => "TENANT_URL",
            Self::Broker => "BROKER_URL",
        }
    }

    /// The setting for its socket.
    pub fn listen_setting(self) -> &'static str {
        match self {
            Self::Agent => "AGENT_LISTEN",
            Self::Identity => "TENANT_LISTEN",
            Self::Broker => "BROKER_LISTEN",
        }
    }

    pub(super) fn default_url(self) -> &'static str {
        match self {
            Self::Agent => "http://localhost:3000",
            Self::Identity => "http://localhost:3001",
            Self::Broker => "http://localhost:3002",
        }
    }
}
