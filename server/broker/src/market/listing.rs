//! The companies on the market, all of them invented.

use foundation::tr;

/// The facts about a stock that don't change.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sector: &'static str,
    pub(crate) about: &'static str,
    german: &'static str,
}

impl Listing {
    /// The company's description, in the reader's language.
    pub(crate) fn about(&self) -> &'static str {
        tr!(self.about, self.german)
    }

    /// The sector, in the reader's language.
    pub(crate) fn sector(&self) -> &'static str {
        let german = || match self.sector {
            "Retail" => "Handel",
            "Technology" => "Technik",
            "Industry" => "Industrie",
            "Health" => "Gesundheit",
            "Food" => "Nahrung",
            "Energy" => "Energie",
            "Conglomerate" => "Mischkonzern",
            other => other,
        };
        tr!(self.sector, german())
    }
}

/// The price of every newly listed stock, in cents.
pub(crate) const FIRST_PRICE: i64 = 10_000;

const fn listing(
    symbol: &'static str,
    name: &'static str,
    sector: &'static str,
    about: &'static str,
    german: &'static str,
) -> Listing {
    Listing { symbol, name, sector, about, german }
}

pub(crate) const LISTINGS: &[Listing] = &[
    listing(
        "ACME",
        "Acme Corporation",
        "Retail",
        "Mail-order goods for every purpose, anvils and rockets included.",
        "Versandhandel für jeden Zweck, Ambosse und Raketen eingeschlossen.",
    ),
    listing(
        "CYBER",
        "Cyberdyne Systems",
        "Technology",
        "Processors and robots that learn.",
        "Prozessoren und Roboter, die lernen.",
    ),
    listing(
        "GLOBEX",
        "Globex Corporation",
        "Industry",
        "Engineering at a large scale, with a friendly management.",
        "Ingenieurskunst in großem Maßstab, mit freundlicher Leitung.",
    ),
    listing(
        "HOOLI",
        "Hooli",
        "Technology",
        "Search, phones and cloud storage.",
        "Suche, Telefone und Speicher in der Cloud.",
    ),
    listing(
        "INITECH",
        "Initech",
        "Technology",
        "Software for banks, and many reports about it.",
        "Software für Banken, und viele Berichte darüber.",
    ),
    listing(
        "LEX",
        "LexCorp",
        "Industry",
        "Energy, aerospace and property from Metropolis.",
        "Energie, Luft- und Raumfahrt und Immobilien aus Metropolis.",
    ),
    listing("OSC", "Oscorp", "Health", "Genetics and chemistry for medicine.", "Genetik und Chemie für die Medizin."),
    listing(
        "SOYLENT",
        "Soylent",
        "Food",
        "Food from plankton, in several colours.",
        "Nahrung aus Plankton, in mehreren Farben.",
    ),
    listing(
        "STARK",
        "Stark Industries",
        "Energy",
        "Clean energy from small reactors.",
        "Saubere Energie aus kleinen Reaktoren.",
    ),
    listing(
        "TYRELL",
        "Tyrell Corporation",
        "Technology",
        "Artificial people, made to order.",
        "Künstliche Menschen, auf Bestellung gemacht.",
    ),
    listing(
        "WAYNE",
        "Wayne Enterprises",
        "Conglomerate",
        "Shipping, medicine and technology from Gotham City.",
        "Schifffahrt, Medizin und Technik aus Gotham City.",
    ),
    listing(
        "WONKA",
        "Wonka Industries",
        "Food",
        "Sweets and chocolate from a single factory.",
        "Süßes und Schokolade aus einer einzigen Fabrik.",
    ),
];

/// The company of a symbol.
pub(crate) fn find(symbol: &str) -> Option<&'static Listing> {
    LISTINGS.iter().find(|listing| listing.symbol == symbol)
}

/// The companies whose symbol starts with the query, or whose name contains it. Case doesn't matter.
pub(crate) fn search(query: &str) -> impl Iterator<Item = &'static Listing> {
    let query = query.trim().to_lowercase();
    LISTINGS.iter().filter(move |listing| {
        listing.symbol.to_lowercase().starts_with(&query) || listing.name.to_lowercase().contains(&query)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_one_and_listed_once() {
        for (at, listing) in LISTINGS.iter().enumerate() {
            assert!(listing.symbol.parse::<shared::money::Symbol>().is_ok(), "{}", listing.symbol);
            assert!(LISTINGS[at + 1..].iter().all(|other| other.symbol != listing.symbol), "{}", listing.symbol);
        }
    }

    #[test]
    fn a_search_finds_by_symbol_and_by_name() {
        let found = |query| search(query).map(|listing| listing.symbol).collect::<Vec<_>>();
        assert_eq!(found("way"), ["WAYNE"]);
        assert_eq!(found("industries"), ["STARK", "WONKA"]);
        assert_eq!(found(" Lexcorp "), ["LEX"]);
        assert!(found("gotham bank").is_empty());
    }
}
