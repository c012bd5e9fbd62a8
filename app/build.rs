//! Tells the program which sources its pages are compiled from, so that it notices a bundle of others.

#[path = "bundle/src/sources.rs"]
mod sources;

fn main() -> std::io::Result<()> {
    for source in sources::SOURCES {
        println!("cargo:rerun-if-changed={source}");
    }
    println!("cargo:rustc-env=MANDATE_SOURCES={}", sources::digest(std::path::Path::new("."))?);
    Ok(())
}
