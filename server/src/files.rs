//! The process's limit on open files: raised at the start, and divided among the sites' connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit to raise to: far more than the sites need.
const ENOUGH: u64 = 65_536;

/// Reserved for databases, requests to other sites, and the log.
const KEPT: u64 = 512;

/// Raises the soft limit as far as the hard limit allows; returns the resulting limit.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let (now, wanted) = (current.unwrap_or(u64::MAX), maximum.unwrap_or(ENOUGH).min(ENOUGH));
    if now >= wanted {
        return now;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, limit = now, "the limit of open files can't be raised");
            now
        }
    }
}

/// The connections that each of this many sites may have.
pub fn connections(files: u64, sites: usize) -> usize {
    let free = usize::try_from(files.saturating_sub(KEPT).max(files / 2)).unwrap_or(usize::MAX);
    (free / sites.max(1)).min(foundation::listen::Bounds::default().total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_share_the_open_files() {
        for (files, sites, each) in [(256, 1, 128), (1_024, 3, 170), (20_000, 3, 6_496), (1 << 20, 3, 10_000)] {
            assert_eq!(connections(files, sites), each, "{files} {sites}");
        }
    }
}
