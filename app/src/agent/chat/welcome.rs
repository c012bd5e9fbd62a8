//! The start of a new chat: suggestions.

use foundation::tr;
use leptos::prelude::*;

pub(super) fn welcome() -> AnyView {
    let asks = tr!(
        [
            ("What is the price of WAYNE?", "Looks at the market"),
            ("Show my portfolio", "Reads the account that you connect"),
            ("Buy 5 WAYNE", "Prepares an order for your approval"),
            ("Who am I?", "Says what it knows about you"),
        ],
        [
            ("Was kostet WAYNE?", "Sieht am Markt nach"),
            ("Zeig mein Depot", "Liest das Konto, das du verbindest"),
            ("Kauf 5 WAYNE", "Bereitet einen Auftrag für deine Freigabe vor"),
            ("Wer bin ich?", "Sagt, was es über dich weiß"),
        ]
    );
    let asks = asks.map(|(text, what)| {
        view! {
            <li>
                <button type="button" class="ask-button" data-act="ask" data-text=text disabled>
                    <span class="cell-title">{text}</span>
                    <span class="cell-more">{what}</span>
                </button>
            </li>
        }
    });
    view! {
        <section class="welcome" id="welcome">
            <h2>{tr!("What can I do for you?", "Was kann ich für dich tun?")}</h2>
            <p class="muted">{tr!("Ask about the market or your portfolio, or have an order prepared. Nothing is bought or sold until you approve it on a page of its own.", "Frag nach dem Markt oder deinem Depot, oder lass einen Auftrag vorbereiten. Nichts wird gekauft oder verkauft, bis du es auf einer eigenen Seite freigibst.")}</p>
            <ul class="welcome-asks">{asks.collect_view()}</ul>
        </section>
    }
    .into_any()
}
