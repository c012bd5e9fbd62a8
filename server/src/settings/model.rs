//! The settings of the model's endpoint.

use url::Url;

use super::value::{Given, Wrong, list, text, wrong};

/// The first model and the others.
pub(super) fn model_names(given: Option<&str>) -> (String, Vec<String>) {
    let mut names = list(given.unwrap_or_default()).into_iter();
    let first = names.next().unwrap_or_else(|| "gpt-4.1-mini".into());
    (first, names.collect())
}

/// Reads a model endpoint's base URL. Messages don't repeat the URL: it may hold a key.
pub(super) fn model_url(text: &str) -> Result<String, Wrong> {
    let wrong = |what: &str| wrong("OPENAI_BASE_URL", what);
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| wrong("this isn't a URL, such as https://api.openai.com/v1 or http://localhost:11434/v1"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("the key belongs into OPENAI_API_KEY, not into the URL"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("this can't have a query or a fragment; it usually ends in /v1"));
    }
    let base = url.as_str().trim_end_matches('/');
    if ["/chat/completions", "/completions", "/responses", "/models"].iter().any(|path| base.ends_with(path)) {
        return Err(wrong("leave out what comes after the base, such as /chat/completions; it usually ends in /v1"));
    }
    Ok(base.to_owned())
}

pub(super) fn model_key(given: Given<'_>) -> Result<Option<String>, Wrong> {
    let Some(key) = text(given, "OPENAI_API_KEY") else { return Ok(None) };
    if key.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Some(key));
    }
    Err(wrong("OPENAI_API_KEY", "this has a space or a character that no key has; copy the key again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_url_is_a_base_without_a_key() {
        for (text, read) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1"),
            ("https://api.mistral.ai/v1/", "https://api.mistral.ai/v1"),
            ("http://localhost:11434/v1", "http://localhost:11434/v1"),
            ("https://models.example", "https://models.example"),
        ] {
            assert_eq!(model_url(text).ok().as_deref(), Some(read), "{text}");
        }
        for text in [
            "api.openai.com/v1",
            "localhost:11434/v1",
            "ftp://models.example/v1",
            "https://",
            "https://sk-secret@models.example/v1",
            "https://models.example/v1?key=sk-secret",
            "https://models.example/v1#x",
            "https://models.example/v1/chat/completions",
            "https://models.example/v1/chat/completions/",
        ] {
            let wrong = model_url(text).expect_err(text).to_string();
            assert!(wrong.starts_with("OPENAI_BASE_URL: ") && !wrong.contains("secret"), "{wrong}");
        }
    }
}
