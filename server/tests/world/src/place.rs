//! A database for each test: files in its folder or, with `TEST_DATABASE_URL`, a PostgreSQL database. A process's first
//! test creates a template, migrated, with signing keys and demo people; the other tests copy it.

use std::path::Path;

use driver::database::{self, Template};
use foundation::{CancellationToken, clock::Clock, db::Place, http::Http};
use mandate::{
    clients, secrets,
    settings::{Settings, SiteName},
    sites::{self, Opener},
};
use tokio::sync::OnceCell;

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

/// Fills a test's folder; returns where its databases are.
pub(crate) async fn fill(folder: &Path) -> Place {
    TEMPLATE.get_or_init(make).await.copy(folder).await.unwrap()
}

/// A `DATA_DIR` after the first start.
async fn make() -> Template {
    let folder = tempfile::tempdir().unwrap();
    let place = database::empty(folder.path()).await.unwrap();
    let given = |name: &str| match name {
        "DATA_DIR" => Some(folder.path().display().to_string()),
        _ => None,
    };
    let settings = Settings::read(&given, &SiteName::ALL).unwrap();
    let shared = secrets::shared(&settings, &SiteName::ALL).unwrap();
    let opener = Opener {
        master: secrets::master_key(&settings).unwrap(),
        clock: Clock::system(),
        http: Http::new(),
        shutdown: CancellationToken::new(),
        place: &place,
        pulse: foundation::db::Pulse::default(),
        site_dir: &settings.site_dir,
        connections: 4,
        databases: std::sync::Mutex::default(),
    };
    let mut market = clients::broker(&settings, &shared);
    market.tick_ms = 0;
    let provider = clients::broker_identity(&settings, &shared, sites::RENDER);
    let _ = sites::broker(&opener, provider, market).await.unwrap();
    let _ = sites::identity(&opener, clients::identity(&settings, &shared, sites::RENDER)).await.unwrap();
    let _ = sites::agent(&opener, clients::agent(&settings, &shared), &[]).await.unwrap();
    // Prices that tests use.
    for (symbol, cents) in [("WAYNE", 10_342_i64), ("STARK", 9_880)] {
        let set = sqlx::query("UPDATE stock SET price = $1, open = 10000 WHERE symbol = $2").bind(cents).bind(symbol);
        set.execute(opener.opened_since(1)[0].1.pool()).await.unwrap();
    }
    opener.shutdown.cancel();
    opener.close().await;
    Template::of(folder.path(), place).unwrap()
}
