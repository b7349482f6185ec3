//! The stages that ship, from identity to detectors, as the analyst calls them.

use std::sync::Arc;
use weir_detect::{Engine, Thresholds};
use weir_exchange::{Catalogue, DataItem, Exchange};
use weir_identity::Directory;
use weir_inventory::Inventory;
use weir_model::{InterfaceId, Known, Observation, People, RiskSource};
use weir_place::Places;
use weir_wire::{Duration, Timestamp};

/// How often detectors look at the clock.
const TICK: Duration = Duration::from_secs(10);

/// What the analyst has.
pub struct Stages {
    pub catalogue: Arc<Catalogue>,
    pub inventory: Inventory,
    pub directory: Directory,
    pub engine: Engine,
    pub clock: Timestamp,
    ticked: Timestamp,
}

impl Stages {
    /// With the defaults that ship, knowing who has accounts.
    pub fn new(catalogue: Arc<Catalogue>, people: People) -> Stages {
        let thresholds = Thresholds::default();
        let grading = thresholds.grading();
        let inventory = weir_inventory::Config { grading, ..weir_inventory::Config::default() };
        let mut directory =
            Directory::new(weir_identity::Config::default()).with_places(Arc::new(Places::default()));
        directory.know(Arc::new(people));
        Stages {
            catalogue,
            inventory: Inventory::new(inventory),
            directory,
            engine: Engine::new(thresholds),
            clock: Timestamp::default(),
            ticked: Timestamp::default(),
        }
    }

    /// Takes one exchange through all stages.
    pub fn observe(&mut self, x: &Exchange) {
        self.clock = self.clock.max(x.emitted);
        if self.clock.since(self.ticked) >= TICK {
            self.ticked = self.clock;
            self.engine.tick(self.clock, &known(&self.inventory, &self.directory));
        }
        let site = self.inventory.site(x);
        let who = self.directory.observe(x, site, &self.catalogue);
        let placed =
            self.inventory.observe(x, site, who.caller, who.authenticated, who.login, &self.catalogue);
        for (from, into) in self.inventory.take_merges() {
            self.engine.merged(from, into);
        }
        let without = self.without_rejected(x, placed.interface);
        let x = without.as_ref().unwrap_or(x);
        if let Some(account) = who.account.filter(|_| !x.data.is_empty()) {
            self.directory.saw(account, x.time, &x.data, &self.catalogue);
        }
        let seen = Observation {
            exchange: x,
            catalogue: &self.catalogue,
            site,
            interface: placed.interface.map(|i| self.inventory.resolve(i)),
            caller: who.caller,
            account: who.account,
            login: who.login,
            authenticated: who.authenticated,
            path_values: &placed.path_values,
        };
        self.engine.inspect(&seen, &known(&self.inventory, &self.directory));
    }

    fn without_rejected(&self, x: &Exchange, interface: Option<InterfaceId>) -> Option<Exchange> {
        let interface = self.inventory.interfaces().get(self.inventory.resolve(interface?).index())?;
        let rule = &self.inventory.config().grading.columns;
        let rejected = |d: &DataItem| interface.rejects(d.place.response, &d.path, d.data_type, d.form, rule);
        if interface.columns.is_empty() || !x.data.iter().any(rejected) {
            return None;
        }
        let mut without = x.clone();
        without.data.retain(|d| !rejected(d));
        Some(without)
    }

    /// What is known.
    pub fn known(&self) -> Known<'_> {
        known(&self.inventory, &self.directory)
    }

    /// Every risk source so far.
    pub fn risk_sources(&self) -> Vec<RiskSource> {
        self.engine.risk_sources(&self.known(), &self.inventory.config().grading.columns)
    }
}

fn known<'a>(inventory: &'a Inventory, directory: &'a Directory) -> Known<'a> {
    Known {
        sites: inventory.sites(),
        interfaces: inventory.interfaces(),
        callers: directory.callers(),
        accounts: directory.accounts(),
        encrypted: inventory.encrypted(),
    }
}
