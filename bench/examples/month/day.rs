//! What an ordinary day brings: staff at work, jobs, partners, customers, and what is deployed.

use crate::office::{CUSTOMERS, Column, DEPARTMENTS, Kind, OPEN, Office, Resource, SHOP, SSO, Shown, fields};
use crate::wire::{Ask, Client, Server, Wire, mix};
use std::net::Ipv4Addr;
use weir_bench::rng::Rng;
use weir_exchange::{Calendar, Exchange, LocalTime, Text};

/// Nanoseconds of a minute, and of a day.
const MINUTE: f64 = 60e9;
pub const DAY: u64 = 86_400_000_000_000;
/// The local day on which it begins: Monday, 14 September 2026.
pub const FIRST: u32 = 20_710;
/// Days from the first on which the shop has its sale, and the quarter is closed.
const SALE: u32 = 21;
const CLOSING: [u32; 3] = [14, 15, 16];
/// Days of deployments: customers of version 2, nodes, new resources, changed fields.
const SECOND_VERSION: u32 = 4;
const NODES: u32 = 14;
const NEW_RESOURCES: u32 = 15;
const CHANGED_FIELDS: u32 = 9;

/// The office on a day.
pub struct Scene {
    pub office: Office,
    pub wire: Wire,
    pub rng: Rng,
    pub calendar: Calendar,
    pub out: Vec<Exchange>,
    /// Days since the first.
    pub day: u32,
}

impl Scene {
    /// The moment at a minute of the local day.
    pub fn at(&mut self, minute: f64) -> u64 {
        let midnight = u64::from(FIRST + self.day) * DAY - self.calendar.ahead as u64 * 1_000_000_000;
        midnight + (minute * MINUTE) as u64 + self.rng.below(1_000_000_000)
    }

    /// Whether people work today.
    pub fn works(&self) -> bool {
        let day = FIRST + self.day;
        self.calendar.works_on(LocalTime { day, weekday: ((day + 3) % 7) as u8, second: 0 })
    }

    /// A server of a site.
    pub fn server(&mut self, site: usize) -> Server {
        self.rng.pick(&self.office.servers[site]).clone()
    }

    /// A call of a resource: one object, or as many persons as are given.
    pub fn ask(&mut self, r: &Resource, method: &'static str, tail: &str, persons: Vec<u64>) -> Ask {
        let list = tail.is_empty() || tail.starts_with("/search") || tail.starts_with("/export");
        let columns = if list { r.list } else { r.detail };
        let records = if method == "GET" { persons.len().max(1) as u32 } else { 0 };
        let given = if method == "GET" { columns.to_vec() } else { Vec::new() };
        Ask {
            method,
            target: format!("{}{tail}", r.path()),
            query: if tail.is_empty() && method == "GET" { vec![("page", 1), ("size", 20)] } else { vec![] },
            status: 200,
            fields: if method == "GET" { r.fields.clone() } else { fields("", &[]) },
            columns: given,
            persons,
            records,
            file: tail.starts_with("/export"),
        }
    }

    /// Sends a call at a moment.
    pub fn send(&mut self, time: u64, client: &Client, site: usize, ask: &Ask) {
        let server = self.server(site);
        let x = self.wire.call(time, client, &server, ask);
        self.out.push(x);
    }

    /// Logs an account in, and gives its client.
    pub fn log_in(&mut self, time: u64, client: Client, account: &str, site: usize) -> Client {
        let server = self.server(site);
        let day = self.day;
        let login = (account, crate::wire::number(account), Some(day));
        let x = self.wire.login(time, &client, &server, login);
        self.out.push(x);
        client.of(account, day)
    }

    /// An ordinary day.
    pub fn ordinary(&mut self) {
        self.deploy();
        for n in 0..self.office.employees.len() {
            self.employee(n);
        }
        self.jobs();
        for n in 0..self.office.partners.len() {
            self.partner(n);
        }
        self.customers();
        self.visitors();
        self.probes();
    }

    fn deploy(&mut self) {
        let find = |office: &Office, site, name: &str| {
            office.resources.iter().position(|r| r.site == site && r.name == name).expect("a resource")
        };
        match self.day {
            SECOND_VERSION => {
                let at = find(&self.office, 1, "customers");
                self.office.resources[at].version = 2;
            }
            NODES => {
                let more =
                    Server { ip: Ipv4Addr::new(10, 20, 9, 14), ..self.office.servers[SHOP][0].clone() };
                self.office.servers[SHOP].push(more);
                self.office.servers[7][0].ip = Ipv4Addr::new(10, 20, 17, 31);
            }
            NEW_RESOURCES => {
                let of = |site, name, from: &Resource| Resource {
                    site,
                    name,
                    fields: fields(name, from.detail),
                    ..from.clone()
                };
                let plain = self.office.resource(SHOP, "items").clone();
                self.office.resources.push(of(SHOP, "lives", &plain));
                self.office.resources.push(of(2, "robots", &plain));
            }
            CHANGED_FIELDS => {
                const APPROVALS: &[Column] = &[
                    Column { kind: Kind::Name, shown: Shown::Clear },
                    Column { kind: Kind::Mobile, shown: Shown::Ends(3, 4) },
                ];
                let at = find(&self.office, 7, "approvals");
                self.office.resources[at].detail = APPROVALS;
                self.office.resources[at].fields = fields("approvals", APPROVALS);
                let at = find(&self.office, 5, "parcels");
                let more: Vec<Text> = self.office.resources[at]
                    .fields
                    .iter()
                    .cloned()
                    .chain([Text::from("data[].weight")])
                    .collect();
                self.office.resources[at].fields = more.into_iter().collect();
            }
            _ => {}
        }
    }

    fn employee(&mut self, n: usize) {
        let e = self.office.employees[n].clone();
        let department = &DEPARTMENTS[e.department];
        let rota = mix(n as u64, u64::from(self.day)) % 7;
        let at_work = match department.shifts {
            true => rota < if self.works() { 5 } else { 3 },
            false => self.works() || self.rng.chance(0.03),
        };
        if !at_work || e.away.contains(&self.day) || self.day < e.joined {
            return;
        }
        let late = !department.shifts && self.rng.chance(0.12);
        let (begin, end) = (e.hours.0 + 8.0 * self.rng.normal(), e.hours.1 + if late { 120.0 } else { 0.0 });
        let seat = Client::browser(e.seat, &self.office.agents[e.agent]);
        let time = self.at(begin);
        if self.rng.chance(0.06) {
            let server = self.server(SSO);
            let typo = self.rng.bits();
            let x = self.wire.login(time - 20_000_000_000, &seat, &server, (&e.name, typo, None));
            self.out.push(x);
        }
        let seat = self.log_in(time, seat, &e.name, SSO);
        // An hour in a meeting room, with a notebook.
        let meeting = self.rng.chance(0.12).then(|| begin + self.rng.unit() * (end - begin));
        let pool = Ipv4Addr::new(10, 60, 0, 20 + self.rng.below(200) as u8);
        let notebook = Client::browser(pool, &self.office.agents[6 + e.agent % 3]).of(&e.name, self.day);
        let busy = if self.day == SALE && e.department == 1 { 1.7 } else { 1.0 };
        let closing = if CLOSING.contains(&self.day) && e.department == 3 { 1.6 } else { 1.0 };
        let calls =
            (department.calls * e.pace * busy * closing * (1.0 + 0.15 * self.rng.normal())).max(3.0) as u64;
        for _ in 0..calls {
            let mut minute = begin + 3.0 + self.rng.unit() * (end - begin - 3.0);
            if (720.0..790.0).contains(&minute) && self.rng.chance(0.75) {
                minute += 75.0;
            }
            let away = meeting.is_some_and(|m| (m..m + 60.0).contains(&minute));
            let time = self.at(minute);
            self.work(&e, time, if away { &notebook } else { &seat });
        }
        self.exports(e.department, (begin, end), &seat);
    }

    /// One call of an employee's work.
    fn work(&mut self, e: &crate::office::Employee, time: u64, client: &Client) {
        let work = DEPARTMENTS[e.department].work;
        let all: u32 = work.iter().map(|w| w.2).sum();
        let mut at = self.rng.below(u64::from(all)) as u32;
        let (site, name, _) = *work
            .iter()
            .find(|w| {
                let here = at < w.2;
                at = at.saturating_sub(w.2);
                here
            })
            .unwrap_or(&work[0]);
        let r = self.office.resource(site, name).clone();
        let page = 12 + self.rng.below(9);
        let id = self.object(e, &r, time);
        let (method, tail, persons) = match self.rng.below(100) {
            0..25 => ("GET", String::new(), (0..page).map(|k| self.near(&r, id, k)).collect()),
            25..38 => {
                let few = 1 + self.rng.below(5);
                ("GET", "/search".into(), (0..few).map(|k| self.near(&r, id, k)).collect())
            }
            38..86 => ("GET", format!("/{id}"), vec![person(&r, id)]),
            86..95 => ("PUT", format!("/{id}"), vec![]),
            _ => ("POST", String::new(), vec![]),
        };
        let ask = self.ask(&r, method, &tail, persons);
        self.send(time, client, site, &ask);
    }

    /// The person of an object some way behind another in a list.
    fn near(&mut self, r: &Resource, id: u64, k: u64) -> u64 {
        person(r, id.saturating_sub(k * (1 + self.rng.below(3))))
    }

    /// Which object an employee turns to.
    fn object(&mut self, e: &crate::office::Employee, r: &Resource, time: u64) -> u64 {
        if sequential(r) {
            // The newest of a sequence that goes on with time, one in ten from the days before.
            let newest = time / 8_000_000_000 % 100_000_000;
            let back = if self.rng.chance(0.1) { self.rng.below(30_000) } else { self.rng.below(40) };
            return newest - back;
        }
        if r.site == 1 && e.department == 0 && self.rng.chance(0.88) {
            return *self.rng.pick(&e.own);
        }
        let u = self.rng.unit();
        (u * u * r.size as f64) as u64
    }

    fn exports(&mut self, department: usize, (begin, end): (f64, f64), client: &Client) {
        let (site, name, chance) = match department {
            5 => (6, "datasets", 0.5),
            3 if CLOSING.contains(&self.day) => (4, "payments", 0.3),
            _ => return,
        };
        if self.rng.chance(chance) {
            let r = self.office.resource(site, name).clone();
            let rows = 150 + self.rng.below(2_000);
            let first = self.rng.below(CUSTOMERS);
            let mut ask = self.ask(&r, "GET", "/export", (first..first + rows).collect());
            ask.columns = r
                .detail
                .iter()
                .filter(|c| c.kind == Kind::Name || c.shown != Shown::Clear)
                .copied()
                .collect();
            let minute = begin + 10.0 + self.rng.unit() * (end - begin - 20.0).max(10.0);
            let time = self.at(minute);
            self.send(time, client, site, &ask);
        }
    }

    /// What programs do by night and by the hour.
    fn jobs(&mut self) {
        let service = |name: &str, host: u8, day: u32| {
            let agent = Text::from("Java/17.0.9");
            Client { person: false, ..Client::browser(Ipv4Addr::new(10, 70, 0, host), &agent) }.of(name, day)
        };
        let (sync, poll, whole) = (
            service("svc_sync", 5, self.day),
            service("svc_poll", 6, self.day),
            service("svc_full", 7, self.day),
        );
        let customers = self.office.resource(1, "customers").clone();
        for page in 0..30u64 {
            let first = (u64::from(self.day) * 15_000 + page * 500) % (CUSTOMERS - 500);
            let ask = self.ask(&customers, "GET", "", (first..first + 500).collect());
            let time = self.at(120.0 + page as f64 * 0.2);
            self.send(time, &sync, 1, &ask);
        }
        let stock = self.office.resource(5, "stock").clone();
        for hour in 0..24 {
            let ask = self.ask(&stock, "GET", "", vec![]);
            let time = self.at(f64::from(hour) * 60.0 + 7.0);
            self.send(time, &poll, 5, &ask);
        }
        // Sundays, and on the first of a month, which is the seventeenth day.
        if (FIRST + self.day + 3) % 7 == 6 || self.day == 17 {
            let r = self.office.resource(5, "parcels").clone();
            for page in 0..40u64 {
                let ask = self.ask(&r, "GET", "", (page * 200..(page + 1) * 200).collect());
                let time = self.at(200.0 + page as f64 * 0.3);
                self.send(time, &whole, 5, &ask);
            }
        }
    }

    /// A program that asks by a key.
    pub fn key_client(&self, n: usize, ip: usize) -> Client {
        let p = &self.office.partners[n];
        let agent = Text::from("okhttp/4.12.0");
        Client { person: false, key: Some(p.key), ..Client::browser(p.ips[ip % p.ips.len()], &agent) }
    }

    fn partner(&mut self, n: usize) {
        let p = self.office.partners[n].clone();
        let share = if self.works() { 1.0 } else { 0.45 };
        let sale = if self.day == SALE { 1.3 } else { 1.0 };
        let daily = (p.daily as f64 * share * sale * (1.0 + 0.1 * self.rng.normal())) as u64;
        for _ in 0..daily {
            let minute = if p.around { self.rng.unit() * 1_439.0 } else { 480.0 + self.rng.unit() * 840.0 };
            let known = self.rng.chance(0.7);
            let person = if known { *self.rng.pick(&p.own) } else { self.rng.below(CUSTOMERS) };
            let name = if self.rng.chance(0.8) { "verifications" } else { "policies" };
            let r = self.office.resource(OPEN, name).clone();
            let ask = self.ask(&r, "GET", &format!("/{person}"), vec![person]);
            let ip = self.rng.below(3) as usize;
            let (client, time) = (self.key_client(n, ip), self.at(minute));
            self.send(time, &client, OPEN, &ask);
        }
    }

    /// How busy the shop is.
    fn rush(&self) -> f64 {
        match (self.day, self.works()) {
            (SALE, _) => 6.0,
            (_, false) => 1.4,
            _ => 1.0,
        }
    }

    /// An address of a mobile network, or abroad.
    fn street(&mut self, abroad: bool) -> Ipv4Addr {
        let (c, d) = (self.rng.below(250) as u8, 1 + self.rng.below(250) as u8);
        if abroad { Ipv4Addr::new(126, 10, c, d) } else { Ipv4Addr::new(117, 136, c, d) }
    }

    /// Customers who look at what is theirs.
    fn customers(&mut self) {
        for n in 0..self.office.customers.len() {
            if !self.rng.chance((0.25 * self.rush()).min(0.9)) {
                continue;
            }
            let c = self.office.customers[n].clone();
            let ip = self.street(c.abroad);
            let agent = self.office.agents[9 + n % 3].clone();
            let mut minute = 420.0 + self.rng.unit() * 980.0;
            let time = self.at(minute);
            let client = self.log_in(time, Client::browser(ip, &agent), &c.name, SHOP);
            for _ in 0..4 + self.rng.below(14) {
                minute += 0.2 + self.rng.unit() * 1.5;
                self.shop(minute, &client, Some(&c));
            }
        }
    }

    fn shop(&mut self, minute: f64, client: &Client, customer: Option<&crate::office::Customer>) {
        let (name, tail, persons) = match (self.rng.below(10), customer) {
            (0, Some(c)) => ("members", format!("/{}", c.person), vec![c.person]),
            (1 | 2, Some(c)) => ("orders", format!("/{}", self.rng.pick(&c.orders)), vec![c.person]),
            (3, Some(_)) => ("carts", String::new(), vec![]),
            (4, _) => ("coupons", String::new(), vec![]),
            (5 | 6, _) => ("items", "/search".into(), vec![]),
            _ => ("items", format!("/{}", self.rng.below(3_000)), vec![]),
        };
        let r = self.office.resource(SHOP, name).clone();
        let ask = self.ask(&r, "GET", &tail, persons);
        let time = self.at(minute);
        self.send(time, client, SHOP, &ask);
    }

    /// Visitors of the shop without an account.
    fn visitors(&mut self) {
        for n in 0..(250.0 * self.rush()) as u32 {
            let ip = self.street(false);
            let agent = self.office.agents[9 + n as usize % 3].clone();
            let client = Client::browser(ip, &agent);
            let mut minute = 420.0 + self.rng.unit() * 980.0;
            for _ in 0..3 + self.rng.below(12) {
                minute += 0.2 + self.rng.unit();
                self.shop(minute, &client, None);
            }
        }
    }

    /// What looks whether servers are alive.
    fn probes(&mut self) {
        let agent = Text::from("kube-probe/1.29");
        let client = Client { person: false, ..Client::browser(Ipv4Addr::new(10, 70, 0, 2), &agent) };
        for site in 0..self.office.servers.len() {
            for n in 0..96 {
                let ask = Ask {
                    method: "GET",
                    target: "/health".into(),
                    query: vec![],
                    status: 200,
                    fields: fields("", &[]),
                    columns: vec![],
                    persons: vec![],
                    records: 0,
                    file: false,
                };
                let time = self.at(f64::from(n) * 15.0 + 1.0);
                self.send(time, &client, site, &ask);
            }
        }
    }
}

/// Resources whose numbers go on with time.
fn sequential(r: &Resource) -> bool {
    matches!(
        r.name,
        "tickets"
            | "callbacks"
            | "complaints"
            | "callers"
            | "parcels"
            | "returns"
            | "payments"
            | "invoices"
            | "vouchers"
            | "refunds"
    )
}

/// The person of an object.
pub fn person(r: &Resource, id: u64) -> u64 {
    match sequential(r) {
        true if r.persons == 0 => mix(id, 1) % CUSTOMERS,
        true => r.persons + mix(id, 1) % r.size,
        false => r.persons + id,
    }
}
