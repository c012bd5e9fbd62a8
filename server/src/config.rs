//! The configuration: the built-in files, and the operator's `mandate.toml` on top (docs/CONFIGURATION.md).

pub mod agent;
mod check;
pub mod keys;
pub mod limits;
pub mod part;
pub mod read;
pub mod secret;
pub mod source;
pub mod tables;

use foundation::site::Site;

use limits::Limits;
use part::Part;
use source::{Fault, Faults, Source};

/// The built-in files.
const MANDATE: (&str, &str) = ("built-in mandate.toml", include_str!("config/builtin/mandate.toml"));
const DEMO: (&str, &str) = ("built-in demo.toml", include_str!("config/builtin/demo.toml"));
const STOCKTRADE: (&str, &str) = ("built-in stocktrade.toml", include_str!("config/builtin/stocktrade.toml"));
const STOCKTRADE_API: (&str, &str) =
    ("built-in stocktrade_api.toml", include_str!("config/builtin/stocktrade_api.toml"));

/// The program's configuration.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Mandate identity and the agent.
    pub mandate: Part,
    /// StockTrade's provider.
    pub stocktrade: Part,
    /// Whether this instance has StockTrade.
    pub has_stocktrade: bool,
    pub limits: Limits,
    /// The operator's file.
    pub file: Option<String>,
}

/// The sites' public addresses, which texts in a file refer to by name.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<'a> {
    pub agent: &'a Site,
    pub identity: &'a Site,
    pub broker: &'a Site,
}

impl Configuration {
    /// # Errors
    /// Every mistake in the operator's file.
    pub fn read(file: Option<Source>, addresses: Addresses<'_>) -> Result<Self, Faults> {
        let fill = |text: &str| addresses.fill(text);
        let mut faults = Vec::new();
        let mut read = |source: Source| {
            let (layer, wrong) = read::read(source, &fill);
            faults.extend(wrong);
            layer
        };
        let name = file.as_ref().map(|file| file.name.clone());
        let operators = file.map(&mut read).unwrap_or_default();
        let has_stocktrade = operators.demo.as_ref().is_none_or(|demo| demo.table.stocktrade);
        let limits = operators.limits.clone();
        let mut mandate = vec![read(built_in(MANDATE))];
        if has_stocktrade {
            mandate.extend([read(built_in(STOCKTRADE_API)), read(built_in(DEMO))]);
        }
        mandate.push(operators);
        let stocktrade = vec![read(built_in(STOCKTRADE_API)), read(built_in(STOCKTRADE))];
        let mandate = Part::of(mandate, &mut faults);
        let stocktrade = Part::of(stocktrade, &mut faults);
        // A mismatch may only follow from a table that couldn't be read.
        if faults.is_empty() {
            faults.extend(check::part(&mandate));
            faults.extend(check::part(&stocktrade));
        }
        if faults.is_empty() {
            Ok(Self { mandate, stocktrade, has_stocktrade, limits, file: name })
        } else {
            faults.sort_by_key(Fault::order);
            Err(Faults(faults))
        }
    }
}

fn built_in((name, text): (&str, &str)) -> Source {
    Source { name: name.to_owned(), text: text.to_owned() }
}

impl Addresses<'_> {
    /// Replaces the name of a site at the beginning of a text by its address.
    fn fill(&self, text: &str) -> Option<String> {
        let sites = [("{agent}", self.agent), ("{identity}", self.identity), ("{broker}", self.broker)];
        sites.into_iter().find_map(|(name, site)| {
            let rest = text.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", site.origin()))
        })
    }
}

#[cfg(test)]
mod tests;
