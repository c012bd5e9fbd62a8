//! Money and changes for people: with the currency, a sign, and ▲ ▼, which are also given in words.

use foundation::{lang, tr};
use leptos::prelude::*;
use shared::money::Money;

/// An amount without its currency, with the separators of the reader's language: `10,214.86`.
pub fn amount(money: Money) -> String {
    money.grouped_in(lang::current())
}

/// `10,214.86 USD`.
pub fn usd(money: Money) -> String {
    format!("{} USD", amount(money))
}

/// A whole number with the separators of the reader's language: `10,000`.
pub fn whole(number: impl TryInto<i64>) -> String {
    lang::current().whole(number.try_into().unwrap_or(i64::MAX))
}

/// An amount with a muted currency.
pub fn usd_view(money: Money) -> AnyView {
    view! { <span class="money">{amount(money)}" "<span class="currency">"USD"</span></span> }.into_any()
}

/// The size of a change in percent of `from`, without a sign, with two places: `0.83 %`.
pub fn percent(from: Money, to: Money) -> String {
    if from.cents() == 0 {
        return lang::current().decimal("0.00 %");
    }
    // 64 bits suffice for 4 trillion dollars, and wider arithmetic would enlarge the browser's bundle.
    let change = (to.cents() - from.cents()).abs();
    let hundredths = (change.saturating_mul(20_000) / from.cents().abs() + 1) / 2;
    lang::current().decimal(&format!("{}.{:02} %", hundredths / 100, hundredths % 100))
}

/// The direction of a change: its class, its mark, and the mark in words.
pub fn direction(from: Money, to: Money) -> (&'static str, &'static str, &'static str) {
    match to.cmp(&from) {
        std::cmp::Ordering::Greater => ("delta up", "▲", tr!("up", "gestiegen")),
        std::cmp::Ordering::Less => ("delta down", "▼", tr!("down", "gefallen")),
        std::cmp::Ordering::Equal => ("delta", "", tr!("unchanged", "unverändert")),
    }
}

/// A change from one amount to another: `▲ 84.20`.
pub fn change(from: Money, to: Money) -> AnyView {
    let (class, mark, word) = direction(from, to);
    let size = Money::from_cents((to.cents() - from.cents()).abs()).unwrap_or_default();
    delta(class, mark, word, amount(size))
}

/// A change in percent: `▲ 0.83 %`.
pub fn change_percent(from: Money, to: Money) -> AnyView {
    let (class, mark, word) = direction(from, to);
    delta(class, mark, word, percent(from, to))
}

fn delta(class: &'static str, mark: &'static str, word: &'static str, size: String) -> AnyView {
    view! {
        <span class=class>
            <span class="mark" aria-hidden="true">{mark}</span>
            <span class="visually-hidden">{word}" "</span>
            {size}
        </span>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(cents: i64) -> Money {
        Money::from_cents(cents).expect("within range")
    }

    #[test]
    fn percent_has_two_places_and_never_divides_by_zero() {
        assert_eq!(percent(money(10_000), money(10_083)), "0.83 %");
        assert_eq!(percent(money(10_083), money(10_000)), "0.82 %");
        assert_eq!(percent(money(30_000), money(30_002)), "0.01 %");
        assert_eq!(percent(money(0), money(5)), "0.00 %");
    }

    #[test]
    fn german_has_its_own_separators() {
        lang::within(lang::Lang::De, || {
            assert_eq!(
                (usd(money(1_021_486)), percent(money(10_000), money(10_083))),
                ("10.214,86 USD".into(), "0,83 %".into())
            );
        });
    }

    #[test]
    fn a_change_has_a_mark_and_a_word() {
        let up = change(money(100), money(8_520)).to_html();
        assert!(up.contains("▲") && up.contains("up") && up.contains("84.20"), "{up}");
        let down = change(money(200), money(100)).to_html();
        assert!(down.contains("▼") && down.contains("down") && down.contains("1.00"), "{down}");
    }
}
