//! Checks that made-up data has every variant of an enum. A new variant doesn't compile without a pattern here, and
//! fails the test until a page shows it.

/// Fails unless each pattern matches one of the values.
macro_rules! every {
    ($values:expr, $kind:ty: $($pattern:pat),* $(,)?) => {{
        let name = |one: &$kind| -> &'static str { match one { $($pattern => stringify!($pattern)),* } };
        let seen: std::collections::BTreeSet<&str> = $values.iter().map(name).collect();
        let missing: Vec<&str> = [$(stringify!($pattern)),*].into_iter().filter(|name| !seen.contains(name)).collect();
        assert!(missing.is_empty(), "no page shows {missing:?}");
    }};
}
pub(crate) use every;
