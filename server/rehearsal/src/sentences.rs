//! Sentences of ordinary people in English and German, and the tools that the model calls for them.

use foundation::{
    SecretString,
    clock::Clock,
    lang::{self, Lang},
};
use serde_json::{Value, json};

use crate::{Model, conversation::Request, next};

/// The model's next step after these messages of a person, as `tool argument …` or what it says.
fn step(messages: &[&str]) -> (Vec<String>, String) {
    let messages: Vec<Value> = messages.iter().map(|text| json!({ "role": "user", "content": text })).collect();
    let request: Request =
        serde_json::from_value(json!({ "model": "rehearsal", "messages": messages })).expect("a request");
    let model = Model { key: SecretString::from("key"), tools: [].into(), clock: Clock::system() };
    let plan = next(&request, &model);
    let call = |(tool, arguments): &(String, Value)| {
        let words = ["side", "quantity", "symbol", "total", "limit", "order", "query"].iter().filter_map(|name| {
            let value = &arguments[name];
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (!value.is_null() && !text.is_empty()).then(|| match *name {
                "total" | "limit" => format!("{name} {text}"),
                _ => text,
            })
        });
        [tool.trim_start_matches("get_").to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
    };
    (plan.calls.iter().map(call).collect(), plan.text)
}

#[test]
fn sentences_of_ordinary_people_are_understood() {
    let mut wrong = Vec::new();
    for (messages, expected) in [
        // Orders.
        (&["Buy 5 WAYNE"][..], "create_order BUY 5 WAYNE"),
        (&["hey can you buy me 5 shares of wayne please"], "create_order BUY 5 WAYNE"),
        (&["id like to sell 3 of my stark"], "create_order SELL 3 STARK"),
        (&["Kaufe 5 WAYNE"], "create_order BUY 5 WAYNE"),
        (&["Kauf mir bitte fünf Aktien von Wayne"], "create_order BUY 5 WAYNE"),
        (&["Kannst du für mich 5 WAYNE kaufen?"], "create_order BUY 5 WAYNE"),
        (&["Ich möchte 3 STARK verkaufen"], "create_order SELL 3 STARK"),
        (&["Buy a share of WAYNE"], "create_order BUY 1 WAYNE"),
        (&["Kauf eine Aktie von WAYNE"], "create_order BUY 1 WAYNE"),
        // Totals and limits.
        (&["Buy WAYNE for 500 dollars"], "create_order BUY WAYNE total 500.00"),
        (&["put 500 bucks into wayne"], "create_order BUY WAYNE total 500.00"),
        (&["Kaufe WAYNE für höchstens 500 Dollar"], "create_order BUY WAYNE total 500.00"),
        (&["Kaufe WAYNE für bis zu 500 Dollar"], "create_order BUY WAYNE total 500.00"),
        (&["Buy 5 WAYNE for no more than 105.49 a share"], "create_order BUY 5 WAYNE limit 105.49"),
        (&["Kaufe 5 WAYNE zu 105.49"], "create_order BUY 5 WAYNE limit 105.49"),
        (&["Kaufe 5 WAYNE für höchstens 105.49 pro Stück"], "create_order BUY 5 WAYNE limit 105.49"),
        (&["Verkaufe 2 STARK zu je 90"], "create_order SELL 2 STARK limit 90.00"),
        // Several at once.
        (&["Buy 5 WAYNE and 3 STARK"], "create_order BUY 5 WAYNE; create_order BUY 3 STARK"),
        (&["Kaufe 5 WAYNE und 3 STARK"], "create_order BUY 5 WAYNE; create_order BUY 3 STARK"),
        (
            &["sell 3 STARK, then buy 5 WAYNE at 100"],
            "create_order SELL 3 STARK; create_order BUY 5 WAYNE limit 100.00",
        ),
        (&["Verkaufe 3 STARK und kaufe dann 5 WAYNE"], "create_order SELL 3 STARK; create_order BUY 5 WAYNE"),
        (&["What's WAYNE at, and show me my portfolio"], "stock_price WAYNE; portfolio"),
        (&["Buy 5 WAYNE and tell me about LEX"], "create_order BUY 5 WAYNE; stock_info LEX"),
        (&["Price of STARK. Also my orders please."], "stock_price STARK; order_history"),
        // Typos.
        (&["byu 5 wanye"], "create_order BUY 5 WAYNE"),
        (&["buy 5 shraes of wayen"], "create_order BUY 5 WAYNE"),
        (&["show my portfolo"], "portfolio"),
        (&["whats the pirce of strak"], "stock_price STARK"),
        (&["cancle my order"], "order_history"),
        // Orders that depend on the account's shares or cash.
        (&["Sell all my WAYNE"], "portfolio"),
        (&["Verkaufe alle WAYNE"], "portfolio"),
        (&["Sell half of my STARK"], "portfolio"),
        (&["Buy as many WAYNE as I can"], "portfolio"),
        // Messages that depend on earlier ones.
        (&["Buy WAYNE", "5"], "create_order BUY 5 WAYNE"),
        (&["Kaufe WAYNE", "fünf bitte"], "create_order BUY 5 WAYNE"),
        (&["Buy 5 WAYNE", "actually 3"], "create_order BUY 3 WAYNE"),
        (&["Kaufe 5 WAYNE", "nein, doch lieber 3"], "create_order BUY 3 WAYNE"),
        (&["Buy 5 WAYNE", "no, STARK"], "create_order BUY 5 STARK"),
        (&["Buy 5 WAYNE", "make it 7 instead"], "create_order BUY 7 WAYNE"),
        (&["Buy 5 WAYNE", "actually 3", "no, STARK"], "create_order BUY 3 STARK"),
        (&["Buy 5 WAYNE", "same again please"], "create_order BUY 5 WAYNE"),
        (&["Price of WAYNE and STARK", "buy 2 of the other one"], "create_order BUY 2 WAYNE"),
        (&["Price of WAYNE", "buy 2 of it"], "create_order BUY 2 WAYNE"),
        (&["Was kostet STARK?", "Und WAYNE?", "Kaufe 2 davon"], "create_order BUY 2 WAYNE"),
        (&["Buy 5 WAYNE", "what is the price of STARK"], "stock_price STARK"),
        // Questions.
        (&["how much is stark right now?"], "stock_price STARK"),
        (&["Was kostet WAYNE?"], "stock_price WAYNE"),
        (&["Wie steht WAYNE gerade?"], "stock_price WAYNE"),
        (&["Wie ist der Kurs von STARK?"], "stock_price STARK"),
        (&["Erzähl mir was über WAYNE"], "stock_info WAYNE"),
        (&["Erzähl mir von WAYNE"], "stock_info WAYNE"),
        (&["Welche Aktien gibt es?"], "search_stocks"),
        (&["how are my stocks"], "portfolio"),
        (&["Zeig mir mein Depot"], "portfolio"),
        (&["Wie viel Geld habe ich?"], "portfolio"),
        (&["Was habe ich gekauft?"], "order_history"),
        (&["Zeige meine Aufträge"], "order_history"),
        (&["Was ist mit meinem letzten Auftrag?"], "order_history"),
        (&["Storniere meinen Auftrag"], "order_history"),
        (&["Wer bin ich?"], "whoami"),
        (&["whats my name again"], "whoami"),
        // Not orders.
        (&["Soll ich WAYNE kaufen?"], "stock_info WAYNE"),
        (&["Kaufe keine WAYNE"], ""),
        (&["don't buy anything yet"], ""),
        (&["Wie kaufe ich Aktien?"], ""),
        (&["Let's start over"], ""),
        (&["I like sharks"], ""),
        (&["Buy 5 WAYNE", "no"], ""),
        (&["Buy 5 WAYNE", "I'm here again"], ""),
    ] {
        let (calls, says) = step(messages);
        if calls.join("; ") != expected {
            wrong.push(format!("{messages:?}: {calls:?} {says:.60}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_help_offers_works_in_both_languages() {
    let offered = |lang| {
        let help = lang::within(lang, crate::answer::help).replace("**", "");
        help.split('*').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    };
    let (english, german) = (offered(Lang::En), offered(Lang::De));
    assert!(english.len() > 8 && english.len() == german.len(), "{english:?} {german:?}");
    for (english, german) in english.iter().zip(&german) {
        let ((calls, said), (in_german, _)) = (step(&[english]), step(&[german]));
        assert_eq!(calls, in_german, "{english} / {german}");
        assert!(!calls.is_empty() || !said.contains("rehearsal model"), "{english}");
    }
}

#[test]
fn questions_of_participants_are_answered() {
    for (text, says) in [
        ("What tokens do you hold?", "token vault"),
        ("Welche Tokens hast du?", "token vault"),
        ("How do you get access to my account?", "You connect your StockTrade account once"),
        ("Wie bekommst du Zugriff auf mein Konto?", "You connect your StockTrade account once"),
        ("Warum muss ich das freigeben?", "page of its own"),
        ("Ist das sicher?", "I can't place one"),
        ("Ist das echtes Geld?", "simulated"),
        ("Was kannst du?", "rehearsal model"),
        ("Hallo!", "Hello!"),
        ("Danke", "You're welcome"),
    ] {
        let (calls, said) = step(&[text]);
        assert!(calls.is_empty() && said.contains(says), "{text}: {calls:?} {said}");
    }
}

#[test]
fn what_it_does_nothing_about_is_said() {
    for (text, calls, left_out) in [
        ("Buy 5 WAYNE and write a poem about bats", 1, "“write a poem about bats”"),
        ("What is the price of WAYNE, and why is the sky blue?", 1, "“why is the sky blue”"),
        ("Buy 1 WAYNE, 2 STARK, 3 LEX, 4 ACME, 5 OSC", 4, "“buy 5 OSC”"),
    ] {
        let (made, said) = step(&[text]);
        assert_eq!(made.len(), calls, "{text}: {made:?}");
        assert!(said.contains(&format!("I did nothing about {left_out}.")), "{text}: {said}");
    }
    let (made, said) = step(&["Buy 5 WAYNE and 105,49 STARK"]);
    assert_eq!(made, ["create_order BUY 5 WAYNE"]);
    assert!(said.contains("I didn't ask for that; please write the order again."), "{said}");
    let (made, said) = step(&["Hi, I'm new here. What's the price of WAYNE, please?"]);
    assert_eq!((made.len(), said.as_str()), (1, ""));
}
