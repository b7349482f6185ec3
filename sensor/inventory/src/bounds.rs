//! Capacities, and what found no room.

use serde::{Deserialize, Serialize};
use weir_model::Grading;

/// Capacities of the tables; fixed at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Most sites told apart; later ones share one entry for all others.
    pub sites: usize,
    /// Most interfaces ever made, merged ones among them.
    pub interfaces: usize,
    /// Most path nodes of all sites; later paths share the `{rest}` of the deepest node they reach.
    pub nodes: usize,
    /// Most path nodes of one site: what a scanner of one site can take from the others.
    pub nodes_per_site: usize,
    /// Most literal children of one path node; later ones share `{rest}` below it.
    pub children: usize,
    /// Most literal children of one path node made by requests that found nothing there (404, 405); later ones share `{rest}`.
    pub guesses: usize,
    /// By what interfaces are graded and columns judged.
    pub grading: Grading,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            sites: 4_096,
            interfaces: 65_536,
            nodes: 262_144,
            nodes_per_site: 16_384,
            children: 512,
            guesses: 64,
            grading: Grading::default(),
        }
    }
}

/// How full the tables are and what found no room.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Stats {
    /// Exchanges of sites beyond the capacity.
    pub sites_overflow: u64,
    /// Exchanges whose paths found no room and went to a `{rest}`.
    pub paths_overflow: u64,
    /// Exchanges without an interface, as there was no room.
    pub interfaces_overflow: u64,
    /// Encrypted connections of services beyond the capacity.
    pub encrypted_overflow: u64,
    /// Interfaces united with others.
    pub merged: u64,
}
