//! Mistakes in a file: each message names the mistake and its line.

mod support;

use support::{FILE, read};

#[test]
fn line_54_wrong_file_is_refused_by_its_line() {
    assert!(read(FILE).is_ok());
    // Each with the text to replace, its replacement, and the expected message.
    let wrong = [
        ("kind = \"integer\"", "kind = \"number\"", "`kind` must be choice"),
        ("range = [1, 10000]", "range = [10000, 1]", "the smaller first"),
        ("range = [1, 10000]", "range = [1, 10000]\nletters = \"A\"", "`letters` doesn't fit the kind integer"),
        ("range = [1, 10000]", "range = [1, 99999999]", "15 digits or 4 places"),
        ("range = [1, 10000]", "range = [-1, 10000]", "below zero"),
        ("range = [\"0.01\", \"999999.99\"]", "range = [\"0.1\", \"999999.99\"]", "2 places"),
        ("label = \"Price\"\n", "", "`label` is missing"),
        (
            "{ BUY = \"You pay at most\", SELL = \"You get at least\" }",
            "{ BUY = \"At most\" }",
            "`label` must have one for each word",
        ),
        ("label = { side =", "label = { symbol =", "which isn't a choice above it"),
        ("unit = \"{currency} a share\"", "unit = \"{symbol} a share\"", "neither a choice nor a constant"),
        ("length = [1, 8]", "length = [1, 8]\nunit = \"USD\"", "`unit` is for integers and decimals"),
        ("same = [\"side\"", "same = [\"sides\"", "`same` names"),
        ("noun = \"order\"", "noun = \"\"", "`noun`"),
        ("names = { symbol = \"Company\" }", "names = { symbol = \"Name\" }", "`names` of `facts`"),
        ("fact = \"Price now\"", "fact = \"Price\"", "which is no fact"),
        ("member = \"limit\"", "member = \"symbol\"", "which is no number"),
        ("BUY = \"above\"", "BUY = \"up\"", "above or below"),
        ("The price now is {fact}.", "The price now is {price}.", "neither a member nor `fact`"),
        (
            "list = \"https://broker.example/api/orders\"",
            "list = \"https://broker.example/api/{symbol}\"",
            "the same address",
        ),
        ("state = \"/status\"\n", "", "depends on the `state` of a record; add"),
        ("url = \"https://broker.example/orders\"", "url = \"javascript:alert(1)\"", "`page` of `receipt`"),
        ("value = \"USD\"", "value = \"USD\"\nlabel = \"Currency\"", "a constant isn't shown"),
        ("name = \"quantity\"", "name = \"type\"", "isn't `type`"),
        ("name = \"quantity\"", "name = \"symbol\"", "has this name already"),
        ("{side} {quantity} {symbol}\"\nnoun", "{side} {number}\"\nnoun", "\"number\", which is no member"),
        ("{side} {quantity} {symbol}\"\nnoun", "{side\"\nnoun", "a brace without its partner"),
        ("[\"quantity\", \"limit\"]", "[\"quantity\", \"symbol\"]", "no number"),
        ("letters = \"A-Z0-9.\"", "letters = \"[A-Z]+\"", "`letters` can't hold"),
        ("mandate = \"one_of\"", "mandate = \"at_most\"", "without an order"),
        ("{ BUY = \"at_most\", SELL = \"at_least\" }", "{ BUY = \"at_most\" }", "one for each word"),
        ("after = \"from\"", "after = \"room\"", "no date above it"),
        ("stocks/{symbol}", "../{symbol}", "letters, digits"),
        ("https://broker.example/api/stocks", "https://evil.example/stocks", "isn't below the API's `url`"),
        ("orders?txn={approval}", "orders?txn={unknown}", "no member"),
        ("longest_days = 90", "longest_days = 0", "1 to 366"),
        ("id = \"bookings\"", "id = \"stocktrade\"", "is used twice; choose another"),
        ("\"rooms:book\" = \"Book rooms\"", "\"rooms:book\" = \"\"", "words"),
        ("scope = \"rooms:book\"", "scope = \"rooms:all\"", "none of the API's; add it"),
        ("name = \"room_booking\"", "name = \"stock_order\"", "is used twice; choose another"),
        ("name = \"room_booking\"", "name = \"room_booking\"\nunknown = 1", "unknown"),
        ("audience = \"https://rooms.example\"", "audience = \"rooms\"", "absolute URI"),
        ("url = \"https://rooms.example\"", "url = \"file:///etc\"", "http or https"),
    ];
    for (from, to, words) in wrong {
        assert_eq!(FILE.matches(from).count().min(1), 1, "{from}");
        let said = read(&FILE.replacen(from, to, 1)).expect_err(words);
        assert!(said.contains(words), "{to}: {said}");
    }
    let changed = FILE.replacen("kind = \"integer\"", "kind = \"number\"", 1);
    let line = FILE[..FILE.find("kind = \"integer\"").expect("it is there")].matches('\n').count();
    assert!(read(&changed).expect_err("a kind").starts_with(&format!("line {line}: member \"quantity\"")));
}
