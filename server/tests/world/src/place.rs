//! A database for each test: files in its folder or, with `TEST_DATABASE_URL`, a PostgreSQL database. A process's first
//! test creates a template, migrated, with signing keys and demo people; the other tests copy it.

use std::path::Path;

use foundation::{CancellationToken, clock::Clock, db::Place, http::Http};
use mandate::{
    clients, secrets,
    settings::{Settings, SiteName},
    sites::{self, Opener},
};
use tokio::sync::OnceCell;

use crate::postgres;

/// The content of a `DATA_DIR` after the first start: its files by name, and the PostgreSQL database to copy.
struct Template {
    files: Vec<(String, Vec<u8>)>,
    database: Option<String>,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

/// Fills a test's folder; returns where its databases are.
pub(crate) async fn fill(folder: &Path) -> Place {
    let template = TEMPLATE.get_or_init(make).await;
    for (name, bytes) in &template.files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    match &template.database {
        Some(template) => postgres::copy(template).await,
        None => Place::Sqlite(folder.to_owned()),
    }
}

async fn make() -> Template {
    let folder = tempfile::tempdir().unwrap();
    let database = postgres::new_name("template_");
    let place = match &database {
        Some(name) => postgres::create(name).await,
        None => Place::Sqlite(folder.path().to_owned()),
    };
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
    let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|file| file.path().is_file() && file.file_name() != "agent.instance");
    let files = files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
    Template { files: files.collect(), database }
}
