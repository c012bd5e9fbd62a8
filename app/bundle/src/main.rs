//! `cargo run -p bundle [-- --release]`: writes the browser's files to `target/site`, named by the hash of their
//! content, with a manifest of these names. Skips what hasn't changed.
//!
//! The browser's code has a target folder of its own: `app/hydrate` and the server need different features of the same
//! crates, and a shared folder's lock would make one build wait for the other.

mod files;
mod manifest;
mod profile;
mod slim;
mod sources;
mod style;
mod trusted;
mod wasm;

use std::{io::Write, path::Path, process::ExitCode, time::Instant};

use files::Files;
use manifest::{Manifest, Size};
use profile::{Profile, Result};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let profile = match words.as_slice() {
        [] => Profile::Dev,
        ["--release"] => Profile::Release,
        _ => {
            let _ = writeln!(std::io::stderr(), "usage: bundle [--release]");
            return ExitCode::from(2);
        }
    };
    match run(profile) {
        Ok(report) => {
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds everything and returns a report.
fn run(profile: Profile) -> Result<String> {
    let began = Instant::now();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let site = root.join("target/site");
    // Computed before compiling: a source that changes meanwhile needs another run.
    let sources = sources::digest(&root.join("app"))?;
    let compiled = wasm::compile(&root, profile)?;
    let input = wasm::input(&compiled, profile)?;
    let before = Manifest::read(&site);
    let files = Files::new(site.clone(), profile == Profile::Release);
    let mut sizes = Vec::new();
    let (bundle, is_new) = match &before {
        Some(before) if before.input == input && before.is_whole(&site) => {
            sizes.extend(before.sizes.iter().filter(|size| size.file.starts_with("pkg/")).cloned());
            (before.bundle.clone(), false)
        }
        _ => (wasm::bind(&compiled, profile, &files, &mut sizes)?, true),
    };
    let style = style::write(&root.join("style"), &files, &mut sizes)?;
    let public = style::copy(&root.join("public"), profile, &files)?;
    let manifest = Manifest { bundle, sources, input, profile: profile.name().into(), style, public, sizes };
    manifest.write(&site)?;
    manifest::clean_up(&site, &manifest, before.as_ref())?;
    Ok(report(&manifest, is_new, began))
}

fn report(manifest: &Manifest, is_new: bool, began: Instant) -> String {
    let mut text = format!("target/site ({}), {}", manifest.profile, if is_new { "built" } else { "unchanged" });
    text += &format!(" in {:.1} s", began.elapsed().as_secs_f32());
    for size in &manifest.sizes {
        text += &format!("\n  {}", size.line());
    }
    let sum: Vec<u64> = manifest.sizes.iter().filter(|size| size.is_chat()).filter_map(|size| size.brotli).collect();
    if !sum.is_empty() {
        text += &format!("\n  first load of the chat: {} kB Brotli", Size::kilo(sum.iter().sum()));
    }
    text
}
