//! The migrations are compiled in: a new one builds the crate again.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/tenant");
}
