//! `mandate`: the program. Reads the settings, joins the sites, serves them until it is told to stop.

mod clients;
mod secrets;
mod serve;
mod settings;
mod words;

use std::process::ExitCode;

use settings::{Settings, SiteName};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", sites @ ..] => run(sites).await,
        ["--version" | "-V"] => {
            words::say(&format!("mandate {}", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        ["--help" | "-h" | "help"] | [] => {
            words::say(words::HELP);
            ExitCode::SUCCESS
        }
        [other, ..] => {
            words::complain(&format!("mandate: there is no command «{other}»\n\n{}", words::HELP));
            ExitCode::from(2)
        }
    }
}

async fn run(sites: &[&str]) -> ExitCode {
    let mut wanted = Vec::new();
    for name in sites {
        match SiteName::parse(name) {
            Some(site) if !wanted.contains(&site) => wanted.push(site),
            Some(_) => {}
            None => {
                words::complain(&format!("mandate: there is no site «{name}»; they are agent, tenant and broker"));
                return ExitCode::from(2);
            }
        }
    }
    if wanted.is_empty() {
        wanted = SiteName::ALL.to_vec();
    }
    // A missing .env is no fault; an unreadable one would be a surprise later.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        words::complain(&format!("mandate: .env can't be read: {error}"));
        return ExitCode::from(2);
    }
    let settings = match Settings::from_env(&wanted) {
        Ok(settings) => settings,
        Err(wrong) => {
            words::complain(&format!("mandate: {wrong}"));
            return ExitCode::from(2);
        }
    };
    words::log();
    match serve::run(settings, wanted).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            words::complain(&format!("mandate: {error}"));
            ExitCode::FAILURE
        }
    }
}
