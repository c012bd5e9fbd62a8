//! A tool call: a single line that expands to its input, output and duration, with its result below.

use leptos::prelude::*;
use shared::chat::{Call, CallState, View};

use super::live;
use crate::ui::{Glyph, icon};

pub(super) fn call(call: Memo<Call>) -> AnyView {
    let state = Memo::new(move |_| call.with(|call| call.state.clone()));
    let class = live::words(move || {
        state.with(|state| match state {
            CallState::Running => "call running".into(),
            CallState::Done { .. } => "call done".into(),
            CallState::Failed { .. } => "call failed".into(),
        })
    });
    let (tool, input) = call.with_untracked(|call| (call.tool.clone(), call.input.clone()));
    view! {
        <details class=class>
            <summary class="call-line">
                {live::part(move || state.with(mark))}
                <code class="call-tool">{tool}</code>
                <span class="call-summary" dir="auto">{live::part(move || state.with(summary))}</span>
                <span class="call-time">{live::words(move || state.with(took))}</span>
                <span class="call-open">{icon(Glyph::Chevron)}</span>
            </summary>
            <div class="call-more">
                <p class="label">"Input"</p>
                <pre tabindex="0" aria-label="Input">{input}</pre>
                {live::part(move || state.with(output))}
            </div>
        </details>
        {live::part(move || state.with(|state| match state {
            CallState::Done { view: Some(View::Html { below, .. }), .. } if !below.is_empty() => {
                view! { <div inner_html=below.clone()></div> }.into_any()
            }
            _ => ().into_any(),
        }))}
    }
    .into_any()
}

fn mark(state: &CallState) -> AnyView {
    let (glyph, word) = match state {
        CallState::Running => {
            return view! { <span class="spinner" aria-hidden="true"></span><span class="visually-hidden">"Running: "</span> }
                .into_any();
        }
        CallState::Done { .. } => (Glyph::Check, "Done: "),
        CallState::Failed { .. } => (Glyph::Cross, "Failed: "),
    };
    view! { {icon(glyph)}<span class="visually-hidden">{word}</span> }.into_any()
}

/// The figures of a quote, or the tool's own summary.
fn summary(state: &CallState) -> AnyView {
    match state {
        CallState::Running => "running…".into_any(),
        CallState::Done { view: Some(View::Html { line, .. }), .. } if !line.is_empty() => {
            view! { <span inner_html=line.clone()></span> }.into_any()
        }
        CallState::Done { summary, .. } | CallState::Failed { summary, .. } => summary.clone().into_any(),
    }
}

fn output(state: &CallState) -> AnyView {
    match state {
        CallState::Running => ().into_any(),
        CallState::Done { output, ms, .. } | CallState::Failed { output, ms, .. } => view! {
            <p class="label">"Output, after "{seconds(*ms)}</p>
            <pre tabindex="0" aria-label="Output">{output.clone()}</pre>
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
        return "< 0.1 s".into();
    }
    if ms < 10_000 { format!("{}.{} s", ms / 1000, ms % 1000 / 100) } else { format!("{} s", ms / 1000) }
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
