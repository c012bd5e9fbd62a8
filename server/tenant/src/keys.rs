//! The key that this instance signs with, and its public half at `/.well-known/jwks.json`.

use axum::{Json, extract::State};
use base::{
    jwt::{KeyError, SigningKey},
    parts::Parts,
};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;

use crate::{StartError, Tenant, store::signing_key};

/// The row of the key in use.
const SLOT: &str = "current";

/// The signing key, and what others verify with.
#[derive(Clone, Debug)]
pub struct Keys {
    signing: SigningKey,
    public: JwkSet,
}

impl Keys {
    /// Loads the key, or makes it where there is none. Of two processes that start at once one stores its key
    /// and both use that one.
    pub(crate) async fn load(parts: &Parts) -> Result<Self, StartError> {
        let place = format!("signing_key.private:{SLOT}");
        let mut db = parts.db.pool().acquire().await?;
        if signing_key::find(&mut db, SLOT).await?.is_none() {
            // An RSA key takes a while to find: not on a thread that serves requests.
            let (_, pkcs8) = tokio::task::spawn_blocking(SigningKey::generate).await.map_err(|_| KeyError)??;
            signing_key::insert(&mut db, SLOT, &parts.sealer.seal(&place, &pkcs8), parts.clock.now()).await?;
        }
        let sealed = signing_key::find(&mut db, SLOT).await?.ok_or(KeyError)?;
        let signing = SigningKey::from_pkcs8(&parts.sealer.open(&place, &sealed)?)?;
        let public = JwkSet { keys: vec![signing.public().clone()] };
        Ok(Self { signing, public })
    }

    /// What this instance's tokens are verified with.
    pub fn public(&self) -> &JwkSet {
        &self.public
    }

    /// Signs claims under a `typ` (`at+jwt`, `JWT`, `approval+jwt`).
    ///
    /// # Errors
    /// Where the claims don't serialize.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, KeyError> {
        self.signing.sign(typ, claims)
    }
}

/// `GET /.well-known/jwks.json` (RFC 7517).
pub(crate) async fn jwks(State(tenant): State<Tenant>) -> Json<JwkSet> {
    Json(tenant.keys.public().clone())
}
