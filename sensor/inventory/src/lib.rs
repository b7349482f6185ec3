//! Which interfaces exist: sites, path templates, schemas, lifecycle.

use weir_exchange::{Catalogue, Exchange};
use weir_model::{CallerId, Interface, InterfaceId, LoginOutcome, Site, SiteId};

/// Capacities of the tables; fixed at start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Most sites told apart; later ones share one entry for all others.
    pub sites: usize,
    /// Most interfaces ever made, merged ones among them.
    pub interfaces: usize,
    /// Most path nodes of one site; later paths share `/{rest}`.
    pub nodes_per_site: usize,
    /// Most literal children of one path node; later ones share `{rest}` below it.
    pub children: usize,
}

impl Default for Config {
    fn default() -> Self {
        Config { sites: 4_096, interfaces: 65_536, nodes_per_site: 16_384, children: 512 }
    }
}

/// Where an exchange belongs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Placed {
    /// Its interface, provisional: see [`Inventory::resolve`]. `None` for a lone response, or where the tables are full.
    pub interface: Option<InterfaceId>,
    /// Values of the variable path segments, in order, with their names in the template (`id`, `1001`).
    pub path_values: Vec<(Box<str>, Box<str>)>,
}

/// How full the tables are and what found no room.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Exchanges of sites beyond the capacity.
    pub sites_overflow: u64,
    /// Exchanges whose paths found no room and went to a `{rest}`.
    pub paths_overflow: u64,
    /// Exchanges without an interface, as there was no room.
    pub interfaces_overflow: u64,
    /// Interfaces united with others.
    pub merged: u64,
}

/// The inventory of sites and interfaces.
#[derive(Debug)]
pub struct Inventory {
    config: Config,
    sites: Vec<Site>,
    interfaces: Vec<Interface>,
    stats: Stats,
}

impl Inventory {
    /// An empty inventory.
    pub fn new(config: Config) -> Self {
        Inventory { config, sites: Vec::new(), interfaces: Vec::new(), stats: Stats::default() }
    }
    /// The site of an exchange, made where it is new.
    pub fn site(&mut self, _x: &Exchange) -> SiteId {
        SiteId(0)
    }
    /// Takes in one exchange and says which interface it called.
    pub fn observe(
        &mut self,
        _x: &Exchange,
        _site: SiteId,
        _caller: CallerId,
        _authenticated: bool,
        _login: Option<LoginOutcome>,
        _catalogue: &Catalogue,
    ) -> Placed {
        Placed::default()
    }
    /// The interface that an id handed out earlier stands for now.
    pub fn resolve(&self, id: InterfaceId) -> InterfaceId {
        id
    }
    /// Interfaces united since the last call, each as (from, into).
    pub fn take_merges(&mut self) -> Vec<(InterfaceId, InterfaceId)> {
        Vec::new()
    }
    /// Brings templates' evidence up to date; call it before [`Inventory::interfaces`] is written out.
    pub fn settle(&mut self) {}
    /// Interfaces by [`InterfaceId`]; those united with others stay, unused: list those that [`Inventory::resolve`] to themselves.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }
    /// Sites by [`SiteId`].
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }
    /// Fill and overflow.
    pub fn stats(&self) -> Stats {
        self.stats
    }
    /// The capacities in force.
    pub fn config(&self) -> Config {
        self.config
    }
}
