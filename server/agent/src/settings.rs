//! A person's settings: instructions for the agent, the model, their data. The theme is the browser's alone.

mod export;
mod removal;

use axum::{
    Form, Router,
    extract::State,
    response::Redirect,
    routing::{get, post},
};
use foundation::{lang, session::Handle, tr};
use serde::Deserialize;

use crate::{
    error::Error,
    page::{Frame, Removal, Settings},
    state::Agent,
    store::{self, setting::Setting},
    thread::manage,
};

/// The longest instructions, in characters.
pub const INSTRUCTIONS: usize = 2_000;

pub(crate) fn routes(agent: &Agent) -> Router {
    Router::new()
        .route("/settings", post(save))
        .route("/settings/export", get(export::export))
        .route("/settings/delete", post(removal::delete))
        .with_state(agent.clone())
}

#[derive(Deserialize)]
struct Chosen {
    csrf_token: String,
    #[serde(default)]
    instructions: String,
    model: Option<String>,
}

/// The logged-in person, if the form has their session's CSRF token.
async fn sender(agent: &Agent, handle: &Handle, csrf_token: &str) -> Result<String, Error> {
    manage::sender(agent, handle, csrf_token).await?.session.person.ok_or(Error::LoginOver)
}

/// `POST /settings`
async fn save(State(agent): State<Agent>, handle: Handle, Form(form): Form<Chosen>) -> Result<Redirect, Error> {
    let person = sender(&agent, &handle, &form.csrf_token).await?;
    // Browsers send CRLF as line breaks, but count each as one character.
    let instructions = form.instructions.replace("\r\n", "\n").replace('\0', "").trim().to_owned();
    let over = instructions.chars().count().saturating_sub(INSTRUCTIONS);
    if over > 0 {
        let most = lang::current().whole(INSTRUCTIONS.try_into().unwrap_or(i64::MAX));
        let over = lang::count(over, tr!("character", "Zeichen"), tr!("characters", "Zeichen"));
        return Err(Error::Invalid(tr!(
            format!(
                "The instructions are {over} too long: they have at most {most}. Nothing was saved; go back, where your \
                 text still is, and shorten it."
            ),
            format!(
                "Die Hinweise sind um {over} zu lang: Sie haben höchstens {most}. Nichts wurde gespeichert; geh zurück, \
                 dort steht dein Text noch, und kürze ihn."
            )
        )));
    }
    let model = form.model.filter(|model| agent.config.model.names().any(|offered| offered == model));
    store::setting::keep(agent.db.pool(), &person, &Setting { instructions, model }).await?;
    Ok(Redirect::to("/settings?saved"))
}

impl Agent {
    /// The data of `/settings` for this session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings_page(&self, handle: &Handle, saved: bool) -> Result<Settings, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let setting = match session.and_then(|session| session.person) {
            Some(person) => store::setting::of(self.db.pool(), &person).await?,
            None => Setting::default(),
        };
        let models: Vec<_> = self.config.model.names().cloned().collect();
        let chosen = setting.model.filter(|model| models.contains(model));
        let model = chosen.or(models.first().cloned()).unwrap_or_default();
        Ok(Settings { frame, instructions: setting.instructions, models, model, saved, now: self.clock.now() })
    }

    /// The data of `/settings/delete`.
    ///
    /// # Errors
    /// [`Error::LoginNeeded`] for a visitor.
    pub async fn removal_page(&self, handle: &Handle) -> Result<Removal, Error> {
        let (frame, session) = Frame::of(self, handle).await?;
        let person = session.and_then(|session| session.person).ok_or(Error::LoginNeeded)?;
        let subject = store::person::find(self.db.pool(), &person).await?.ok_or(Error::LoginNeeded)?.subject;
        let chats = store::export::threads(self.db.pool(), &person).await?.len();
        let waiting = store::export::open(self.db.pool(), &person, &subject).await?.len();
        Ok(Removal { frame, chats, waiting, now: self.clock.now() })
    }
}
