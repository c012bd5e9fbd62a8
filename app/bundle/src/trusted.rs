//! Lets the bundle's HTML pass the pages' Trusted Types policy (`public/html.js`). Neither wasm-bindgen nor Leptos knows
//! of it, so the functions that make HTML of text are changed in wasm-bindgen's JavaScript.

use crate::profile::Result;

/// Assignments and calls that turn text into HTML, up to the text. It ends before the `;` or `);` at the end of the line.
const SINKS: [(&str, &str); 3] = [(".innerHTML = ", ";"), (".outerHTML = ", ";"), (".insertAdjacentHTML(", ");")];

/// The JavaScript with each such text as `ownHtml(…)`.
///
/// # Errors
/// When wasm-bindgen's JavaScript has an unexpected form.
pub(crate) fn trusted(js: &str) -> Result<String> {
    let mut safe = String::with_capacity(js.len());
    for line in js.lines() {
        match SINKS.iter().find(|(sink, _)| line.contains(sink)) {
            Some((sink, end)) => safe.push_str(&passed(line, sink, end).ok_or_else(|| format!("no text in: {line}"))?),
            None => safe.push_str(line),
        }
        safe.push('\n');
    }
    Ok(safe)
}

fn passed(line: &str, sink: &str, end: &str) -> Option<String> {
    let (before, rest) = line.split_once(sink)?;
    let rest = rest.strip_suffix(end)?;
    // The position comes before the HTML. Both are calls without a comma outside their parentheses.
    let html = if sink.ends_with('(') { rest.rfind("), ").map(|at| at + 3)? } else { 0 };
    let (position, html) = rest.split_at(html);
    Some(format!("{before}{sink}{position}ownHtml({html}){end}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_passes_the_policy() -> Result<()> {
        let js = "a.innerHTML = getText(arg1, arg2);\n    b.insertAdjacentHTML(getText(arg1, arg2), getText(arg3, arg4));\nc.textContent = d;\n";
        assert_eq!(
            trusted(js)?,
            "a.innerHTML = ownHtml(getText(arg1, arg2));\n    b.insertAdjacentHTML(getText(arg1, arg2), ownHtml(getText(arg3, arg4)));\nc.textContent = d;\n"
        );
        Ok(())
    }

    #[test]
    fn an_unexpected_form_is_an_error() {
        for js in ["a.innerHTML = b", "a.insertAdjacentHTML(b, c);"] {
            assert!(trusted(js).is_err(), "{js}");
        }
    }
}
