//! The table of a request's facts: only from the typed details, in the order and words of their type (THREATS.md
//! line 54). Beside them it shows what the account's own API says about the things they name, marked as that API's.

use foundation::tr;
use identity::page::{Approval, Row, Said, Same, What};
use leptos::prelude::*;

use crate::ui::{Fact, Tone, facts, note, plain, time};

/// The table. It says who vouches for each fact that isn't approved.
pub(super) fn table(approval: &Approval, now: i64) -> AnyView {
    let about = approval.about.clone().map(|about| Fact::new(tr!("What happens", "Was geschieht"), about));
    let rows = approval.sheet.rows.iter().map(|row| fact(row, &approval.said, now));
    let whose = match (&approval.said, approval.sheet.from_api.as_slice()) {
        (Said::By { by, .. }, labels) if !labels.is_empty() => {
            Some(view! { <p class="tiny muted">{word_of(by, labels)}</p> })
        }
        _ => None,
    };
    view! { {facts(about.into_iter().chain(rows))}{whose} }.into_any()
}

fn fact(row: &Row, said: &Said, now: i64) -> Fact {
    let words = plain(row.words.as_deref().unwrap_or_default());
    let value = match (row, said) {
        (Row { words: None, .. }, Said::By { by, .. }) => {
            tr!(format!("{by} didn’t say"), format!("{by} hat es nicht gesagt")).into_any()
        }
        (Row { what: What::Said, .. }, Said::By { at, .. }) => {
            view! { <bdi>{words}</bdi>{tr!(", as of ", ", Stand ")}{time::clock_view(now, *at)} }.into_any()
        }
        (Row { name: Some(name), .. }, _) => view! { <bdi>{plain(name)}</bdi>{format!(" ({words})")} }.into_any(),
        (Row { what: What::Code, .. }, _) => view! { <code>{words}</code> }.into_any(),
        (Row { beside: Some(beside), .. }, _) => {
            view! { {words}<span class="muted">{format!(", {beside}")}</span> }.into_any()
        }
        _ => words.into_any(),
    };
    let fact = Fact::new(row.label.clone(), value);
    if row.is_strong { fact.strong() } else { fact }
}

/// `Company and price now are StockTrade’s word.`
fn word_of(by: &str, labels: &[String]) -> String {
    let mut labels = labels
        .iter()
        .enumerate()
        .map(|(at, label)| if at == 0 { label.clone() } else { tr!(lower_first(label), label.clone()) });
    let last = labels.next_back().unwrap_or_default();
    let first: Vec<_> = labels.collect();
    if first.is_empty() {
        return tr!(
            format!("{last} is {by}’s word. It is not part of what you approve."),
            format!("„{last}“ kommt von {by} und gehört nicht zu dem, was du freigibst.")
        );
    }
    let first = first.join(", ");
    tr!(
        format!("{first} and {last} are {by}’s word. They are not part of what you approve."),
        format!("{first} und {last} kommen von {by} und gehören nicht zu dem, was du freigibst.")
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// Warnings before the decision: a limit far worse than the market, the same request waiting or approved lately.
pub(super) fn warnings(approval: &Approval, now: i64) -> Vec<AnyView> {
    let noun = &approval.noun;
    let same = approval.same.iter().map(|same| match same {
        Same::Approved(at) => {
            let ago = time::ago(now, *at);
            tr!(
                format!("You approved the same {noun} {ago}. This would be another one."),
                format!("Dasselbe hast du {ago} schon freigegeben. Das käme noch dazu.")
            )
        }
        Same::Waits(_) if approval.message.is_some() => tr!(
            format!("The same {noun} waits for you a second time."),
            "Dasselbe wartet ein zweites Mal auf dich.".to_owned()
        ),
        Same::Waits(code) => tr!(
            format!("The same {noun} waits for you a second time (code {code})."),
            format!("Dasselbe wartet ein zweites Mal auf dich (Code {code}).")
        ),
    });
    approval.sheet.warning.clone().into_iter().chain(same).map(|words| note(Tone::Waiting, words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_the_api_is_named() {
        let said =
            |labels: &[&str]| word_of("Acme", &labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>());
        assert_eq!(said(&["Price now"]), "Price now is Acme’s word. It is not part of what you approve.");
        let many = said(&["Company", "Price now"]);
        assert_eq!(many, "Company and price now are Acme’s word. They are not part of what you approve.");
        assert!(said(&["A", "B", "C"]).starts_with("A, b and c are"));
    }
}
