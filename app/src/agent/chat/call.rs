//! A tool call: a single line that expands to its input, output and duration, with its result below.

use foundation::{lang, tr};
use leptos::prelude::*;
use shared::chat::{Call, CallState};

use super::data;
use crate::ui::{Glyph, icon};

pub(super) fn call(call: &Call, now: i64) -> AnyView {
    let class = match call.state {
        CallState::Running => "call running",
        CallState::Done { .. } => "call done",
        CallState::Failed { .. } => "call failed",
    };
    let below = match &call.state {
        CallState::Done { view: Some(view), .. } => data::below(view, &call.call, now),
        _ => None,
    };
    view! {
        <details class=class>
            <summary class="call-line">
                {mark(&call.state)}
                <code class="call-tool">{call.tool.clone()}</code>
                <span class="call-summary" dir="auto">{summary(&call.state)}</span>
                <span class="call-time">{took(&call.state)}</span>
                <span class="call-open">{icon(Glyph::Chevron)}</span>
            </summary>
            <div class="call-more">
                <p class="label">{tr!("Input", "Eingabe")}</p>
                <pre tabindex="0" aria-label=tr!("Input", "Eingabe")>{call.input.clone()}</pre>
                {output(&call.state)}
            </div>
        </details>
        {below.map(|below| view! { <div>{below}</div> })}
    }
    .into_any()
}

fn mark(state: &CallState) -> AnyView {
    let (glyph, word) = match state {
        CallState::Running => {
            return view! { <span class="spinner" aria-hidden="true"></span><span class="visually-hidden">{tr!("Running: ", "Läuft: ")}</span> }
                .into_any();
        }
        CallState::Done { .. } => (Glyph::Check, tr!("Done: ", "Fertig: ")),
        CallState::Failed { .. } => (Glyph::Cross, tr!("Failed: ", "Gescheitert: ")),
    };
    view! { {icon(glyph)}<span class="visually-hidden">{word}</span> }.into_any()
}

/// The figures of a quote, or the tool's own summary.
fn summary(state: &CallState) -> AnyView {
    match state {
        CallState::Running => tr!("running…", "läuft…").into_any(),
        CallState::Done { summary, view, .. } => match view.as_ref().and_then(data::line) {
            Some(line) => view! { <span>{line}</span> }.into_any(),
            None => summary.clone().into_any(),
        },
        CallState::Failed { summary, .. } => summary.clone().into_any(),
    }
}

fn output(state: &CallState) -> AnyView {
    match state {
        CallState::Running => ().into_any(),
        CallState::Done { output, ms, .. } | CallState::Failed { output, ms, .. } => view! {
            <p class="label">{tr!("Output, after ", "Ausgabe, nach ")}{seconds(*ms)}</p>
            <pre tabindex="0" aria-label=tr!("Output", "Ausgabe")>{output.clone()}</pre>
        }
        .into_any(),
    }
}

fn took(state: &CallState) -> String {
    match state {
        CallState::Running => String::new(),
        CallState::Done { ms, .. } | CallState::Failed { ms, .. } => seconds(*ms),
    }
}

/// `0.2 s`, `< 0.1 s`, and whole seconds from ten on.
fn seconds(ms: i64) -> String {
    let ms = ms.max(0);
    if ms < 100 {
        return lang::current().decimal("< 0.1 s");
    }
    if ms < 10_000 {
        lang::current().decimal(&format!("{}.{} s", ms / 1000, ms % 1000 / 100))
    } else {
        format!("{} s", ms / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_is_shown_in_tenths_of_a_second() {
        assert_eq!(
            [-5, 0, 99, 240, 9_999, 10_000, 61_000].map(seconds),
            ["< 0.1 s", "< 0.1 s", "< 0.1 s", "0.2 s", "9.9 s", "10 s", "61 s"]
        );
    }
}
