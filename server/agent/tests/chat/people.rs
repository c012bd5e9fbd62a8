//! Browsers of visitors and people at the agent.

use crate::{browser::Browser, world::World};

impl World {
    /// Somebody who has not logged in.
    pub fn visitor(&self) -> Browser {
        Browser::new(&self.site)
    }

    /// Alice, logged in.
    pub async fn alice(&self) -> Browser {
        let mut browser = self.visitor();
        browser.log_in(self, "alice", "/").await;
        browser
    }

    /// Alice, logged in, with a connected account.
    pub async fn connected(&self) -> Browser {
        let browser = self.alice().await;
        browser.connect(self, "accounts/connect").await;
        browser
    }

    /// Alice, with a connected account of 9,482.90 USD in cash, and 5 WAYNE.
    pub async fn invested(&self) -> Browser {
        let mut browser = self.connected().await;
        let thread = browser.open("Show my portfolio").await;
        browser.settled(&thread).await;
        self.give(948_290, 5).await;
        browser
    }
}
