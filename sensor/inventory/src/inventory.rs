//! The inventory: places each exchange, and unites what turns out to be one.

use crate::bounds::{Config, Stats};
use crate::merge::{self, United};
use crate::path::{Path, Segment};
use crate::shape::{self, Kind};
use crate::site::Sites;
use crate::standing::{Standing, standing};
use crate::tree::{Edge, NodeId, Profile, ROOT, SLOTS, Slot, Tree, VARIABLES, Variable};
use crate::{alike, form, record, words};
use std::collections::BTreeSet;
use weir_exchange::{Catalogue, Exchange, Fingerprinter, Request};
use weir_model::{
    Authentication, CallerId, Interface, InterfaceForm, InterfaceId, InterfaceState, LoginOutcome, Site,
    SiteId,
};

/// Most account names remembered of a site.
const ACCOUNTS: usize = 4_096;

/// Siblings are compared at each new one up to this many, then at each eighth.
const COMPARED_EACH: usize = 32;

/// Where an exchange belongs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Placed {
    /// Its interface, provisional: see [`Inventory::resolve`]. `None` for a lone response, or where the tables are full.
    pub interface: Option<InterfaceId>,
    /// Values of the variable path segments, in order, with their names in the template (`id`, `1001`). They may be sensitive.
    pub path_values: Vec<(Box<str>, Box<str>)>,
}

/// What the inventory keeps of an interface beside its record.
#[derive(Debug)]
struct Home {
    node: NodeId,
    worth: u8,
    now: InterfaceId,
}

/// What the inventory keeps of a site beside its record.
#[derive(Debug, Default)]
struct Plan {
    tree: Tree,
    accounts: BTreeSet<u64>,
}

/// The inventory of sites and interfaces.
#[derive(Debug)]
pub struct Inventory {
    config: Config,
    sites: Sites,
    plans: Vec<Plan>,
    nodes: usize,
    interfaces: Vec<Interface>,
    homes: Vec<Home>,
    merges: United,
    stats: Stats,
    digests: Fingerprinter,
}

impl Inventory {
    /// An empty inventory.
    pub fn new(config: Config) -> Self {
        Inventory {
            config,
            sites: Sites::default(),
            plans: Vec::new(),
            nodes: 0,
            interfaces: Vec::new(),
            homes: Vec::new(),
            merges: Vec::new(),
            stats: Stats::default(),
            // Keys must be the same in every run, so this key is no secret; nothing sensitive is digested under it.
            digests: Fingerprinter::new([0; 16]),
        }
    }

    /// The site of an exchange, made where it is new.
    pub fn site(&mut self, x: &Exchange) -> SiteId {
        let id = self.sites.of(x, self.config.sites);
        self.stats.sites_overflow = self.sites.overflow;
        while self.plans.len() < self.sites.list.len() {
            self.plans.push(Plan::default());
            self.nodes += 1;
        }
        id
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
        _catalogue: &Catalogue,
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
        let node = self.place(site, &path, request, standing == Standing::Absent);
        let Some(slot) = self.slot(site, node, &path, x, request) else {
            self.stats.interfaces_overflow += 1;
            return Placed::default();
        };
        let first_good = self.learn(site, node, slot, x, standing);
        let id = self.slot_interface(site, node, slot);
        let end = path.segments.last().map_or("", |s| &s.text);
        let (form, worth) = form::form(x, request, end);
        if let (Some(i), Some(home)) = (self.interfaces.get_mut(id.index()), self.homes.get_mut(id.index())) {
            record::add(i, x, request, caller, authenticated);
            if worth > home.worth {
                (i.form, home.worth) = (form, worth);
            }
        }
        if first_good || self.nodes > before {
            self.unite_above(site, node);
        }
        let id = self.resolve(id);
        let values = self.homes.get(id.index()).map(|h| self.values(site, h.node, &path)).unwrap_or_default();
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
            let Some(plan) = self.plans.get(at) else { continue };
            for node in plan.tree.below(ROOT) {
                for slot in &plan.tree.node(node).slots {
                    if let Some(i) = self.interfaces.get_mut(slot.interface.index()) {
                        i.evidence = plan.tree.evidence(node);
                    }
                }
            }
        }
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

    /// The node of a path; new parts of the tree are made as far as there is room.
    fn place(&mut self, site: SiteId, path: &Path, request: &Request, absent: bool) -> NodeId {
        let mut at = ROOT;
        for (depth, segment) in path.segments.iter().enumerate() {
            let Some(next) = self.step(site, at, path, depth, segment, request, absent) else {
                return self.rest(site, at);
            };
            at = next;
        }
        if path.cut { self.rest(site, at) } else { at }
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `place`, which holds all of these")]
    fn step(
        &mut self,
        site: SiteId,
        at: NodeId,
        path: &Path,
        depth: usize,
        segment: &Segment,
        request: &Request,
        absent: bool,
    ) -> Option<NodeId> {
        let plan = self.plans.get(site.index())?;
        if let Some(next) = plan.tree.node(at).literals.get(&segment.text) {
            return Some(*next);
        }
        if let Some(s) = shape::shape(&segment.plain).filter(|_| !is_version_number(path, depth)) {
            return self.step_variable(site, at, s);
        }
        let (stem, suffix) = words::split_extension(&segment.text);
        if let Some(v) = plan.tree.find_variable(at, "", suffix)
            && plan.tree.variable(v).is_some_and(Variable::takes_words)
            && !words::names_resource(&segment.text)
        {
            let digest = self.digest(stem);
            let known = plan.accounts.contains(&digest)
                || plan.tree.variable(v).is_some_and(|v| v.values.contains(&digest));
            let rest = path.segments.get(depth + 1..).unwrap_or_default();
            if known || absent || leads_to(&plan.tree, v, rest, &request.method) {
                self.plans.get_mut(site.index())?.tree.variable_mut(v)?.add(Kind::Word, digest);
                return Some(v);
            }
        }
        self.step_literal(site, at, segment, absent)
    }

    fn step_variable(&mut self, site: SiteId, at: NodeId, s: shape::Shape<'_>) -> Option<NodeId> {
        let digest = self.digest(s.value);
        let room = self.room(site);
        let plan = self.plans.get_mut(site.index())?;
        let next = match plan.tree.find_variable(at, s.prefix, s.suffix) {
            Some(next) => next,
            None if room && plan.tree.node(at).variables.len() < VARIABLES => {
                let v = Variable { prefix: s.prefix.into(), suffix: s.suffix.into(), ..Variable::default() };
                self.nodes += 1;
                plan.tree.add(at, Edge::Variable(v))
            }
            None => return None,
        };
        let v = plan.tree.variable_mut(next)?;
        let before = v.name();
        v.add(s.kind, digest);
        if v.name() != before {
            self.refresh_below(site, next);
        }
        Some(next)
    }

    fn step_literal(&mut self, site: SiteId, at: NodeId, segment: &Segment, absent: bool) -> Option<NodeId> {
        let room = self.room(site);
        let (children, guesses) = (self.config.children, self.config.guesses);
        let tree = &mut self.plans.get_mut(site.index())?.tree;
        let node = tree.node_mut(at);
        if !room || node.literals.len() >= children || absent && node.guesses as usize >= guesses {
            return None;
        }
        node.guesses += u32::from(absent);
        self.nodes += 1;
        Some(tree.add(at, Edge::Literal(segment.text.clone())))
    }

    fn room(&self, site: SiteId) -> bool {
        let used = self.plans.get(site.index()).map_or(0, |p| p.tree.len());
        self.nodes < self.config.nodes && used < self.config.nodes_per_site
    }

    /// The node below `at` for what finds no room. Each node has at most one, so they need no bound of their own.
    fn rest(&mut self, site: SiteId, at: NodeId) -> NodeId {
        self.stats.paths_overflow += 1;
        let Some(plan) = self.plans.get_mut(site.index()) else { return ROOT };
        if plan.tree.node(at).edge == Edge::Rest {
            return at;
        }
        match plan.tree.node(at).rest {
            Some(rest) => rest,
            None => {
                self.nodes += 1;
                plan.tree.add(at, Edge::Rest)
            }
        }
    }

    /// The operation of a node, made where it is new; `None` where there is no room.
    fn slot(
        &mut self,
        site: SiteId,
        node: NodeId,
        path: &Path,
        x: &Exchange,
        request: &Request,
    ) -> Option<usize> {
        let tree = &mut self.plans.get_mut(site.index())?.tree;
        let slots = &tree.node(node).slots;
        let same = |s: &Slot| s.method == request.method && s.operation == request.operation;
        if let Some(at) = slots.iter().position(same) {
            return Some(at);
        }
        if slots.len() >= SLOTS {
            // Invented operation names share the first operation of the method.
            return slots.iter().position(|s| s.method == request.method);
        }
        if self.interfaces.len() >= self.config.interfaces {
            return None;
        }
        let id = InterfaceId(u32::try_from(self.interfaces.len()).ok()?);
        tree.node_mut(node).slots.push(Slot {
            method: request.method.clone(),
            operation: request.operation.clone(),
            interface: id,
            slash: path.slash,
            profile: Profile::default(),
        });
        let end = path.segments.last().map_or("", |s| &s.text);
        self.interfaces.push(blank(site, x, request, form::operation(request, end)));
        self.homes.push(Home { node, worth: 0, now: id });
        self.refresh(site, node);
        self.plans.get(site.index()).map(|p| p.tree.node(node).slots.len() - 1)
    }

    fn slot_interface(&self, site: SiteId, node: NodeId, slot: usize) -> InterfaceId {
        let slot = self.plans.get(site.index()).and_then(|p| p.tree.node(node).slots.get(slot));
        slot.map_or(InterfaceId(0), |s| s.interface)
    }

    /// Takes a reply into the operation's profile. Says whether it is its first good one.
    fn learn(&mut self, site: SiteId, node: NodeId, slot: usize, x: &Exchange, standing: Standing) -> bool {
        let fields = self.reply_fields(x);
        let Some(plan) = self.plans.get_mut(site.index()) else { return false };
        let Some(slot) = plan.tree.node_mut(node).slots.get_mut(slot) else { return false };
        let p = &mut slot.profile;
        let was = (p.answers, p.refuses, p.good > 0);
        p.calls += 1;
        p.answers |= standing == Standing::Answers;
        p.refuses |= standing == Standing::Refuses;
        if let (Some(reply), Standing::Answers) = (&x.response, standing)
            && (200..300).contains(&reply.status)
        {
            if p.good == 0 {
                p.kind = reply.body.kind;
            }
            if p.good < 64 {
                let (digests, rich) = fields;
                p.learn(&digests);
                p.rich |= rich;
            }
            p.good += 1;
        }
        let now = (p.answers, p.refuses, p.good > 0);
        if (was.0, was.1) != (now.0, now.1) {
            self.refresh(site, node);
        }
        !was.2 && now.2
    }

    /// Digests of the field names of a good reply, sorted, and whether they say more than an envelope does.
    fn reply_fields(&self, x: &Exchange) -> (Vec<u64>, bool) {
        let Some(reply) = x.response.as_ref().filter(|r| (200..300).contains(&r.status)) else {
            return (Vec::new(), false);
        };
        let mut digests: Vec<u64> = reply.fields.iter().map(|f| self.digest(f)).collect();
        digests.sort_unstable();
        let own = reply.fields.iter().filter(|f| !is_envelope(f)).count();
        (digests, own >= 2)
    }

    /// Unites what is alike on the way from `node` to the root, the deepest first.
    fn unite_above(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        let mut way = plan.tree.chain(node);
        way.insert(0, ROOT);
        for at in way.into_iter().rev() {
            // A node on the way may have gone into another since.
            let Some(plan) = self.plans.get(site.index()) else { return };
            let siblings = plan.tree.node(at).literals.len();
            if siblings >= 2 && (siblings <= COMPARED_EACH || siblings.is_multiple_of(8)) {
                self.unite(site, at);
            }
        }
    }

    /// Unites what is alike below `node`, deepest first.
    fn unite_below(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        for at in plan.tree.below(node).into_iter().rev() {
            self.unite(site, at);
        }
    }

    /// Unites the alike children of one node until none are left.
    fn unite(&mut self, site: SiteId, at: NodeId) {
        loop {
            let digests = &self.digests;
            let digest = |s: &str| digests.of("segment", s.as_bytes()).0;
            let Some(plan) = self.plans.get_mut(site.index()) else { return };
            if plan.tree.node(at).literals.len() < 2 {
                return;
            }
            let accounts = &plan.accounts;
            let known = |name: &str| accounts.contains(&digest(words::split_extension(name).0));
            let Some(group) = alike::group(&plan.tree, at, &known) else { return };
            let before = plan.tree.len();
            let mut united = United::new();
            let into =
                merge::into_variable(&mut plan.tree, at, &group.suffix, &group.members, &digest, &mut united);
            self.nodes = (self.nodes + plan.tree.len()).saturating_sub(before);
            self.unite_records(united);
            self.unite_below(site, into);
            self.refresh_below(site, into);
        }
    }

    fn unite_records(&mut self, united: United) {
        for (from, into) in united {
            let (from, into) = (self.resolve(from), self.resolve(into));
            if from == into {
                continue;
            }
            let (from, into) = (from.max(into), from.min(into));
            let (low, high) = self.interfaces.split_at_mut(from.index());
            if let (Some(i), Some(gone)) = (low.get_mut(into.index()), high.first()) {
                record::absorb(i, gone);
            }
            let worth = self.homes.get(from.index()).map_or(0, |h| h.worth);
            let form = self.interfaces.get(from.index()).map(|i| i.form);
            if let (Some(home), Some(i), Some(form)) =
                (self.homes.get_mut(into.index()), self.interfaces.get_mut(into.index()), form)
                && worth > home.worth
            {
                (i.form, home.worth) = (form, worth);
            }
            if let Some(home) = self.homes.get_mut(from.index()) {
                home.now = into;
            }
            self.stats.merged += 1;
            self.merges.push((from, into));
        }
    }

    fn refresh_below(&mut self, site: SiteId, node: NodeId) {
        let Some(plan) = self.plans.get(site.index()) else { return };
        for at in plan.tree.below(node) {
            self.refresh(site, at);
        }
    }

    /// Brings the interfaces of one node in line with its place in the tree.
    fn refresh(&mut self, site: SiteId, node: NodeId) {
        let (Some(plan), Some(place)) = (self.plans.get(site.index()), self.sites.list.get(site.index()))
        else {
            return;
        };
        let slots = &plan.tree.node(node).slots;
        if slots.is_empty() {
            return;
        }
        let (template, blank) = (plan.tree.template(node, false), plan.tree.template(node, true));
        let evidence = plan.tree.evidence(node);
        let answers = slots.iter().any(|s| s.profile.answers);
        for slot in slots {
            let (Some(i), Some(home)) =
                (self.interfaces.get_mut(slot.interface.index()), self.homes.get_mut(slot.interface.index()))
            else {
                continue;
            };
            let name = [&*place.host, &slot.method, &blank, &slot.operation].join("\n");
            let digest = self.digests.of("interface", name.as_bytes()).0;
            i.key = format!("if-{:012x}", digest >> 16).into();
            i.template = if slot.slash { format!("{template}/").into() } else { template.as_str().into() };
            i.evidence.clone_from(&evidence);
            let active = slot.profile.answers || slot.profile.refuses && answers;
            i.state = if active { InterfaceState::Active } else { InterfaceState::Noise };
            home.node = node;
        }
    }

    /// The values that a path has for the variables of its node.
    fn values(&self, site: SiteId, node: NodeId, path: &Path) -> Vec<(Box<str>, Box<str>)> {
        let Some(plan) = self.plans.get(site.index()) else { return Vec::new() };
        let chain = plan.tree.chain(node);
        let value = |(node, segment): (&NodeId, &Segment)| {
            let v = plan.tree.variable(*node)?;
            let plain = &*segment.plain;
            let value =
                plain.strip_prefix(&*v.prefix).and_then(|p| p.strip_suffix(&*v.suffix)).unwrap_or(plain);
            Some((v.name().into(), value.into()))
        };
        chain.iter().zip(&path.segments).filter_map(value).collect()
    }
}

/// An interface's record before its first exchange.
fn blank(site: SiteId, x: &Exchange, request: &Request, operation: weir_model::Operation) -> Interface {
    Interface {
        key: "".into(),
        site,
        method: request.method.clone(),
        template: "".into(),
        operation_name: request.operation.clone(),
        evidence: Vec::new(),
        form: InterfaceForm::Rest,
        operation,
        state: InterfaceState::Noise,
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
        level: 1,
        response_bytes: 0,
        duration_nanos: 0,
    }
}

/// Whether a number is the version of an API (`/rest/api/2/issue`, `/1/users`) rather than a value.
fn is_version_number(path: &Path, depth: usize) -> bool {
    let Some(segment) = path.segments.get(depth) else { return false };
    let small = segment.text.len() == 1 && matches!(segment.text.as_bytes(), [b'1'..=b'9']);
    let before = depth.checked_sub(1).and_then(|d| path.segments.get(d));
    let after_api = before.is_some_and(|s| matches!(&*s.text, "api" | "rest" | "version" | "ver"));
    small && after_api && depth + 1 < path.segments.len()
}

/// Whether a path below `at` is there already with an operation of this method.
fn leads_to(tree: &Tree, at: NodeId, rest: &[Segment], method: &str) -> bool {
    let Some((first, more)) = rest.split_first() else {
        return tree.node(at).slots.iter().any(|s| &*s.method == method && s.profile.answers);
    };
    if let Some(next) = tree.node(at).literals.get(&first.text) {
        return leads_to(tree, *next, more, method);
    }
    let next = match shape::shape(&first.plain) {
        Some(s) => tree.find_variable(at, s.prefix, s.suffix),
        None => tree
            .find_variable(at, "", words::split_extension(&first.text).1)
            .filter(|v| tree.variable(*v).is_some_and(Variable::takes_words)),
    };
    next.is_some_and(|next| leads_to(tree, next, more, method))
}

/// Whether a field belongs to the envelope that most replies of an application share.
fn is_envelope(field: &str) -> bool {
    let name = field.rsplit(['.', ']']).next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        name.as_str(),
        "" | "code"
            | "msg"
            | "message"
            | "data"
            | "success"
            | "status"
            | "result"
            | "results"
            | "error"
            | "errors"
            | "timestamp"
            | "total"
            | "page"
            | "rows"
            | "list"
            | "count"
            | "size"
            | "items"
            | "records"
            | "next"
            | "previous"
            | "ok"
            | "trace_id"
            | "traceid"
            | "requestid"
            | "request_id"
            | "errcode"
            | "errmsg"
            | "meta"
            | "pagesize"
            | "pagenum"
            | "limit"
            | "offset"
    )
}
