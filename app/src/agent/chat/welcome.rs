//! The start of a new chat: suggestions.

use leptos::prelude::*;

pub(super) fn welcome() -> AnyView {
    const ASKS: [(&str, &str); 4] = [
        ("What is the price of WAYNE?", "Looks at the market"),
        ("Show my portfolio", "Reads the account that you connect"),
        ("Buy 5 WAYNE", "Prepares an order for your approval"),
        ("Who am I?", "Says what it knows about you"),
    ];
    let asks = ASKS.map(|(text, what)| {
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
            <h2>"What can I do for you?"</h2>
            <p class="muted">"Ask about the market or your portfolio, or have an order prepared. Nothing is bought or sold until you approve it on a page of its own."</p>
            <ul class="welcome-asks">{asks.collect_view()}</ul>
        </section>
    }
    .into_any()
}
