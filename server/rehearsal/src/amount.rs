//! The numbers of an order: shares, a total for the whole order, or a price per share. A sum of money counts as a total
//! unless the text says that it is per share.

use foundation::typed;

use crate::phrase::Phrase;

/// The numbers of an order, or the first one that couldn't be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Amounts {
    pub(crate) quantity: Option<i64>,
    pub(crate) total: Option<String>,
    pub(crate) limit: Option<String>,
    /// An explanation of what couldn't be read.
    pub(crate) unread: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Quantity,
    Total,
    Limit,
}

const CURRENCY: &[&str] = &["usd", "dollar", "dollars", "bucks", "us$"];

/// After a number: per share.
const EACH: &[&str] = &["each", "apiece"];
const ONE: &[&str] = &["a", "per", "the"];
const SHARE: &[&str] = &["share", "piece", "stock"];

/// After a number: a quantity.
const SHARES: &[&str] = &["share", "shares", "stock", "stocks", "pieces", "of", "units"];

/// Filler between a number and the word that classifies it.
const FILLER: &[&str] = &["of", "to", "a", "the", "is", "no", "more", "less", "than", "not", "only", "just", "exactly"];

/// Before a total.
const SUM: &[&str] = &[
    "for", "up", "most", "max", "maximum", "under", "below", "over", "above", "least", "worth", "spend", "within",
    "budget", "total", "exceed", "around", "about", "than", "invest",
];

const WORDS: &[(&str, i64)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("dozen", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("fifty", 50),
    ("hundred", 100),
    ("thousand", 1_000),
];

/// Words that change the adjacent number, so that it can't be read alone.
const CHANGES: &[&str] = &["hundred", "thousand", "million", "dozen", "k", "half", "percent", "times"];

impl Amounts {
    pub(crate) fn read(phrase: &Phrase) -> Self {
        let mut amounts = Self::default();
        for at in 0..phrase.len() {
            let Some(number) = number(phrase, at) else { continue };
            let kind = kind(phrase, at);
            if let Err(why) = number.and_then(|text| amounts.put(kind, &text)) {
                amounts.unread.get_or_insert(why);
            }
        }
        amounts
    }

    /// Whether there are no numbers.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn put(&mut self, kind: Kind, text: &str) -> Result<(), String> {
        let twice = |what: &str| Err(format!("I read more than one {what}, so I don't know which you mean."));
        match kind {
            Kind::Quantity => {
                let shares = i64::from(typed::quantity(text)?.get());
                if self.quantity.replace(shares).is_some_and(|before| before != shares) {
                    return twice("number of shares");
                }
            }
            Kind::Total => {
                let total = typed::amount(text)?.to_string();
                if self.total.as_ref().is_some_and(|before| *before != total) {
                    return twice("sum of money");
                }
                self.total = Some(total);
            }
            Kind::Limit => {
                let limit = typed::limit(text)?.to_string();
                if self.limit.as_ref().is_some_and(|before| *before != limit) {
                    return twice("price a share");
                }
                self.limit = Some(limit);
            }
        }
        Ok(())
    }
}

/// The number at this word as digits, if it is one. An error if it can't be read alone.
fn number(phrase: &Phrase, at: usize) -> Option<Result<String, String>> {
    let written = phrase.written(at);
    let bare = written.trim_start_matches(['$', '€', '£', '@', '+', '-', '−', '–', '.', '~', '<', '>', '=']);
    let digits = bare.starts_with(char::is_numeric) || written.chars().any(|c| c.is_numeric() && !c.is_ascii());
    let word = phrase.word(at);
    let points = word == "one" && at > 0 && matches!(phrase.word(at - 1), "other" | "that" | "this" | "which");
    let in_words = WORDS.iter().filter(|_| !points).find(|(name, _)| *name == word).map(|(_, number)| *number);
    if !digits && in_words.is_none() {
        // "buy a share of WAYNE", but not "at 105 a share".
        let is_one = matches!(word, "a" | "an") && phrase.word(at + 1) == "share" && phrase.word(at + 2) == "of";
        return is_one.then(|| Ok("1".into()));
    }
    let is_number = |at: usize| WORDS.iter().any(|(name, _)| *name == phrase.word(at));
    let after = phrase.word(at + 1);
    // "five hundred", "2 dozen", "5 %": several words make up this number.
    if CHANGES.contains(&after) || phrase.word(at) != after && in_words.is_some() && is_number(at + 1) {
        let both = format!("“{} {}”", phrase.written(at), phrase.written(at + 1));
        return Some(Err(format!("I can't read {both} as a number. Write it in digits, such as 500.")));
    }
    if let Some(number) = in_words {
        // The second word of such a number, which was reported with the first.
        return (at == 0 || !is_number(at - 1)).then(|| Ok(number.to_string()));
    }
    let text = written.trim_start_matches('@');
    let lower = text.to_lowercase();
    let text = lower.strip_suffix("usd").or_else(|| lower.strip_suffix('$')).unwrap_or(&lower);
    Some(Ok(text.to_owned()))
}

fn kind(phrase: &Phrase, at: usize) -> Kind {
    let written = phrase.written(at).to_lowercase();
    let currency_follows = CURRENCY.contains(&phrase.word(at + 1));
    let is_money = currency_follows
        || written.trim_start_matches('@').starts_with(['$', '€', '£'])
        || written.ends_with("usd")
        || written.ends_with('$');
    let next = at + 1 + usize::from(currency_follows);
    let (one, two) = (phrase.word(next), phrase.word(next + 1));
    if EACH.contains(&one) || ONE.contains(&one) && SHARE.contains(&two) {
        return Kind::Limit;
    }
    if one == "total" || one == "altogether" || one == "in" && matches!(two, "all" | "total") {
        return Kind::Total;
    }
    if !is_money && (SHARES.contains(&one) || phrase.is_symbol(next)) && !written.starts_with('@') {
        return Kind::Quantity;
    }
    let before = |back: usize| at.checked_sub(back).map_or("", |at| phrase.word(at));
    if written.starts_with('@') || matches!(before(1), "at" | "each") {
        return Kind::Limit;
    }
    let mut back = 1;
    while FILLER.contains(&before(back)) {
        back += 1;
    }
    match before(back) {
        "limit" | "price" => Kind::Limit,
        word if is_money || SUM.contains(&word) || (back > 1 && SUM.contains(&before(1))) => Kind::Total,
        _ => Kind::Quantity,
    }
}
