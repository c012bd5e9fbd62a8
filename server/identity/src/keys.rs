//! The signing keys of this instance, with their public halves at `/.well-known/jwks.json`. A new key is published
//! before it signs, and an old one for a while afterwards, so that verifiers always find the key they need.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use foundation::{
    jwt::{KeyError, Signing, SigningKey},
    parts::Parts,
};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;

use crate::{error::StartError, store::signing_key};

/// The rows of the first RSA key and the first P-256 key. Later ones are named by their `kid`.
const FIRST: &str = "current";
const FIRST_ES256: &str = "es256";
/// Interval of checking for keys that another process made.
const EVERY: Duration = Duration::from_secs(5);

/// The keys for signing and verification. Clones share them.
#[derive(Clone, Debug)]
pub struct Keys {
    loaded: Arc<RwLock<Vec<Loaded>>>,
    parts: Parts,
}

#[derive(Clone, Debug)]
struct Loaded {
    slot: String,
    key: SigningKey,
    /// In milliseconds since 1970.
    signs_from: i64,
    ends_at: Option<i64>,
}

impl Loaded {
    fn ended(&self, now: i64) -> bool {
        self.ends_at.is_some_and(|at| at <= now)
    }
}

/// The RSA key that [`rotate`] made. Times in milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct Rotated {
    pub kid: String,
    pub signs_from: i64,
    /// When the previous keys are no longer accepted.
    pub others_end: i64,
}

impl Keys {
    /// Loads the keys, and makes missing ones: always the RSA key, and a P-256 key if an API needs one. Of two
    /// processes that start at the same time, one stores its key and both use it.
    pub(crate) async fn load(parts: &Parts, es256: bool) -> Result<Self, StartError> {
        let keys = Self { loaded: Arc::default(), parts: parts.clone() };
        keys.reload().await?;
        for (signing, slot, wanted) in [(Signing::Rs256, FIRST, true), (Signing::Es256, FIRST_ES256, es256)] {
            if wanted && keys.current(signing).is_none() {
                let (_, pkcs8) = generate(signing).await?;
                let sealed = parts.sealer.seal(&place(slot), &pkcs8);
                signing_key::insert(&mut *parts.db.writer().await?, slot, &sealed, 0, parts.clock.now()).await?;
            }
        }
        keys.reload().await?;
        Ok(keys)
    }

    /// Reads the current keys from the database.
    async fn reload(&self) -> Result<(), StartError> {
        let mut db = self.parts.db.pool().acquire().await?;
        let rows = signing_key::all(&mut db).await?;
        drop(db);
        let known = self.read().clone();
        let mut loaded = Vec::new();
        for row in rows {
            let key = match known.iter().find(|known| known.slot == row.slot) {
                Some(known) => known.key.clone(),
                None => SigningKey::from_pkcs8(&self.parts.sealer.open(&place(&row.slot), &row.private)?)?,
            };
            loaded.push(Loaded { slot: row.slot, key, signs_from: row.signs_from, ends_at: row.ends_at });
        }
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// As [`Self::reload`]. If that fails, keeps the current keys.
    pub(crate) async fn refresh(&self) {
        if let Err(error) = self.parts.db.while_answering(self.reload()).await.map_err(StartError::from).flatten() {
            tracing::warn!(%error, "the signing keys can't be read");
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Vec<Loaded>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys that verify this instance's tokens: the current one, the next one, and those that haven't expired.
    pub fn public(&self) -> JwkSet {
        let now = self.parts.clock.now();
        JwkSet { keys: self.read().iter().filter(|it| !it.ended(now)).map(|it| it.key.public().clone()).collect() }
    }

    /// The newest active key of this kind.
    fn current(&self, signing: Signing) -> Option<SigningKey> {
        let now = self.parts.clock.now();
        let loaded = self.read();
        let due = loaded.iter().filter(|it| it.key.signing() == signing && it.signs_from <= now && !it.ended(now));
        due.max_by_key(|it| (it.signs_from, &it.slot)).map(|it| it.key.clone())
    }

    /// Signs claims under a `typ` (`JWT`, `approval+jwt`) with RS256.
    ///
    /// # Errors
    /// When the claims don't serialize.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        self.sign_by(Signing::Rs256, typ, claims)
    }

    /// As [`Self::sign`], with the API's algorithm.
    pub(crate) fn sign_by(&self, signing: Signing, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        self.current(signing).ok_or(KeyError)?.sign(typ, claims)
    }
}

/// Loads keys made by `mandate keys rotate`, until the instance stops.
pub(crate) async fn watch(keys: Keys) {
    loop {
        tokio::select! {
            () = keys.parts.shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => keys.refresh().await,
        }
    }
}

/// Makes a key that signs after `ahead` milliseconds. The previous ones are accepted for another `overlap`
/// milliseconds. If there is a P-256 key, it also gets a successor.
///
/// # Errors
/// When the database fails, or its keys can't be opened with this master key.
pub async fn rotate(parts: &Parts, ahead: i64, overlap: i64) -> Result<Rotated, StartError> {
    let mut db = parts.db.pool().acquire().await?;
    let now = parts.clock.now();
    let mut es256 = false;
    for row in signing_key::all(&mut db).await? {
        // A key sealed under another master key would stop the instance.
        let key = SigningKey::from_pkcs8(&parts.sealer.open(&place(&row.slot), &row.private)?)?;
        es256 |= key.signing() == Signing::Es256 && row.ends_at.is_none_or(|at| at > now);
    }
    drop(db);
    let (key, pkcs8) = generate(Signing::Rs256).await?;
    let kid = kid_of(&key)?;
    let second = if es256 { Some(generate(Signing::Es256).await?) } else { None };
    let (signs_from, others_end) = (now + ahead, now + ahead + overlap);
    let mut tx = parts.db.begin().await?;
    signing_key::end_all(&mut tx, others_end).await?;
    signing_key::insert(&mut tx, &kid, &parts.sealer.seal(&place(&kid), &pkcs8), signs_from, now).await?;
    if let Some((key, pkcs8)) = second {
        let kid = kid_of(&key)?;
        signing_key::insert(&mut tx, &kid, &parts.sealer.seal(&place(&kid), &pkcs8), signs_from, now).await?;
    }
    tx.commit().await?;
    Ok(Rotated { kid, signs_from, others_end })
}

fn kid_of(key: &SigningKey) -> Result<String, KeyError> {
    key.public().common.key_id.clone().ok_or(KeyError)
}

/// Finding an RSA key takes a while, so this doesn't block a thread that serves requests.
async fn generate(signing: Signing) -> Result<(SigningKey, String), KeyError> {
    tokio::task::spawn_blocking(move || SigningKey::generate_for(signing)).await.map_err(|_| KeyError)?
}

fn place(slot: &str) -> String {
    format!("signing_key.private:{slot}")
}
