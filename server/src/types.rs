//! The built-in types of `authorization_details`: those of StockTrade's API.

use std::sync::Arc;

use details::{Apis, Type};
use foundation::site::Site;

/// The API, at this broker.
pub(crate) fn apis(broker: &Site) -> Apis {
    let text = include_str!("types.toml").replace("https://broker.example/", &broker.at(""));
    Apis::parse(&text).expect("tests read the file, and a site's URL is one")
}

/// The types, with their addresses at this broker.
pub(crate) fn of(broker: &Site) -> Vec<Arc<Type>> {
    apis(broker).iter().flat_map(|api| api.types.clone()).collect()
}
