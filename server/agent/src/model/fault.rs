//! The faults of a model's answer, in words for people. The endpoint's own text only selects the fault and is never
//! shown: it may contain the key, or the person's message.

use foundation::{http::retry_after, tr};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("The model can’t be reached right now. Your message was kept; try again in a moment.")]
    Unreachable,
    #[error("The model didn’t answer in time. Your message was kept; try again.")]
    Silent,
    #[error("The model’s answer broke off. Your message was kept; try again.")]
    BrokenOff,
    #[error("The model’s endpoint failed ({0}). Your message was kept; try again in a moment.")]
    Failed(StatusCode),
    #[error("The model has too much to do right now. Your message was kept; try again {}.", when(*.0))]
    Busy(Option<i64>),
    #[error(
        "The model's endpoint refused the key that is set as OPENAI_API_KEY. The operator has to fix that; your message was kept, and you can try again then."
    )]
    Key,
    #[error(
        "The account at the model's provider has no quota or credit left. The operator has to fix that; your message was kept, and you can try again then."
    )]
    Quota,
    #[error(
        "The model's endpoint doesn't have the model that is set as OPENAI_MODEL. The operator has to fix that; your message was kept, and you can try again then."
    )]
    Model,
    #[error(
        "The model that is set as OPENAI_MODEL, or its endpoint, doesn't support tool calls. The operator has to choose another; your message was kept, and you can try again then."
    )]
    NoTools,
    #[error(
        "What answers at OPENAI_BASE_URL isn't an OpenAI-compatible API. The operator has to look at that address (it often ends in /v1); your message was kept, and you can try again then."
    )]
    NotApi,
    #[error("This chat is too long for the model’s context. Start a new chat and ask again there.")]
    TooMuch,
    #[error(
        "The model's endpoint didn't take the request ({0}). Your message was kept; try again in a moment. If it happens again, the operator has to look at OPENAI_BASE_URL and OPENAI_MODEL."
    )]
    Refused(StatusCode),
    #[error(
        "The model reached its limit before it began to answer. Your message was kept; try again, or ask for less."
    )]
    AllThought,
    #[error("The model answered with nothing. Your message was kept; try again.")]
    Empty,
    #[error("The model’s answer was too long, so it was stopped. Your message was kept; try again.")]
    TooLong,
    #[error("The model’s provider withheld the answer. Put your message in other words.")]
    Withheld,
}

impl Fault {
    /// For people, in the reader's language.
    pub(crate) fn text(&self) -> String {
        tr!(self.to_string(), self.german())
    }

    fn german(&self) -> String {
        let operator =
            "Der Betreiber muss das beheben; deine Nachricht bleibt, und du kannst es dann noch einmal versuchen.";
        match self {
            Self::Unreachable => {
                "Das Modell ist gerade nicht erreichbar. Deine Nachricht bleibt; versuch es gleich noch einmal.".into()
            }
            Self::Silent => {
                "Das Modell hat nicht rechtzeitig geantwortet. Deine Nachricht bleibt; versuch es noch einmal.".into()
            }
            Self::BrokenOff => {
                "Die Antwort des Modells brach ab. Deine Nachricht bleibt; versuch es noch einmal.".into()
            }
            Self::Failed(status) => format!(
                "Die Schnittstelle des Modells ist gescheitert ({status}). Deine Nachricht bleibt; versuch es gleich noch \
                 einmal."
            ),
            Self::Busy(seconds) => {
                let when = match seconds {
                    None => "gleich".into(),
                    Some(seconds @ ..120) => format!("in {seconds} Sekunden"),
                    Some(seconds) => format!("in {} Minuten", (seconds + 59) / 60),
                };
                format!("Das Modell hat gerade zu viel zu tun. Deine Nachricht bleibt; versuch es {when} noch einmal.")
            }
            Self::Key => format!(
                "Die Schnittstelle des Modells hat den Schlüssel aus OPENAI_API_KEY abgelehnt. {operator}"
            ),
            Self::Quota => format!("Das Konto beim Anbieter des Modells hat kein Guthaben mehr. {operator}"),
            Self::Model => {
                format!("Die Schnittstelle kennt das Modell aus OPENAI_MODEL nicht. {operator}")
            }
            Self::NoTools => format!("Das Modell aus OPENAI_MODEL kann keine Werkzeuge aufrufen. {operator}"),
            Self::NotApi => format!(
                "Was unter OPENAI_BASE_URL antwortet, ist keine OpenAI-kompatible API (die Adresse endet oft auf /v1). \
                 {operator}"
            ),
            Self::TooMuch => {
                "Dieser Chat ist zu lang für das Modell. Beginne einen neuen, und frag dort noch einmal.".into()
            }
            Self::Refused(status) => format!(
                "Die Schnittstelle des Modells nahm die Anfrage nicht an ({status}). Deine Nachricht bleibt; versuch es \
                 gleich noch einmal. Wenn es wieder geschieht, muss der Betreiber OPENAI_BASE_URL und OPENAI_MODEL prüfen."
            ),
            Self::AllThought => {
                "Das Modell kam an seine Grenze, bevor es antwortete. Deine Nachricht bleibt; versuch es noch einmal, oder \
                 frag nach weniger."
                    .into()
            }
            Self::Empty => "Das Modell hat nichts geantwortet. Deine Nachricht bleibt; versuch es noch einmal.".into(),
            Self::TooLong => {
                "Die Antwort des Modells war zu lang und wurde angehalten. Deine Nachricht bleibt; versuch es noch einmal."
                    .into()
            }
            Self::Withheld => {
                "Der Anbieter des Modells hat die Antwort zurückgehalten. Sag es mit anderen Worten.".into()
            }
        }
    }
}

fn when(seconds: Option<i64>) -> String {
    match seconds {
        None => "in a moment".into(),
        Some(seconds @ ..120) => format!("in {seconds} seconds"),
        Some(seconds) => format!("in {} minutes", (seconds + 59) / 60),
    }
}

/// The fault behind a refused request, from its status and text.
pub(super) fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Fault {
    let words = words(body);
    let wait = wait(headers);
    let fault = by_words(&words, status);
    match status.as_u16() {
        // Some endpoints also call a rate limit a quota, but then say when it ends.
        429 if wait.is_some() && !words.contains("insufficient_quota") => Fault::Busy(wait),
        402 => Fault::Quota,
        413 => Fault::TooMuch,
        401 => Fault::Key,
        _ if fault.is_some() => fault.unwrap_or(Fault::NotApi),
        403 => Fault::Key,
        429 | 503 | 529 => Fault::Busy(wait),
        500.. => Fault::Failed(status),
        // This address has no chat completions, or they have moved.
        200..=399 | 404 | 405 => Fault::NotApi,
        _ => Fault::Refused(status),
    }
}

/// The fault that a stream reports.
pub(super) fn streamed(error: &Value) -> Fault {
    let code = |name: &str| error.get(name).and_then(super::chunk::number).and_then(|code| u16::try_from(code).ok());
    let status = code("code").or_else(|| code("status")).and_then(|code| StatusCode::from_u16(code).ok());
    match status.filter(|status| status.is_client_error() || status.is_server_error()) {
        Some(status) => refused(status, &HeaderMap::new(), error.to_string().as_bytes()),
        None => by_words(&gather(error, true).to_lowercase(), StatusCode::OK).unwrap_or(Fault::BrokenOff),
    }
}

fn by_words(words: &str, status: StatusCode) -> Option<Fault> {
    let has = |list: &[&str]| list.iter().any(|one| words.contains(one));
    let is_model = words.contains("model");
    if has(&["quota", "billing", "insufficient balance", "insufficient_balance", "credit balance", "more credits"]) {
        return Some(Fault::Quota);
    }
    if has(&[
        "context_length",
        "context length",
        "context window",
        "context size",
        "maximum context",
        "too many tokens",
        "prompt is too long",
        "input is too long",
        "prompt too long",
        "reduce the length",
        "max_model_len",
        "input token count",
        "exceeds the maximum number of tokens",
        "prompt contains too many",
    ]) {
        return Some(Fault::TooMuch);
    }
    if has(&[
        "invalid_api_key",
        "invalid api key",
        "incorrect api key",
        "api key not valid",
        "api_key_invalid",
        "invalid x-api-key",
        "no auth credentials",
        "authentication_error",
        "invalid authentication",
        "invalid token",
        "api key is invalid",
        "missing api key",
    ]) {
        return Some(Fault::Key);
    }
    let is_not_had = has(&["not support", "unsupported", "tool-call-parser", "enable-auto-tool-choice"]);
    if words.contains("tool") && (is_not_had || words.contains("no endpoints found")) {
        return Some(Fault::NoTools);
    }
    let is_unknown = has(&[
        "not found",
        "not_found",
        "not exist",
        "unknown model",
        "invalid model",
        "not a valid model",
        "no such model",
        "decommissioned",
        "no endpoints found",
        "do not have access",
        "does not have access",
        "not available",
    ]);
    if is_model && is_unknown && !status.is_server_error() {
        return Some(Fault::Model);
    }
    has(&["overloaded", "rate_limit", "rate limit", "too many requests"]).then_some(Fault::Busy(None))
}

/// The text of a refusal, in lower case. From JSON, only the members that give reasons, never those that repeat the
/// request.
fn words(body: &[u8]) -> String {
    let words = match serde_json::from_slice::<Value>(body) {
        Ok(value) => gather(&value, true),
        Err(_) => {
            let text = String::from_utf8_lossy(&body[..body.len().min(2_000)]);
            // An HTML page says nothing about the API.
            if text.trim_start().starts_with('<') { String::new() } else { text.into_owned() }
        }
    };
    words.to_lowercase()
}

fn gather(value: &Value, is_named: bool) -> String {
    const NAMES: [&str; 9] = ["error", "errors", "message", "msg", "detail", "code", "type", "status", "reason"];
    match value {
        Value::String(text) if is_named => format!("{text}\n"),
        Value::Array(values) => values.iter().map(|value| gather(value, is_named)).collect(),
        Value::Object(members) => {
            NAMES.iter().filter_map(|name| members.get(*name)).map(|value| gather(value, true)).collect()
        }
        _ => String::new(),
    }
}

/// Seconds until the provider accepts a retry: `Retry-After`, or OpenAI's `retry-after-ms`.
fn wait(headers: &HeaderMap) -> Option<i64> {
    let ms = headers.get("retry-after-ms").and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    match ms {
        Some(ms) => retry_after::whole(ms / 1000.0),
        None => retry_after::read(headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, body: &str) -> Fault {
        refused(StatusCode::from_u16(status).expect("a status"), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn refusals_name_the_operators_remedy() {
        for (status, body, expected) in [
            (401, "", Fault::Key),
            (403, r#"{"message":"Forbidden"}"#, Fault::Key),
            (
                400,
                r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
                Fault::Key,
            ),
            (
                429,
                r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}"#,
                Fault::Quota,
            ),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#, Fault::Quota),
            (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#, Fault::Model),
            (404, r#"{"error":"model \"x\" not found, try pulling it first"}"#, Fault::Model),
            (
                400,
                r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}"#,
                Fault::Model,
            ),
            (
                400,
                r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
                Fault::TooMuch,
            ),
            (413, "<html>too large</html>", Fault::TooMuch),
            (400, r#"{"error":"registry.ollama.ai/library/gemma does not support tools"}"#, Fault::NoTools),
            (
                400,
                r#"{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}"#,
                Fault::NoTools,
            ),
            (404, "<html>not found</html>", Fault::NotApi),
            (404, r#"{"detail":"Not Found"}"#, Fault::NotApi),
            (301, "", Fault::NotApi),
            (405, "Method Not Allowed", Fault::NotApi),
            (529, r#"{"error":{"type":"overloaded_error"}}"#, Fault::Busy(None)),
            (429, "slow down", Fault::Busy(None)),
            (500, "oops", Fault::Failed(StatusCode::INTERNAL_SERVER_ERROR)),
            // A repetition of the person's message is ignored.
            (
                422,
                r#"{"detail":[{"loc":["body"],"msg":"Field required","input":"my billing quota and api key: model not found"}]}"#,
                Fault::Refused(StatusCode::UNPROCESSABLE_ENTITY),
            ),
        ] {
            assert_eq!(fault(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_every_form() {
        let after = |headers: &[(&'static str, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().expect("a value")));
            wait(&headers.collect())
        };
        assert_eq!(after(&[("retry-after", "12")]), Some(12));
        assert_eq!(after(&[("retry-after", "1.5")]), Some(2));
        assert_eq!(after(&[("retry-after", "60"), ("retry-after-ms", "900")]), Some(1));
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(after(&[("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"), date]), Some(30));
        assert_eq!(after(&[("retry-after", "Wed, 21 Oct 2026 07:27:30 GMT"), date]), Some(0));
        for wrong in ["soon", "-1", "inf", ""] {
            assert_eq!(after(&[("retry-after", wrong)]), None, "{wrong}");
        }
    }
}
