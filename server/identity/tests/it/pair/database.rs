//! A database for each test: files in its own folder or, with `TEST_DATABASE_URL`, a PostgreSQL database. A process's
//! first test creates a template, migrated and with signing keys; all tests copy it.

use foundation::{
    db::{Db, Place},
    jwt::SigningKey,
    seal::Sealer,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use world::postgres;

pub(crate) struct Databases {
    pub(crate) place: Place,
    folder: TempDir,
}

/// The files of both instances by name, and the PostgreSQL database.
struct Template {
    files: Vec<(String, Vec<u8>)>,
    database: Option<String>,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

impl Databases {
    pub(crate) async fn make() -> Self {
        let template = TEMPLATE.get_or_init(make).await;
        let folder = TempDir::new().expect("a folder");
        for (name, bytes) in &template.files {
            std::fs::write(folder.path().join(name), bytes).expect("a file");
        }
        let place = match &template.database {
            Some(template) => postgres::copy(template).await,
            None => Place::Sqlite(folder.path().to_owned()),
        };
        Self { place, folder }
    }

    /// All bytes of the databases, if they are files.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        files(&self.folder).into_iter().flat_map(|(_, bytes)| bytes).collect()
    }
}

async fn make() -> Template {
    let folder = TempDir::new().expect("a folder");
    let database = postgres::new_name("template_");
    let place = match &database {
        Some(name) => postgres::create(name).await,
        None => Place::Sqlite(folder.path().to_owned()),
    };
    for instance in ["tenant", "broker_identity"] {
        let db = Db::open(&place, instance, &identity::migrator()).await.expect("a database");
        let sealer = Sealer::new(&super::MASTER, instance);
        let (_, key) = SigningKey::generate().expect("a key");
        let sealed = sealer.seal("signing_key.private:current", &key);
        let mut writer = db.writer().await.expect("a connection");
        identity::store::signing_key::insert(&mut writer, "current", &sealed, 0, 0).await.expect("the database");
        drop(writer);
        db.close().await;
    }
    Template { files: files(&folder), database }
}

fn files(folder: &TempDir) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file"));
    files
        .map(|file| (file.file_name().into_string().expect("a name"), std::fs::read(file.path()).expect("a file")))
        .collect()
}
