//! Builds the crate again when a migration changed: `sqlx::migrate!` reads the folder at compile time.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/agent");
}
