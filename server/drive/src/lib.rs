//! Drives the whole program from outside, as people and other programs do: starts it as processes of its own,
//! opens its pages with a browser made of an HTTP client, a cookie jar and forms, and acts as an agent whose
//! secrets are in other hands. For tests, `make bench` and `make demo-attack`.

mod agent;
mod attack;
mod browser;
mod events;
pub mod html;
pub mod kept;
mod person;
mod program;

pub use agent::{Agent, Answer, kept_secret};
pub use attack::{Attack, Attempt, order_body};
pub use browser::{Browser, Page};
pub use events::Thread;
pub use person::{ALICE, BOB, Credentials};
pub use program::{Program, Secrets, Setup, Sites, free_port};

/// What is wrong is said in words, for whoever reads the test's output.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T = ()> = Result<T, Trouble>;

/// The text in a URL's query.
pub fn in_query(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
