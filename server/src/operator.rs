//! `mandate clients|apis|types|people|grants|audit`: shows and changes an instance for its operator, also while it
//! serves.

mod arguments;
mod columns;
mod export;
mod list;
mod people;
mod remove;
mod site;

use std::process::ExitCode;

use foundation::clock::Clock;
use identity::operator::Operator;

use self::{
    arguments::{Arguments, Fault},
    site::{OpenSite, OperatorError, open},
};
use crate::{settings::Settings, words};

pub use arguments::TOPICS;

/// Runs one of these commands. Exit code 1: it failed, or the named item doesn't exist; 2: wrong arguments.
pub async fn run(words: &[&str], settings: impl FnOnce() -> Result<Settings, ExitCode>) -> ExitCode {
    let arguments = match Arguments::read(words) {
        Ok(arguments) => arguments,
        Err(Fault::Help(text)) => {
            words::say(&text);
            return ExitCode::SUCCESS;
        }
        Err(Fault::Wrong(what)) => {
            words::complain(&format!("mandate: {what}"));
            return ExitCode::from(2);
        }
    };
    let settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    match execute(&settings, &arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            words::complain(&format!("mandate: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn execute(settings: &Settings, arguments: &Arguments) -> Result<(), OperatorError> {
    match arguments.command {
        // These need only the configuration.
        "apis list" => list::apis(settings, arguments),
        "types list" => list::types(settings, arguments),
        "people remove" => remove::run(settings, arguments).await,
        command => {
            let db = open(settings, arguments.site).await?;
            let site = OpenSite { site: arguments.site, operator: Operator { db: &db, now: Clock::system().now() } };
            let done = match command {
                "clients list" => list::clients(&site, arguments).await,
                "people list" => list::people(&site, arguments).await,
                "people disable" => people::disable(&site, settings, arguments).await,
                "people enable" => people::enable(&site, settings, arguments).await,
                "grants list" => list::grants(&site, arguments).await,
                "grants revoke" => people::revoke(&site, arguments).await,
                _ => export::audit(&site, arguments).await,
            };
            db.close().await;
            done
        }
    }
}
