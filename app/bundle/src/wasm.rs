//! Builds the browser's code: cargo compiles it, and wasm-bindgen, as a library in Cargo.lock's version, binds it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use wasm_bindgen_cli_support::Bindgen;

use crate::{
    files::Files,
    manifest::Size,
    profile::{Profile, Result},
    slim::slim,
    sources::hash,
    trusted::trusted,
};

/// Compiles `app/hydrate` with cargo. Returns the path of the WebAssembly.
pub(crate) fn compile(root: &Path, profile: Profile) -> Result<PathBuf> {
    let target = root.join("target/wasm");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["build", "--quiet", "--package", "hydrate", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", profile.name(), "--target-dir"])
        .arg(&target)
        .args(remap(root, profile)?)
        .status()?;
    if !status.success() {
        return Err("cargo couldn't compile app/hydrate (see its output above)".into());
    }
    Ok(target.join("wasm32-unknown-unknown").join(profile.name()).join("hydrate.wasm"))
}

/// Flags for releases that strip this machine's folders from panic locations, which every browser would download for
/// nothing. (An array of flags on the command line is added to the one in `.cargo/config.toml`.)
fn remap(root: &Path, profile: Profile) -> Result<Vec<String>> {
    if profile == Profile::Dev {
        return Ok(Vec::new());
    }
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut from = vec![root.to_owned()];
    if let Some(registries) = cargo.and_then(|cargo| fs::read_dir(cargo.join("registry/src")).ok()) {
        for registry in registries {
            from.push(registry?.path());
        }
    }
    let flags: Vec<String> = from.iter().map(|path| format!("--remap-path-prefix={}=", path.display())).collect();
    let flags = serde_json::to_string(&flags)?;
    Ok(vec!["--config".into(), format!("target.wasm32-unknown-unknown.rustflags={flags}")])
}

/// A hash of everything that the bundle is built from.
pub(crate) fn input(compiled: &Path, profile: Profile) -> Result<String> {
    let rules = concat!(
        env!("CARGO_PKG_VERSION"),
        include_str!("wasm.rs"),
        include_str!("slim.rs"),
        include_str!("trusted.rs")
    );
    Ok(hash(&[&fs::read(compiled)?, profile.name().as_bytes(), rules.as_bytes()]))
}

/// Writes `pkg/mandate-<hash>.js` and `pkg/mandate-<hash>_bg.wasm`. Returns their common name.
pub(crate) fn bind(compiled: &Path, profile: Profile, files: &Files, sizes: &mut Vec<Size>) -> Result<String> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(profile == Profile::Release)
        .generate_output()?;
    // Some crates declare JavaScript files that only other settings use. One that is really imported isn't supported.
    if let Some((_, file)) = output.js().split_once("./snippets/") {
        let file = file.lines().next().unwrap_or_default();
        return Err(format!("a dependency imports a JavaScript file of its own: {file}").into());
    }
    let js = output.js().to_owned();
    let js = trusted(&slim(output.wasm_mut(), &js)?)?;
    let wasm = output.wasm_mut().emit_wasm();
    let js = match profile {
        Profile::Dev => js,
        Profile::Release => without_comments(&js),
    };
    let name = format!("mandate-{}", hash(&[&wasm, js.as_bytes()]));
    sizes.push(files.write(&format!("pkg/{name}_bg.wasm"), &wasm)?);
    sizes.push(files.write(&format!("pkg/{name}.js"), js.as_bytes())?);
    Ok(name)
}

/// Drops comment lines and indentation, which is enough for wasm-bindgen's JavaScript and ours.
pub(crate) fn without_comments(js: &str) -> String {
    let mut short = String::with_capacity(js.len());
    let mut in_comment = false;
    for line in js.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            short.push_str(line);
            short.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_whole_lines_go_and_code_stays() {
        let js = "/* @ts-self */\n/**\n * What\n * @param {string} a\n */\nfunction f(a) {\n    // so\n    return a * 2 / 3; // three\n}\n";
        assert_eq!(without_comments(js), "function f(a) {\nreturn a * 2 / 3; // three\n}\n");
    }
}
