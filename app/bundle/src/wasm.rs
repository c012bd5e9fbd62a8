//! The browser's code: compiled by cargo, bound by wasm-bindgen as a library, whose version is that of Cargo.lock.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    Profile, Result,
    files::{Files, hash},
    manifest::Size,
};

/// Has cargo compile `app/hydrate`; returns the WebAssembly.
pub(crate) fn compile(root: &Path, profile: Profile) -> Result<PathBuf> {
    let target = root.join("target/wasm");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--package", "hydrate", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", profile.name(), "--target-dir"])
        .arg(&target)
        .status()?;
    if !status.success() {
        return Err("cargo could not compile app/hydrate (its words are above)".into());
    }
    Ok(target.join("wasm32-unknown-unknown").join(profile.name()).join("hydrate.wasm"))
}

/// What the bundle is made from, in short: the same input gives the same bundle.
pub(crate) fn input(compiled: &Path, profile: Profile) -> Result<String> {
    let rules = concat!(env!("CARGO_PKG_VERSION"), include_str!("wasm.rs"));
    Ok(hash(&[&fs::read(compiled)?, profile.name().as_bytes(), rules.as_bytes()]))
}

/// Writes `pkg/mandate-<hash>.js` and `pkg/mandate-<hash>_bg.wasm`; returns the name without its endings.
pub(crate) fn bind(compiled: &Path, profile: Profile, files: &Files, sizes: &mut Vec<Size>) -> Result<String> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(profile == Profile::Release)
        .generate_output()?;
    // Some crates declare JavaScript files that only other settings use; one that is really imported has no place.
    if let Some((_, file)) = output.js().split_once("./snippets/") {
        let file = file.lines().next().unwrap_or_default();
        return Err(format!("a dependency imports a JavaScript file of its own: {file}").into());
    }
    let wasm = output.wasm_mut().emit_wasm();
    let js = output.js().as_bytes().to_vec();
    let name = format!("mandate-{}", hash(&[&wasm, &js]));
    sizes.push(files.write(&format!("pkg/{name}_bg.wasm"), &wasm)?);
    sizes.push(files.write(&format!("pkg/{name}.js"), &js)?);
    Ok(name)
}
