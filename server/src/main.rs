//! `mandate`: the command line. Reads the arguments and the settings, and runs the command.

use std::{path::Path, process::ExitCode};

use mandate::{
    backup, check, keys, operator, serve,
    settings::{Given, Settings, SiteName},
    words,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [topic, ..] if operator::TOPICS.contains(topic) => operator::run(&words, command).await,
        // `mandate backup --help` would otherwise name a folder.
        [command, rest @ ..] if rest.iter().any(|word| matches!(*word, "--help" | "-h")) => helped(command),
        ["serve", sites @ ..] => run(sites).await,
        ["backup", folder] if !is_option(folder) => match command() {
            Ok(settings) => ended(backup::backup(&settings, Path::new(folder)).await),
            Err(code) => code,
        },
        ["restore", folder, named @ ..] if !is_option(folder) => match command() {
            Ok(settings) => ended(backup::restore(&settings, Path::new(folder), named).await),
            Err(code) => code,
        },
        ["check"] => checked(&settings_of(None)).await,
        ["check", file] if !is_option(file) => checked(&settings_of(Some(file))).await,
        ["keys", "rotate"] => match command() {
            Ok(settings) => ended(keys::rotate(&settings).await),
            Err(code) => code,
        },
        ["--version" | "-V"] => {
            words::say(&format!("mandate {}", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        ["--help" | "-h" | "help"] | [] => {
            words::say(words::HELP);
            ExitCode::SUCCESS
        }
        [other, ..] => {
            words::complain(&match words::usage(other) {
                Some(usage) => format!("mandate: wrong arguments: «{}»\n\n{usage}", words.join(" ")),
                None => format!("mandate: there is no command «{other}»\n\n{}", words::HELP),
            });
            ExitCode::from(2)
        }
    }
}

fn is_option(word: &str) -> bool {
    word.starts_with('-')
}

fn helped(command: &str) -> ExitCode {
    words::say(&words::usage(command).unwrap_or_else(|| words::HELP.to_owned()));
    ExitCode::SUCCESS
}

async fn run(words: &[&str]) -> ExitCode {
    let mut wanted = Vec::new();
    let (flags, sites): (Vec<&str>, Vec<&str>) = words.iter().copied().partition(|word| *word == "--new-config");
    for name in &sites {
        match SiteName::parse(name) {
            Some(site) if !wanted.contains(&site) => wanted.push(site),
            Some(_) => {}
            None => {
                let kind = if is_option(name) { "option" } else { "site" };
                let usage = words::usage("serve").unwrap_or_default();
                words::complain(&format!("mandate: there is no {kind} «{name}»\n\n{usage}"));
                return ExitCode::from(2);
            }
        }
    }
    let all = wanted.is_empty();
    if all {
        wanted = SiteName::ALL.to_vec();
    }
    // The log starts before the settings are read, because some mistakes in them are only logged as warnings.
    if let Err(code) = read_env_file() {
        return code;
    }
    words::log();
    let mut settings = match read_settings(&wanted) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    settings.new_config = !flags.is_empty();
    if !settings.config.has_stocktrade {
        if !all && wanted.contains(&SiteName::Broker) {
            words::complain("mandate: StockTrade is left out ([demo] stocktrade = false), so it can't be served");
            return ExitCode::from(2);
        }
        wanted.retain(|site| *site != SiteName::Broker);
    }
    ended(serve::run(settings, wanted).await)
}

/// The settings for a command that serves nothing.
fn command() -> Result<Settings, ExitCode> {
    read_settings(&[])
}

fn read_settings(sites: &[SiteName]) -> Result<Settings, ExitCode> {
    read_settings_with(&|name| std::env::var(name).ok(), sites)
}

fn read_settings_with(given: Given<'_>, sites: &[SiteName]) -> Result<Settings, ExitCode> {
    read_env_file()?;
    Settings::read(given, sites).map_err(|error| wrong(&error.to_string()))
}

fn wrong(what: &str) -> ExitCode {
    words::complain(&format!("mandate: {what}"));
    ExitCode::from(2)
}

/// `.env` may be missing, but ignoring an unreadable one would surprise the operator later.
fn read_env_file() -> Result<(), ExitCode> {
    match dotenvy::dotenv() {
        // The line isn't repeated: it may hold a secret.
        Err(dotenvy::Error::LineParse(..)) => {
            Err(wrong(".env can't be read: a line isn't NAME=value. A value with spaces needs quotes"))
        }
        Err(error) if !error.not_found() => Err(wrong(&format!(".env can't be read: {error}"))),
        _ => Ok(()),
    }
}

/// The settings with this configuration file, for `mandate check`.
fn settings_of(file: Option<&str>) -> Result<Settings, ExitCode> {
    read_settings_with(
        &|name| match (name, file) {
            ("MANDATE_CONFIG", Some(file)) => Some(file.to_owned()),
            _ => std::env::var(name).ok(),
        },
        &[],
    )
}

async fn checked(settings: &Result<Settings, ExitCode>) -> ExitCode {
    match settings {
        Ok(settings) => ended(check::run(settings).await),
        Err(code) => *code,
    }
}

fn ended(result: Result<(), impl std::fmt::Display>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            words::complain(&format!("mandate: {error}"));
            ExitCode::FAILURE
        }
    }
}
