//! The inventory: places each exchange, and unites what turns out to be one.

mod decide;
mod operation;
mod place;
mod remember;
mod unite;

use crate::bounds::{Config, Stats};
use crate::encrypted::Encrypted;
use crate::form::Shown;
use crate::lists::FieldNames;
use crate::merge::United;
use crate::path::{Path, Segment};
use crate::pins::{Decided, Pins, Rule, Step};
use crate::record::Met;
use crate::sameness::{Given, Sameness};
use crate::site::Sites;
use crate::standing::{Standing, is_gate, standing};
use crate::tree::{NodeId, Profile, ROOT, SLOTS, Slot, Tree};
use crate::{form, record, sameness, schema, versions};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use weir_exchange::{Catalogue, Connection, Exchange, Fingerprinter, Request, Resolved, Text};
use weir_model::{
    Authentication, CallerId, EncryptedService, Interface, InterfaceForm, InterfaceId, InterfaceState,
    LoginOutcome, Proof, Ruling, Shelf, Site, SiteId,
};
use weir_wire::Endpoint;

/// Most account names remembered of a site.
const ACCOUNTS: usize = 4_096;

/// Good replies of an operation whose field names are learned.
const SETTLED: u64 = 64;

/// Values of variable path segments, with their names.
pub type PathValues = SmallVec<[(Text, Text); 2]>;

/// Where an exchange belongs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Placed {
    /// Its interface, provisional: see [`Inventory::resolve`]. `None` for a lone response, or where the tables are full.
    pub interface: Option<InterfaceId>,
    /// Values of the variable path segments, in order, with their names in the template (`id`, `1001`). They may be sensitive.
    pub path_values: PathValues,
}

/// What the inventory keeps of an interface beside its record.
#[derive(Debug, Serialize, Deserialize)]
struct Home {
    node: NodeId,
    shown: Shown,
    now: InterfaceId,
    /// Lists of names are known by their places in memory, so they are met anew.
    #[serde(skip)]
    met: Met,
}

/// What the inventory keeps of a site beside its record.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Plan {
    tree: Tree,
    accounts: BTreeSet<u64>,
    sameness: Sameness,
}

/// The inventory of sites and interfaces.
#[derive(Debug)]
pub struct Inventory {
    config: Config,
    sites: Sites,
    encrypted: Encrypted,
    plans: Vec<Plan>,
    nodes: usize,
    interfaces: Vec<Interface>,
    homes: Vec<Home>,
    names_of_fields: FieldNames,
    merges: United,
    stats: Stats,
    pins: Pins,
    names: BTreeMap<Box<str>, Box<str>>,
    rulings: BTreeMap<Box<str>, Ruling>,
    digests: Fingerprinter,
}

impl Inventory {
    /// An empty inventory.
    pub fn new(config: Config) -> Self {
        Inventory {
            config,
            sites: Sites::default(),
            encrypted: Encrypted::default(),
            plans: Vec::new(),
            nodes: 0,
            interfaces: Vec::new(),
            homes: Vec::new(),
            names_of_fields: FieldNames::default(),
            merges: Vec::new(),
            stats: Stats::default(),
            pins: Pins::default(),
            names: BTreeMap::new(),
            rulings: BTreeMap::new(),
            // Keys must be the same in every run, so this key is no secret; nothing sensitive is digested under it.
            digests: Fingerprinter::new([0; 16]),
        }
    }

    /// An empty inventory that obeys what a person decided.
    pub fn decided(config: Config, decided: Decided) -> Self {
        let mut inventory = Inventory::new(config);
        inventory.decide(decided);
        inventory
    }

    /// The site of an exchange, made where it is new.
    pub fn site(&mut self, x: &Exchange) -> SiteId {
        let id = self.sites.of(x, self.config.sites);
        self.plan();
        id
    }

    /// Takes in a name that clients asked for, and an address that it stands for: sites and services at that address are told with it.
    pub fn resolved(&mut self, r: &Resolved) {
        self.sites.names.add(r);
    }

    /// The site of an encrypted connection, made where it is new.
    pub fn site_of_connection(&mut self, c: &Connection) -> SiteId {
        let id = self.sites.of_connection(c, self.config.sites);
        self.plan();
        id
    }

    /// Notes that a call of a site was seen once more, on its way to `upstream`.
    pub fn passed_on(&mut self, site: SiteId, x: &Exchange, upstream: Endpoint, proof: Proof) {
        self.sites.passed_on(site, x, upstream, proof);
    }

    /// Takes in an encrypted connection; the position of its service in [`Inventory::encrypted`], `None` where there is no room.
    pub fn connection(&mut self, c: &Connection) -> Option<usize> {
        let service = self.encrypted.add(c, &self.sites.names);
        self.stats.encrypted_overflow = self.encrypted.overflow;
        service
    }

    /// Encrypted services, in order of their first connection.
    pub fn encrypted(&self) -> &[EncryptedService] {
        &self.encrypted.list
    }

    /// Makes room for the interfaces of new sites.
    fn plan(&mut self) {
        self.stats.sites_overflow = self.sites.overflow;
        while self.plans.len() < self.sites.list.len() {
            self.plans.push(Plan::default());
            self.nodes += 1;
        }
    }

    /// Takes in one exchange and says which interface it called. `site` is what [`Inventory::site`] gave for it; `authenticated`
    /// and `login` are what the directory of identities says of it.
    pub fn observe(
        &mut self,
        x: &Exchange,
        site: SiteId,
        caller: CallerId,
        authenticated: bool,
        login: Option<LoginOutcome>,
        catalogue: &Catalogue,
    ) -> Placed {
        let Some(request) = &x.request else { return Placed::default() };
        if site.index() >= self.plans.len() {
            return Placed::default();
        }
        if login == Some(LoginOutcome::Success) {
            self.remember_account(site, request);
        }
        let path = Path::of(&request.target);
        let standing = standing(x, request);
        let before = self.nodes;
        let node = self.node(site, &path, request, standing == Standing::Absent);
        let method = self.method(site, node, request);
        let operation = self.operation(site, node, method, x, request);
        let Some(slot) = self.slot(site, node, &path, x, request, (method, operation)) else {
            self.stats.interfaces_overflow += 1;
            return Placed::default();
        };
        let first_good = self.learn(site, node, slot, x, standing);
        let id = self.slot_interface(site, node, slot);
        let shown = form::form(x, request, path.end());
        if let (Some(i), Some(home)) = (self.interfaces.get_mut(id.index()), self.homes.get_mut(id.index())) {
            let by = (catalogue, &self.config.grading);
            record::add(i, &mut home.met, x, request, (caller, authenticated), by);
            let selected = request.operation.is_empty() && !i.operation_name.is_empty();
            let shown = if selected && shown.worth < 7 { Shown::SELECTED } else { shown };
            if shown.worth > home.shown.worth {
                home.shown = shown;
                self.refresh(site, node);
            }
        }
        if first_good || self.nodes > before {
            self.unite_above(site, node);
        }
        let id = self.resolve(id);
        let values = self.homes.get(id.index()).map(|h| self.values(site, h.node, &path)).unwrap_or_default();
        if let Some(i) = self.interfaces.get_mut(id.index()) {
            schema::add(i, x, request, &values);
        }
        Placed { interface: Some(id), path_values: values }
    }

    /// The interface that an id handed out earlier stands for now.
    pub fn resolve(&self, id: InterfaceId) -> InterfaceId {
        let mut at = id;
        // Every step goes to a smaller id, so this ends.
        while let Some(home) = self.homes.get(at.index())
            && home.now < at
        {
            at = home.now;
        }
        at
    }

    /// Interfaces united since the last call, each as (from, into), in the order in which they were.
    pub fn take_merges(&mut self) -> Vec<(InterfaceId, InterfaceId)> {
        std::mem::take(&mut self.merges)
    }

    /// Unites what is alike by now and brings the templates' evidence up to date. Call it before the interfaces are written out,
    /// and [`Inventory::take_merges`] after it.
    pub fn settle(&mut self) {
        for at in 0..self.plans.len() {
            let site = SiteId(u32::try_from(at).unwrap_or(u32::MAX));
            self.unite_below(site, ROOT);
            self.refresh_below(site, ROOT);
        }
        let live: Vec<usize> = (0..self.interfaces.len()).filter(|i| self.is_own(*i)).collect();
        versions::supersede(&mut self.interfaces, &live);
    }

    /// Whether an interface was not united with another.
    fn is_own(&self, at: usize) -> bool {
        self.homes.get(at).is_some_and(|h| h.now.index() == at)
    }

    /// The node of a path: by what a person decided, else by what is learned.
    fn node(&mut self, site: SiteId, path: &Path<'_>, request: &Request, absent: bool) -> NodeId {
        if !self.pins.is_empty()
            && let Some(host) = self.sites.list.get(site.index()).map(|s| &s.host)
            && let Some(rule) = self.pins.rule(host, path).cloned()
        {
            return self.place_pinned(site, path, &rule);
        }
        // `/package.Service/Method` (gRPC over HTTP/2) has no values, however many methods a service has.
        let grpc = request.body.content_type.starts_with("application/grpc") && path.segments.len() == 2;
        if grpc && !absent && self.room(site) {
            let steps = path.segments.iter().map(|s| Step::Literal((*s.text).into())).collect();
            return self.place_pinned(site, path, &Rule { steps, note: "gRPC service and method".into() });
        }
        self.place(site, path, request, absent)
    }

    /// Interfaces by [`InterfaceId`]; those united with others stay, unused: list those that [`Inventory::resolve`] to themselves.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }
    /// Sites by [`SiteId`].
    pub fn sites(&self) -> &[Site] {
        &self.sites.list
    }
    /// Fill and overflow.
    pub fn stats(&self) -> Stats {
        self.stats
    }
    /// The capacities in force.
    pub fn config(&self) -> Config {
        self.config
    }

    fn remember_account(&mut self, site: SiteId, request: &Request) {
        let named = request.login.as_ref().and_then(|l| l.account.as_deref());
        let basic = request.credentials.iter().find_map(|c| c.account.as_deref());
        let Some(name) = named.or(basic).filter(|n| !n.is_empty()) else { return };
        let digest = self.digest(name);
        if let Some(plan) = self.plans.get_mut(site.index())
            && plan.accounts.len() < ACCOUNTS
        {
            plan.accounts.insert(digest);
        }
    }

    fn digest(&self, value: &str) -> u64 {
        self.digests.of("segment", value.as_bytes()).0
    }

    /// The method that the application acts on: that of an override header where the path has no operation of the method sent.
    fn method<'r>(&self, site: SiteId, node: NodeId, request: &'r Request) -> &'r str {
        const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
        let known = |m: &str| {
            let slots = self.plans.get(site.index()).map(|p| &p.tree.node(node).slots);
            slots.is_some_and(|s| s.iter().any(|s| &*s.method == m && s.profile.answers))
        };
        let meant = request
            .method_override
            .as_deref()
            .and_then(|o| METHODS.iter().find(|m| m.eq_ignore_ascii_case(o)));
        match meant {
            Some(meant) if !known(&request.method) => meant,
            _ => &request.method,
        }
    }

    /// The operation of a node, made where it is new; `None` where there is no room.
    fn slot(
        &mut self,
        site: SiteId,
        node: NodeId,
        path: &Path<'_>,
        x: &Exchange,
        request: &Request,
        (method, operation): (&str, &str),
    ) -> Option<usize> {
        let tree = &mut self.plans.get_mut(site.index())?.tree;
        let slots = &tree.node(node).slots;
        let same = |s: &Slot| &*s.method == method && &*s.operation == operation;
        if let Some(at) = slots.iter().position(same) {
            return Some(at);
        }
        if slots.len() >= SLOTS {
            // Invented operation names share the first operation of the method.
            return slots.iter().position(|s| &*s.method == method);
        }
        if self.interfaces.len() >= self.config.interfaces {
            return None;
        }
        let id = InterfaceId(u32::try_from(self.interfaces.len()).ok()?);
        tree.node_mut(node).slots.push(Slot {
            method: method.into(),
            operation: operation.into(),
            interface: id,
            slash: path.slash,
            profile: Profile::default(),
        });
        let does = form::operation(request, operation, method, path.end());
        self.interfaces.push(blank(site, x, (method, operation), does));
        self.homes.push(Home { node, shown: Shown::NOTHING, now: id, met: Met::default() });
        self.refresh(site, node);
        self.plans.get(site.index()).map(|p| p.tree.node(node).slots.len() - 1)
    }

    fn slot_interface(&self, site: SiteId, node: NodeId, slot: usize) -> InterfaceId {
        let slot = self.plans.get(site.index()).and_then(|p| p.tree.node(node).slots.get(slot));
        slot.map_or(InterfaceId(0), |s| s.interface)
    }

    /// Takes a reply into the operation's profile. Says whether it is its first good one.
    fn learn(&mut self, site: SiteId, node: NodeId, slot: usize, x: &Exchange, standing: Standing) -> bool {
        let Some(plan) = self.plans.get_mut(site.index()) else { return false };
        let Some(slot) = plan.tree.node_mut(node).slots.get_mut(slot) else { return false };
        let p = &mut slot.profile;
        let was = (p.answers, p.refuses, p.good > 0);
        let before = Given::of(p);
        p.calls += 1;
        p.answers |= standing == Standing::Answers;
        p.refuses |= standing == Standing::Refuses;
        if !p.passed && standing == Standing::Answers {
            p.passed = !is_gate(x);
        }
        if let (Some(reply), Standing::Answers) = (&x.response, standing)
            && (200..300).contains(&reply.status)
        {
            // Of settled operations whose replies have no look in common, names of fields tell nothing more.
            if p.good < SETTLED || p.looks != [0; 3] {
                let fields = self.names_of_fields.of(&reply.fields, &self.digests);
                p.show(
                    reply.body.kind,
                    if node == ROOT { [0; 3] } else { sameness::looks(x, fields.together) },
                );
                if p.good < SETTLED {
                    p.learn(&fields.digests);
                    p.rich |= fields.rich;
                }
            }
            p.good += 1;
        }
        let now = (p.answers, p.refuses, p.good > 0);
        let after = Given::of(p);
        if plan.sameness.changed(before, after) {
            self.refresh_below(site, ROOT);
        } else if (was.0, was.1) != (now.0, now.1) || before != after {
            self.refresh(site, node);
        }
        !was.2 && now.2
    }

    /// The values that a path has for the variables of its node.
    fn values(&self, site: SiteId, node: NodeId, path: &Path<'_>) -> PathValues {
        let Some(plan) = self.plans.get(site.index()) else { return PathValues::new() };
        let value = |(node, segment): (&NodeId, &Segment<'_>)| {
            let v = plan.tree.variable(*node)?;
            let plain = &*segment.plain;
            let value =
                plain.strip_prefix(&*v.prefix).and_then(|p| p.strip_suffix(&*v.suffix)).unwrap_or(plain);
            Some((Text::new_static(v.name()), value.into()))
        };
        plan.tree.chain(node).iter().zip(&path.segments).filter_map(value).collect()
    }
}

/// An interface's record before its first exchange.
fn blank(
    site: SiteId,
    x: &Exchange,
    (method, name): (&str, &str),
    operation: weir_model::Operation,
) -> Interface {
    Interface {
        key: "".into(),
        site,
        method: method.into(),
        template: "".into(),
        operation_name: name.into(),
        name: "".into(),
        evidence: Vec::new(),
        ruling: None,
        form: InterfaceForm::Rest,
        form_evidence: Vec::new(),
        operation,
        state: InterfaceState::Noise,
        shelf: Shelf::Noise,
        life: Default::default(),
        protocol: x.protocol.key(),
        first_seen: x.time,
        last_seen: x.ended,
        exchanges: 0,
        statuses: [0; 6],
        callers: BTreeSet::new(),
        authentication: Authentication::default(),
        params: BTreeSet::new(),
        fields: BTreeSet::new(),
        data: Default::default(),
        columns: Default::default(),
        subjects: Default::default(),
        schema: Default::default(),
        level: 1,
        response_bytes: 0,
        duration_nanos: 0,
    }
}
