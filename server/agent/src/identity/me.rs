//! The person's connected accounts at the identity service: Auth0's My Account API (WIRE.md §3).

use foundation::{ExposeSecret, SecretString, http::HttpError, lang::Lang, time, tr};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};
use shared::{
    chat::ConnectedAccount,
    recording::Recording,
    scope::{MY_ACCOUNT, TRACE_SHAPE},
};

use super::{IdentityError, discovery, is_trouble, own_api, trouble};
use crate::{state::Agent, tools::scope};

/// The person's accounts, with a token only for them. Made for one page or step, and never cached.
pub(crate) struct Me<'a> {
    pub(super) agent: &'a Agent,
    pub(super) token: SecretString,
}

/// A connection in progress.
pub(crate) struct Begun {
    /// The address to send the browser to.
    pub(crate) url: String,
    pub(crate) auth_session: String,
    /// In milliseconds.
    pub(crate) expires_in: i64,
}

#[derive(Deserialize)]
struct AccountToken {
    access_token: String,
}

#[derive(Deserialize)]
struct Accounts {
    accounts: Vec<Account>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    connection: String,
    name: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    created_at: String,
}

#[derive(Deserialize)]
struct ConnectAnswer {
    connect_uri: url::Url,
    auth_session: String,
    connect_params: ConnectParams,
    expires_in: i64,
}

#[derive(Deserialize)]
struct ConnectParams {
    ticket: String,
}

impl<'a> Me<'a> {
    /// With a token for the audience `T me/`, from the person's refresh token.
    ///
    /// # Errors
    /// [`IdentityError::Login`] when the refresh token is missing or no longer valid.
    pub(crate) async fn of(agent: &'a Agent, person: &str) -> Result<Self, IdentityError> {
        Self::with(agent, person, &MY_ACCOUNT.map(|(scope, _)| scope).join(" ")).await
    }

    /// As [`Self::of`], with a token for these scopes alone.
    pub(super) async fn with(agent: &'a Agent, person: &str, scopes: &str) -> Result<Self, IdentityError> {
        let audience = format!("{}/me/", agent.issuer().trim_end_matches('/'));
        let request = own_api::refresh(agent, person, &audience, &format!("openid {scopes}")).await?;
        discovery::of(agent).await?.vault()?;
        let AccountToken { access_token } = agent.http.json(request).await.map_err(|error| {
            if error.oauth_error() == "invalid_grant" { IdentityError::Login } else { refused(&error) }
        })?;
        Ok(Self { agent, token: access_token.into() })
    }

    /// The shape of the person's recording.
    pub(crate) async fn recording(agent: &'a Agent, person: &str) -> Result<Recording, IdentityError> {
        let me = Self::with(agent, person, TRACE_SHAPE).await?;
        let url = agent.issuer().trim_end_matches('/').to_owned() + "/me/v1/recording";
        let request = agent.http.client().get(url).bearer_auth(me.token.expose_secret());
        agent.http.json(request).await.map_err(|error| refused(&error))
    }

    /// All accounts that the person has connected.
    pub(crate) async fn accounts(&self) -> Result<Vec<ConnectedAccount>, IdentityError> {
        Ok(self.all().await?.into_iter().map(|account| self.shown(account)).collect())
    }

    /// The scopes that the person has granted a connection.
    pub(crate) async fn granted(&self, connection: &str) -> Result<Vec<String>, IdentityError> {
        let accounts = self.all().await?.into_iter().filter(|account| account.connection == connection);
        Ok(accounts.flat_map(|account| account.scopes).collect())
    }

    async fn all(&self) -> Result<Vec<Account>, IdentityError> {
        let mut found = Vec::new();
        let mut from: Option<String> = None;
        // A few pages hold anyone's accounts. An endless cursor isn't followed forever.
        for _ in 0..10 {
            let query: Vec<(&str, &str)> =
                [("take", "20")].into_iter().chain(from.as_deref().map(|from| ("from", from))).collect();
            let page: Accounts = self
                .agent
                .http
                .json(self.request(Method::GET, &["accounts"], &query))
                .await
                .map_err(|error| refused(&error))?;
            found.extend(page.accounts);
            from = page.next.filter(|next| !next.is_empty());
            if from.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn shown(&self, account: Account) -> ConnectedAccount {
        let config = &self.agent.config;
        let known = config.connections.iter().find(|connection| connection.name == account.connection);
        ConnectedAccount {
            id: account.id,
            name: known.map_or(&account.connection, |connection| &connection.title).clone(),
            account: account.name,
            connection: account.connection,
            scopes: scope::in_words(config, &account.scopes),
            connected_at: time::parse(&account.created_at).unwrap_or_default(),
        }
    }

    /// Starts a connection with these scopes. `state` and the challenge's verifier stay here.
    pub(crate) async fn connect(
        &self,
        connection: &str,
        scopes: &[String],
        redirect_uri: &str,
        state: &str,
        challenge: &str,
    ) -> Result<Begun, IdentityError> {
        #[derive(Serialize)]
        struct Connect<'a> {
            connection: &'a str,
            redirect_uri: &'a str,
            state: &'a str,
            code_challenge: &'a str,
            code_challenge_method: &'a str,
            scopes: &'a [String],
        }
        let body = Connect {
            connection,
            redirect_uri,
            state,
            code_challenge: challenge,
            code_challenge_method: "S256",
            scopes,
        };
        let answer: ConnectAnswer = self
            .agent
            .http
            .json(self.request(Method::POST, &["connect"], &[]).json(&body))
            .await
            .map_err(|error| refused(&error))?;
        let mut url = answer.connect_uri;
        // The browser is only sent to the identity service itself (THREATS.md line 41).
        let own = url::Url::parse(self.agent.issuer()).is_ok_and(|own| own.origin() == url.origin());
        if !own {
            return Err(IdentityError::Refused(
                tr!(
                    "The identity service answered with an address of another site, so nothing was started.",
                    "Mandate identity nannte eine Adresse einer anderen Website, deshalb wurde nichts begonnen."
                )
                .into(),
            ));
        }
        url.query_pairs_mut().append_pair("ticket", &answer.connect_params.ticket);
        Ok(Begun {
            url: url.into(),
            auth_session: answer.auth_session,
            expires_in: answer.expires_in.clamp(30, 3600) * 1000,
        })
    }

    /// Completes a connection. `Ok(false)` if the account is linked to another person, or the link wasn't confirmed.
    pub(crate) async fn complete(
        &self,
        auth_session: &str,
        connect_code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<bool, IdentityError> {
        let body = serde_json::json!({
            "auth_session": auth_session,
            "connect_code": connect_code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        });
        let request = self.request(Method::POST, &["complete"], &[]).json(&body);
        match self.agent.http.json::<serde_json::Value>(request).await {
            Ok(_) => Ok(true),
            Err(HttpError::Refused(StatusCode::CONFLICT, _)) => Ok(false),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Disconnects an account. Succeeds if it is already gone.
    pub(crate) async fn disconnect(&self, account: &str) -> Result<(), IdentityError> {
        let request = self.request(Method::DELETE, &["accounts", account], &[]);
        match self.agent.http.send(request).await {
            Ok((status, ..)) if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            Ok((status, ..)) => Err(refused(&HttpError::Refused(status, serde_json::Value::Null))),
            Err(error) => Err(refused(&error)),
        }
    }

    /// Keeps the language that the person chose here.
    pub(crate) async fn choose(&self, lang: Lang) -> Result<(), IdentityError> {
        let url = self.agent.issuer().trim_end_matches('/').to_owned() + "/me/v1/locale";
        let request = self.agent.http.client().put(url).bearer_auth(self.token.expose_secret());
        let request = request.json(&serde_json::json!({ "locale": lang.tag() }));
        match self.agent.http.send(request).await {
            Ok((status, ..)) if status.is_success() => Ok(()),
            Ok((status, ..)) => Err(refused(&HttpError::Refused(status, serde_json::Value::Null))),
            Err(error) => Err(refused(&error)),
        }
    }

    /// A request to `T me/v1/connected-accounts/…`.
    fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.agent.issuer().trim_end_matches('/').to_owned() + "/me/v1/connected-accounts";
        if let Ok(mut whole) = url::Url::parse(&url) {
            if let Ok(mut segments) = whole.path_segments_mut() {
                segments.extend(path);
            }
            if !query.is_empty() {
                whole.query_pairs_mut().extend_pairs(query);
            }
            url = whole.into();
        }
        self.agent.http.client().request(method, url).bearer_auth(self.token.expose_secret())
    }
}

pub(super) fn refused(error: &HttpError) -> IdentityError {
    if is_trouble(error) {
        return IdentityError::Retry(trouble(error));
    }
    tracing::warn!(code = error.oauth_error(), status = ?error.status(), "the accounts API refused a request");
    match error.status() {
        Some(StatusCode::UNAUTHORIZED) => IdentityError::Login,
        Some(status) => {
            let status = status.as_u16();
            IdentityError::Refused(tr!(
                format!("The identity service refused it ({status}). Nothing was changed."),
                format!("Mandate identity hat es abgelehnt ({status}). Nichts wurde geändert.")
            ))
        }
        None => IdentityError::Retry(trouble(error)),
    }
}
