//! A database for each test: files in its own folder or, with `TEST_DATABASE_URL`, a PostgreSQL database. A process's
//! first test creates a template, migrated and with signing keys; all tests copy it.

use driver::database::{self, Template};
use foundation::{
    db::{Db, Place},
    jwt::SigningKey,
    seal::Sealer,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

pub(crate) struct Databases {
    pub(crate) place: Place,
    folder: TempDir,
}

static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

impl Databases {
    pub(crate) async fn make() -> Self {
        let folder = TempDir::new().expect("a folder");
        let place = TEMPLATE.get_or_init(make).await.copy(folder.path()).await.expect("a copy");
        Self { place, folder }
    }

    /// All bytes of the databases, if they are files.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("a file")).collect()
    }
}

async fn make() -> Template {
    let folder = TempDir::new().expect("a folder");
    let place = database::empty(folder.path()).await.expect("a place");
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
    Template::of(folder.path(), place).expect("the files")
}
