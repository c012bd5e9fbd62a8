//! Files that the browser loads: the bundle, style sheets, icons and scripts. `app/bundle` writes them to one folder,
//! with a manifest of their hashed names.

use std::{collections::BTreeMap, fmt, io, path::Path, path::PathBuf, sync::OnceLock};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    response::Response,
};
use serde::Deserialize;
use tower_http::services::ServeDir;

/// The manifest, `bundle.json`.
#[derive(Clone, Debug, Default, Deserialize)]
struct Manifest {
    /// The bundle's name: `mandate-<hash>` for `.js` and `_bg.wasm` in `pkg/`.
    bundle: String,
    /// The digest of the sources it was compiled from.
    #[serde(default)]
    sources: String,
    /// Each site's style sheet in `style/`, named by the hash of its content.
    style: BTreeMap<String, String>,
    /// The hash of each file in `public/`.
    public: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct Loaded {
    dir: PathBuf,
    manifest: Option<Manifest>,
}

/// The loaded files, shared by all sites.
#[derive(Clone, Copy, Debug)]
pub struct Assets(&'static Loaded);

static LOADED: OnceLock<Loaded> = OnceLock::new();

/// The loaded files, or none (in tests that only render pages).
pub(crate) fn current() -> Assets {
    static NONE: OnceLock<Loaded> = OnceLock::new();
    Assets(LOADED.get().unwrap_or_else(|| NONE.get_or_init(Loaded::default)))
}

/// `/pkg`, `/style` and `/public`, to be merged into every site's routes. An address that contains its content's hash
/// may be cached forever.
pub fn asset_routes(assets: &Assets) -> Router {
    let is_built = assets.0.manifest.is_some();
    let files = |name: &str| {
        // Without a manifest there is no bundle folder, either: styles and icons come from the sources.
        let dir = if is_built { assets.0.dir.join(name) } else { PathBuf::from(name) };
        ServeDir::new(dir).precompressed_br()
    };
    Router::new()
        .nest_service("/pkg", files("pkg"))
        .nest_service("/style", files("style"))
        .nest_service("/public", files("public"))
        .layer(from_fn(move |request, next| keep(is_built, request, next)))
}

/// Digest of the sources of the program's pages (`app/bundle/src/sources.rs`).
const SOURCES: &str = env!("MANDATE_SOURCES");

/// The bundle in a folder was compiled from other sources than the program, so the browser would start islands in pages
/// that they don't fit.
#[derive(Debug)]
pub struct OtherVersion {
    dir: PathBuf,
}

impl fmt::Display for OtherVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = self.dir.display();
        write!(
            f,
            "the browser's files in {dir} belong to another version of the program. Build them from the same sources: \
             cargo run -p bundle (for a release: cargo run -p bundle -- --release)"
        )
    }
}

impl std::error::Error for OtherVersion {}

impl Assets {
    /// Checks that the bundle in `dir`, if there is one, was compiled from the program's own sources.
    ///
    /// # Errors
    /// If it wasn't.
    pub fn check(dir: &Path) -> Result<(), OtherVersion> {
        match read(dir) {
            Ok(manifest) if manifest.sources != SOURCES => Err(OtherVersion { dir: dir.to_owned() }),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Reads the manifest in `dir` (`target/site`). The first call determines the folder for the whole program. Without
    /// a manifest, pages work only as far as they do without JavaScript, and the log says what to build.
    pub fn load(dir: &Path) -> Self {
        Self(LOADED.get_or_init(|| {
            let manifest = read(dir)
                .inspect_err(|error| {
                    tracing::warn!("no bundle for the browser: {error}; `cargo run -p bundle` builds it");
                })
                .ok();
            Loaded { dir: dir.to_owned(), manifest }
        }))
    }

    /// The bundle's name, if there is one.
    pub(crate) fn bundle(self) -> Option<&'static str> {
        self.0.manifest.as_ref().map(|manifest| manifest.bundle.as_str())
    }

    /// The address of a style sheet: a site's, or another.
    pub(crate) fn style(self, site: &str) -> String {
        match self.0.manifest.as_ref().and_then(|manifest| manifest.style.get(site)) {
            Some(name) => format!("/style/{name}"),
            // The source: a list of `@import`s, which the bundle inlines.
            None => format!("/style/{site}.css"),
        }
    }

    /// The address of a file in `public/`.
    pub(crate) fn public(self, name: &str) -> String {
        match self.0.manifest.as_ref().and_then(|manifest| manifest.public.get(name)) {
            Some(hash) => format!("/public/{name}?v={hash}"),
            None => format!("/public/{name}"),
        }
    }
}

fn read(dir: &Path) -> io::Result<Manifest> {
    Ok(serde_json::from_str(&std::fs::read_to_string(dir.join("bundle.json"))?)?)
}

async fn keep(is_built: bool, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let hashed = is_built
        && (uri.path().starts_with("/pkg/")
            || uri.path().starts_with("/style/")
            || uri.query().is_some_and(|query| query.starts_with("v=")));
    let mut response = next.run(request).await;
    let value =
        if hashed && response.status().is_success() { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_of_other_sources_is_refused() {
        let dir = std::env::temp_dir().join(format!("mandate-bundle-{}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let with = |sources: &str| {
            let manifest = format!(r#"{{"bundle":"b","style":{{}},"public":{{}}{sources}}}"#);
            std::fs::write(dir.join("bundle.json"), manifest).expect("a file");
            Assets::check(&dir).map_err(|error| error.to_string())
        };
        assert_eq!(with(&format!(r#","sources":"{SOURCES}""#)), Ok(()));
        for other in ["", r#","sources":"0000000000000000""#] {
            let error = with(other).expect_err("another version");
            assert!(error.contains("cargo run -p bundle"), "{error}");
        }
        std::fs::remove_dir_all(&dir).expect("removed");
        assert!(Assets::check(&dir).is_ok(), "without a bundle, pages work as without JavaScript");
    }
}
