//! The program's texts on the terminal: help, the sites' addresses, and errors.

use std::io::Write;

use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

pub const HELP: &str = "\
mandate serve [agent] [tenant] [broker]   serve these sites; without a name, all three
    --new-config                          with a configuration that is new to its PostgreSQL database
mandate check [FILE]                      say what is wrong with mandate.toml, and what would end with it
mandate backup DIR                        copy the databases into a new folder, also while it serves
mandate restore DIR [database]...         put the databases of a backup back, or those named
mandate keys rotate                       make new signing keys, also while it serves

For the operator of an instance, also while it serves; each has --help and --json:

mandate clients list                      the clients, and what they may have
mandate apis list                         the APIs and their scopes
mandate types list                        what can be approved
mandate people list                       the people, and who is disabled
mandate people disable ID|E-MAIL          end all access of a person, and let them log in no more
mandate people enable ID|E-MAIL           let them log in again
mandate people remove ID|E-MAIL           delete a person with everything about them
mandate grants list                       what people granted to clients
mandate grants revoke ID...               revoke grants; or all of --person, --client
mandate audit export                      the audit log: --since, --until, --person

mandate --version

Settings come from the environment or a .env file; docs/CONFIGURATION.md lists them.";

/// The lines of the help about one command, if there is such a command.
pub fn usage(command: &str) -> Option<String> {
    let about = |line: &&str| line.split(' ').nth(1) == Some(command) && line.starts_with("mandate ");
    let mut lines =
        HELP.lines().skip_while(|line| !about(line)).take_while(|line| about(line) || line.starts_with(' '));
    lines.next().map(|first| lines.fold(first.to_owned(), |text, line| format!("{text}\n{line}")))
}

/// The default log levels: warnings from all crates, and `info` from ours. Each site is a crate.
const LEVELS: &str = "warn,mandate=info,app=info,agent=info,identity=info,broker=info,foundation=info";

/// Prints to standard output. Ignores a closed pipe.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints an error to standard error.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Starts the log on standard error; `RUST_LOG` sets the levels.
pub fn log() {
    let given = std::env::var("RUST_LOG").ok().filter(|given| !given.trim().is_empty());
    let read = given.map_or_else(|| Ok(EnvFilter::new(LEVELS)), EnvFilter::try_new);
    let wrong = read.as_ref().err().map(ToString::to_string);
    let filter = read.unwrap_or_else(|_| EnvFilter::new(LEVELS));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let lines = lines.with_filter(filter_fn(|line| is_ours_to_log(line.target())));
    tracing_subscriber::registry().with(filter).with(lines).init();
    if let Some(wrong) = wrong {
        tracing::warn!(wrong, "RUST_LOG can't be read, so the default levels are used");
    }
}

/// Lines never logged, whatever `RUST_LOG` says. The model client's library logs what an endpoint sends, including an
/// echoed key (THREATS.md line 65). tower-sessions warns about each cookie of an ended session, so anybody could fill
/// the log; our handlers log failures of its store.
fn is_ours_to_log(target: &str) -> bool {
    !matches!(target.split("::").next(), Some("async_openai" | "tower_sessions_core"))
}

#[cfg(test)]
mod tests {
    use super::{is_ours_to_log, usage};

    #[test]
    fn usage_is_the_command_s_part_of_the_help() {
        assert_eq!(usage("backup").as_deref().map(|text| text.lines().count()), Some(1));
        assert!(usage("serve").is_some_and(|text| text.contains("\n    --new-config") && !text.contains("check")));
        assert_eq!(usage("come"), None);
    }

    #[test]
    fn unknown_session_ids_are_not_logged() {
        assert!(!is_ours_to_log("tower_sessions_core::session"));
        assert!(is_ours_to_log("tower_sessions::service"), "a session that can't be saved");
    }

    #[test]
    fn line_65_the_model_library_logs_nothing() {
        for target in ["async_openai", "async_openai::client", "async_openai::error", "async_openai::middleware::retry"]
        {
            assert!(!is_ours_to_log(target), "{target}");
        }
        for target in ["agent::turn::ask", "mandate", "async_openai_like"] {
            assert!(is_ours_to_log(target), "{target}");
        }
    }
}
