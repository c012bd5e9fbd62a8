//! The companies on the market, all of them invented.

/// The facts about a stock that don't change.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) symbol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) sector: &'static str,
    pub(crate) about: &'static str,
}

/// The price of every newly listed stock, in cents.
pub(crate) const FIRST_PRICE: i64 = 10_000;

const fn listing(symbol: &'static str, name: &'static str, sector: &'static str, about: &'static str) -> Listing {
    Listing { symbol, name, sector, about }
}

pub(crate) const LISTINGS: &[Listing] = &[
    listing("ACME", "Acme Corporation", "Retail", "Mail-order goods for every purpose, anvils and rockets included."),
    listing("CYBER", "Cyberdyne Systems", "Technology", "Processors and robots that learn."),
    listing("GLOBEX", "Globex Corporation", "Industry", "Engineering at a large scale, with a friendly management."),
    listing("HOOLI", "Hooli", "Technology", "Search, phones and cloud storage."),
    listing("INITECH", "Initech", "Technology", "Software for banks, and many reports about it."),
    listing("LEX", "LexCorp", "Industry", "Energy, aerospace and property from Metropolis."),
    listing("OSC", "Oscorp", "Health", "Genetics and chemistry for medicine."),
    listing("SOYLENT", "Soylent", "Food", "Food from plankton, in several colours."),
    listing("STARK", "Stark Industries", "Energy", "Clean energy from small reactors."),
    listing("TYRELL", "Tyrell Corporation", "Technology", "Artificial people, made to order."),
    listing("WAYNE", "Wayne Enterprises", "Conglomerate", "Shipping, medicine and technology from Gotham City."),
    listing("WONKA", "Wonka Industries", "Food", "Sweets and chocolate from a single factory."),
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
