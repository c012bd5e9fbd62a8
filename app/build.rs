//! Puts the digest of the pages' sources into the program, so that it detects a bundle of other sources.

#[path = "bundle/src/sources.rs"]
mod sources;

fn main() -> std::io::Result<()> {
    for source in sources::SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    println!("cargo:rustc-env=MANDATE_SOURCES={}", sources::digest(std::path::Path::new("."))?);
    Ok(())
}
