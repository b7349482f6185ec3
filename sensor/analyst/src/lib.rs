//! The analyst: puts each exchange in its place, then has it judged.
//!
//! ```text
//! Exchange --> legs --> site --> caller, account --> interface --> columns --> detectors --> RiskSource
//!            (identity)  (inventory)  (identity)  (inventory)             (detect)
//! ```
//! One thread owns all of this. Exchanges come in one fixed order, so what is learned does not depend on the number of lanes. Time is that
//! of the exchanges; nothing here reads a clock.

mod state;

pub use state::{Forgotten, State};

use std::sync::Arc;
use weir_detect::{Connected, Engine, Thresholds};
use weir_exchange::{Catalogue, Connection, DataItem, Exchange, Resolved};
use weir_identity::{Directory, Legs, Trust};
use weir_inventory::{Decided, Inventory};
use weir_model::{Grading, InterfaceId, Known, Leg, Observation, Origin, People, Register, RiskSource};
use weir_place::Places;
use weir_registry::{List, Listed};
use weir_report::Tally;
use weir_wire::{Duration, Timestamp};

/// How often detectors look at the clock, in packet time.
const TICK: Duration = Duration::from_secs(10);

/// Everything known of the exchanges so far.
pub struct Analyst {
    catalogue: Arc<Catalogue>,
    inventory: Inventory,
    directory: Directory,
    engine: Engine,
    legs: Legs,
    /// What is passed on at the moment.
    passing: Vec<(Box<Exchange>, Leg)>,
    places: Arc<Places>,
    tally: Tally,
    clock: Timestamp,
    ticked: Timestamp,
}

/// Where an exchange belongs, for its record.
pub struct Place {
    /// Interface, provisional until the run is over.
    pub interface: Option<InterfaceId>,
    /// Name of the account it was made under.
    pub account: Option<Box<str>>,
    /// Who sent it.
    pub origin: Origin,
    /// What it is of a call; a further leg belongs nowhere by itself.
    pub leg: Leg,
}

impl Analyst {
    /// Knowing nothing.
    pub fn new(catalogue: Arc<Catalogue>, thresholds: Thresholds, places: Arc<Places>) -> Self {
        Analyst::decided(catalogue, thresholds, places, Decided::default())
    }

    /// Knowing only what people decided.
    pub fn decided(
        catalogue: Arc<Catalogue>,
        thresholds: Thresholds,
        places: Arc<Places>,
        decided: Decided,
    ) -> Self {
        let grading = thresholds.grading();
        let inventory = weir_inventory::Config { grading, ..weir_inventory::Config::default() };
        Analyst {
            catalogue,
            inventory: Inventory::decided(inventory, decided),
            directory: Directory::new(weir_identity::Config::default()).with_places(places.clone()),
            places,
            engine: Engine::new(thresholds),
            legs: Legs::default(),
            passing: Vec::new(),
            tally: Tally::default(),
            clock: Timestamp::default(),
            ticked: Timestamp::default(),
        }
    }

    /// Believes the peers of `trust` when they name clients.
    pub fn trusting(mut self, trust: Trust) -> Self {
        self.directory = self.directory.trusting(trust);
        self
    }

    /// Says who has accounts by `people` from now on.
    pub fn know(&mut self, people: Arc<People>) {
        self.directory.know(people);
    }

    /// Compares interfaces with the registered list from now on; with none, nothing of it is judged.
    pub fn register(&mut self, list: Option<&List>) {
        self.engine.register(list.map(|l| Arc::new(Listed::new(l)) as Arc<dyn Register>));
    }

    /// Takes in an exchange, in the order in which they became over. `pass` is given each that is in its place by now: this one, or
    /// earlier ones that waited to be told from legs of one call.
    pub fn take(&mut self, x: Box<Exchange>, pass: &mut impl FnMut(Exchange, Place)) {
        let mut passing = std::mem::take(&mut self.passing);
        self.legs.take(x, &mut |x, leg| passing.push((x, leg)));
        self.place(&mut passing, pass);
        self.passing = passing;
    }

    /// Gives `pass` all that still waits: nothing more comes for now.
    pub fn let_go(&mut self, pass: &mut impl FnMut(Exchange, Place)) {
        let mut passing = std::mem::take(&mut self.passing);
        self.legs.finish(&mut |x, leg| passing.push((x, leg)));
        self.place(&mut passing, pass);
        self.passing = passing;
    }

    /// Puts calls in their places. Further legs, which follow their first one, are from where that is from, and count no more.
    fn place(&mut self, calls: &mut Vec<(Box<Exchange>, Leg)>, pass: &mut impl FnMut(Exchange, Place)) {
        let mut origin = None;
        for (x, leg) in calls.drain(..) {
            let place = match leg {
                Leg::Further { .. } => {
                    self.tally.further_legs += 1;
                    let origin = origin.unwrap_or(Origin::direct(x.flow.client.ip));
                    Place { interface: None, account: None, origin, leg }
                }
                Leg::Only | Leg::First { .. } => self.observe(&x, leg),
            };
            origin = Some(place.origin);
            pass(*x, place);
        }
    }

    /// Learns from one exchange and has it judged.
    fn observe(&mut self, x: &Exchange, leg: Leg) -> Place {
        self.pass_time(x.emitted);
        let site = self.inventory.site(x);
        let who = self.directory.observe(x, site, &self.catalogue);
        let placed =
            self.inventory.observe(x, site, who.caller, who.authenticated, who.login, &self.catalogue);
        if let Leg::First { upstream, proof } = leg {
            self.inventory.passed_on(site, x, upstream, proof);
        }
        self.follow_merges();
        self.tally.add(x, who.caller, placed.interface);
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
        let known = known(&self.inventory, &self.directory);
        self.engine.inspect(&seen, &known);
        let account = who.account.and_then(|a| known.account(a)).map(|a| a.name.clone());
        Place { interface: placed.interface, account, origin: who.origin, leg }
    }

    /// Learns from an encrypted connection, whether or not it could be read, and has it judged.
    pub fn connection(&mut self, c: &Connection) {
        self.pass_time(c.emitted);
        let service = self.inventory.connection(c);
        // A site is made of what was called, or is weak: not of every name that is asked for.
        if service.is_some_and(|n| self.is_weak(n)) {
            let site = self.inventory.site_of_connection(c);
            let known = known(&self.inventory, &self.directory);
            if let Some(service) = service.and_then(|n| known.encrypted.get(n)) {
                self.engine.connection(&Connected { connection: c, service, site }, &known);
            }
        }
    }

    /// Learns a name that clients asked for, and an address that it stands for.
    pub fn resolved(&mut self, r: &Resolved) {
        self.inventory.resolved(r);
    }

    fn is_weak(&self, service: usize) -> bool {
        self.inventory.encrypted().get(service).is_some_and(|s| !s.weaknesses().is_empty())
    }

    /// The exchange without what was found in columns that are something else by now; `None` where nothing was.
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

    /// Lets detectors that judge over time look at the clock.
    fn pass_time(&mut self, now: Timestamp) {
        self.clock = self.clock.max(now);
        if self.clock.since(self.ticked) >= TICK {
            self.ticked = self.clock;
            self.engine.tick(self.clock, &known(&self.inventory, &self.directory));
        }
    }

    /// Tells the detectors which interfaces turned out to be one.
    fn follow_merges(&mut self) {
        for (from, into) in self.inventory.take_merges() {
            self.engine.merged(from, into);
        }
    }

    /// The exchanges are over: settles templates and judges what is judged over the whole period.
    pub fn finish(&mut self) {
        self.inventory.settle();
        self.follow_merges();
        self.engine.finish(self.clock, &known(&self.inventory, &self.directory));
    }

    /// The directories.
    pub fn known(&self) -> Known<'_> {
        known(&self.inventory, &self.directory)
    }
    /// The interface that an id handed out earlier stands for now.
    pub fn resolve(&self, id: InterfaceId) -> InterfaceId {
        self.inventory.resolve(id)
    }
    /// By what interfaces are graded and columns judged.
    pub fn grading(&self) -> Grading {
        self.inventory.config().grading
    }
    /// How many risk sources were found; [`risk_sources`](Self::risk_sources) costs more.
    pub fn sources_found(&self) -> usize {
        self.engine.known_sources()
    }
    /// The time of the newest exchange.
    pub fn now(&self) -> Timestamp {
        self.clock
    }
    /// Every risk source found.
    pub fn risk_sources(&self) -> Vec<RiskSource> {
        self.engine.risk_sources(&self.known(), &self.inventory.config().grading.columns)
    }
    /// Names and grades of data types and signals.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
    /// Goes on with other rules' names and grades; the numbers of those so far must stay theirs.
    pub fn set_catalogue(&mut self, catalogue: Arc<Catalogue>) {
        self.catalogue = catalogue;
    }
    /// Obeys what people decided from now on, in the place of what they decided before.
    pub fn decide(&mut self, decided: Decided) {
        self.inventory.decide(decided);
    }
    /// What says where addresses are.
    pub fn places(&self) -> &Places {
        &self.places
    }
    /// Totals.
    pub fn tally(&self) -> &Tally {
        &self.tally
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
