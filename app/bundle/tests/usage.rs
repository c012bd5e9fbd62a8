//! Tests of the command line.

use std::process::Command;

#[test]
fn unknown_argument_is_refused_with_the_usage() {
    for arguments in [&["--releas"][..], &["--release", "now"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_bundle")).args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "usage: bundle [--release]\n");
    }
}
