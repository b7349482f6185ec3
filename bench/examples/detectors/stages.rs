//! The stages before the detectors, and the detectors, apart.

use std::sync::Arc;
use weir_detect::{Engine, Thresholds};
use weir_exchange::{Catalogue, Exchange};
use weir_identity::Directory;
use weir_inventory::{Inventory, PathValues};
use weir_model::{AccountId, CallerId, InterfaceId, Known, LoginOutcome, Observation, SiteId};
use weir_wire::{Duration, Timestamp};

/// How often detectors look at the clock.
const TICK: Duration = Duration::from_secs(10);

/// An exchange in its place.
pub struct Placed {
    exchange: Exchange,
    site: SiteId,
    interface: Option<InterfaceId>,
    caller: CallerId,
    account: Option<AccountId>,
    login: Option<LoginOutcome>,
    authenticated: bool,
    path_values: PathValues,
}

/// What the analyst has, with its defaults.
pub struct Stages {
    pub catalogue: Arc<Catalogue>,
    inventory: Inventory,
    directory: Directory,
    pub engine: Engine,
    ticked: Timestamp,
}

impl Stages {
    /// Knowing nothing.
    pub fn new(catalogue: Arc<Catalogue>) -> Stages {
        let thresholds = Thresholds::default();
        let inventory =
            weir_inventory::Config { grading: thresholds.grading(), ..weir_inventory::Config::default() };
        Stages {
            catalogue,
            inventory: Inventory::new(inventory),
            directory: Directory::new(weir_identity::Config::default()),
            engine: Engine::new(thresholds),
            ticked: Timestamp::default(),
        }
    }

    /// Says where an exchange belongs.
    pub fn place(&mut self, exchange: Exchange) -> Placed {
        let site = self.inventory.site(&exchange);
        let who = self.directory.observe(&exchange, site, &self.catalogue);
        let placed = self.inventory.observe(
            &exchange,
            site,
            who.caller,
            who.authenticated,
            who.login,
            &self.catalogue,
        );
        for (from, into) in self.inventory.take_merges() {
            self.engine.merged(from, into);
        }
        Placed {
            exchange,
            site,
            interface: placed.interface.map(|i| self.inventory.resolve(i)),
            caller: who.caller,
            account: who.account,
            login: who.login,
            authenticated: who.authenticated,
            path_values: placed.path_values,
        }
    }

    /// Has it judged.
    pub fn judge(&mut self, x: &Placed) {
        let known = Known {
            sites: self.inventory.sites(),
            interfaces: self.inventory.interfaces(),
            callers: self.directory.callers(),
            accounts: self.directory.accounts(),
            encrypted: self.inventory.encrypted(),
        };
        if x.exchange.emitted.since(self.ticked) >= TICK {
            self.ticked = x.exchange.emitted;
            self.engine.tick(self.ticked, &known);
        }
        let seen = Observation {
            exchange: &x.exchange,
            catalogue: &self.catalogue,
            site: x.site,
            interface: x.interface,
            caller: x.caller,
            account: x.account,
            login: x.login,
            authenticated: x.authenticated,
            path_values: &x.path_values,
        };
        self.engine.inspect(&seen, &known);
    }
}
