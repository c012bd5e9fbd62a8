//! The approval statement: Mandate identity signs it, and the account's provider reads it (PROTOCOL.md, step 8). It is
//! an actor token as in RFC 8693 §2.1.

use details::Detail;
use foundation::{SecretString, secret};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use shared::act::Act;

use super::requested::Requested;
use crate::{
    error::OAuthError,
    state::Identity,
    store::{approval, connected_account},
};

/// The header's `typ`, so that no other token from the same issuer passes for a statement (RFC 8725 §3.11).
pub(crate) const TYP: &str = "approval+jwt";
/// The longest time that a statement is valid, in seconds.
pub(crate) const LIFE: i64 = 120;
/// The longest chain of actors (THREATS.md line 23).
pub(crate) const DEEPEST: usize = 5;

/// The claims. The derived reader refuses duplicates.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Statement {
    /// Mandate identity.
    pub iss: String,
    /// The provider.
    pub aud: String,
    /// The client that asked for the approval.
    pub sub: String,
    /// The person at the provider.
    pub on_behalf_of: Subject,
    /// The id of the approval.
    pub txn: String,
    /// The signed canonical form; the provider reads it by its own types.
    pub authorization_details: Box<RawValue>,
    /// The code that the chat and the page showed.
    pub binding_message: String,
    /// The client that asked for the approval, and the one that called it.
    pub act: Act,
    /// How the person confirmed (RFC 8176).
    pub amr: Vec<String>,
    /// The time of the decision, in seconds since 1970.
    pub auth_time: i64,
    pub jti: String,
    pub iat: i64,
    pub exp: i64,
}

/// A person at an issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub iss: String,
    pub sub: String,
}

/// Signs the person's decision for the provider of their account. Returns the statement and its details.
///
/// # Errors
/// If the stored details can't be read, or signing fails.
pub(crate) fn sign(
    identity: &Identity,
    account: &connected_account::Row,
    approval: &approval::Row,
) -> Result<(SecretString, Detail), OAuthError> {
    let Requested::Detail(detail) = Requested::of(identity, approval)? else {
        return Err(OAuthError::invalid_grant("An approval without details is for no account"));
    };
    let details = RawValue::from_string(format!("[{}]", detail.canonical())).map_err(|_| OAuthError::server_error())?;
    let caller = approval
        .caller
        .as_ref()
        .map(|caller| Box::new(Act { iss: None, sub: caller.clone(), name: approval.caller_name.clone(), act: None }));
    let now = identity.clock.seconds();
    let statement = Statement {
        iss: identity.config.site.issuer().to_owned(),
        aud: account.issuer.clone(),
        sub: approval.client.clone(),
        on_behalf_of: Subject { iss: account.issuer.clone(), sub: account.subject.clone() },
        txn: approval.id.clone(),
        authorization_details: details,
        binding_message: approval.code.clone(),
        act: Act { iss: None, sub: approval.client.clone(), name: Some(approval.client_name.clone()), act: caller },
        // RFC 8176 §2: the person was present, and pressed Approve in their own session.
        amr: vec!["user".into()],
        auth_time: approval.decided_at.unwrap_or_default().div_euclid(1000),
        jti: secret::id(""),
        iat: now,
        exp: now + LIFE,
    };
    let signed = identity.keys.sign(TYP, &statement)?;
    Ok((signed.into(), detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 33: text with two readings is refused.
    #[test]
    fn line_33_a_statement_with_a_claim_twice_is_not_read() {
        let text = r#"{"iss":"t","aud":"b","sub":"agent","on_behalf_of":{"iss":"b","sub":"p"},"txn":"apr_1",
            "authorization_details":[{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,
            "limit":"105.49","currency":"USD"}],"binding_message":"K7 QD","act":{"sub":"agent"},"amr":["user"],
            "auth_time":1,"jti":"j","iat":1,"exp":2}"#;
        assert!(serde_json::from_str::<Statement>(text).is_ok());
        for (from, to) in [
            (r#""txn":"apr_1""#, r#""txn":"apr_1","txn":"apr_2""#),
            (r#""sub":"p"}"#, r#""sub":"p","sub":"q"}"#),
            (r#""binding_message":"K7 QD""#, r#""binding_message":"K7 QD","binding_message":"A2 BC""#),
        ] {
            assert!(text.contains(from), "{from}");
            assert!(serde_json::from_str::<Statement>(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
