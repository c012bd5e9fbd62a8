//! What the program says on the terminal: its help, where the sites are, and what went wrong.

use std::io::Write;

use tracing_subscriber::EnvFilter;

pub(crate) const HELP: &str = "\
mandate serve [agent] [tenant] [broker]   serve these sites; without a name, all three
mandate --version

Settings come from the environment or a .env file; README.md lists them.";

/// To people, on standard output. A closed pipe is no reason to stop.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What went wrong, on standard error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Starts the log, on standard error; `RUST_LOG` says how much of it.
pub(crate) fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,mandate=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
}
