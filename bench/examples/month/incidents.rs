//! The twelve scripted incidents: what happens, and the truth of it, written down as it is made.

use crate::day::{DAY, FIRST, Scene, person};
use crate::office::{CUSTOMERS, Column, Kind, OPEN, SHOP, SSO, Shown, fields};
use crate::wire::{Client, Server, mix, number};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use weir_exchange::Text;

/// One thing that ought to be found.
pub struct Incident {
    pub name: &'static str,
    /// Risk sources that say what it is.
    pub ids: &'static [&'static str],
    /// First and last call of it, in nanoseconds.
    pub span: Option<(u64, u64)>,
    /// Who did it and through what, as far as the incident is about them.
    pub accounts: BTreeSet<String>,
    pub addresses: BTreeSet<IpAddr>,
    /// Host and path of interfaces; an empty path for a whole site.
    pub places: BTreeSet<(String, String)>,
}

/// All of them, in a fixed order.
pub struct Plot {
    pub incidents: Vec<Incident>,
}

const NAMES: [(&str, &[&str]); 12] = [
    ("low and slow, 20 records a day", &["C03", "D08"]),
    ("borrowed account", &["C09", "C08"]),
    ("leaver", &["C24"]),
    ("night export", &["C05", "C23", "D14"]),
    ("partner hoarding", &["C27", "D08", "C03"]),
    ("zombie version", &["P08", "P02"]),
    ("one stolen record by a guessed id", &["V11"]),
    ("password spray over a week", &["C12", "C11"]),
    ("masked splice", &["D03"]),
    ("provider swap", &["P09", "P10"]),
    ("new sensitive field after a deployment", &["P12"]),
    ("overseas pull", &["C06", "D11"]),
];

impl Plot {
    /// Nothing has happened yet.
    pub fn new() -> Plot {
        let of = |(name, ids): &(&'static str, &'static [&'static str])| Incident {
            name,
            ids,
            span: None,
            accounts: BTreeSet::new(),
            addresses: BTreeSet::new(),
            places: BTreeSet::new(),
        };
        Plot { incidents: NAMES.iter().map(of).collect() }
    }

    /// What of the plot happens today, among the ordinary day.
    pub fn today(&mut self, s: &mut Scene) {
        const ACTS: [fn(&mut Incident, &mut Scene); 12] = [
            low_and_slow,
            borrowed_account,
            leaver,
            night_export,
            partner_hoarding,
            zombie_version,
            stolen_record,
            password_spray,
            masked_splice,
            provider_swap,
            new_field,
            overseas_pull,
        ];
        for (incident, act) in self.incidents.iter_mut().zip(ACTS) {
            act(incident, s);
        }
    }
}

impl Incident {
    fn at(&mut self, time: u64) {
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
    }
    fn by(&mut self, account: &str) {
        self.accounts.insert(account.into());
    }
    fn through(&mut self, host: &str, path: &str) {
        self.places.insert((host.into(), path.into()));
    }
}

/// The n-th employee of a department who is there from the beginning.
fn member(s: &Scene, department: usize, n: usize) -> crate::office::Employee {
    s.office
        .employees
        .iter()
        .filter(|e| e.department == department && e.joined == 0)
        .nth(n)
        .expect("staff")
        .clone()
}

fn seat(s: &Scene, e: &crate::office::Employee) -> Client {
    Client::browser(e.seat, &s.office.agents[e.agent]).of(&e.name, s.day)
}

/// A salesman takes twenty customers a day that are not his, on working days, between his own work.
fn low_and_slow(i: &mut Incident, s: &mut Scene) {
    let e = member(s, 0, 31);
    if s.day < 8 || !s.works() {
        return;
    }
    i.by(&e.name);
    let (client, r) = (seat(s, &e), s.office.resource(1, "customers").clone());
    for _ in 0..20 {
        let id = s.rng.below(CUSTOMERS);
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let minute = 560.0 + 480.0 * s.rng.unit();
        let time = s.at(minute);
        i.at(time);
        s.send(time, &client, 1, &ask);
    }
}

/// A colleague at another desk uses the account of one who is on leave, and the own as always.
fn borrowed_account(i: &mut Incident, s: &mut Scene) {
    let (owner, other) = (member(s, 3, 4), member(s, 3, 11));
    if s.day == 0 {
        // The leave is in the books, and the borrower is there.
        s.office.employees.iter_mut().for_each(|e| {
            if e.name == owner.name {
                e.away.insert(14);
            } else if e.name == other.name {
                e.away.remove(&14);
            }
        });
    }
    if s.day != 14 {
        return;
    }
    i.by(&owner.name);
    i.addresses.insert(other.seat.into());
    let desk = Client::browser(other.seat, &s.office.agents[other.agent]);
    let time = s.at(830.0);
    i.at(time);
    let client = s.log_in(time, desk, &owner.name, SSO);
    for n in 0..60 {
        let name = ["payments", "accounts", "refunds"][n % 3];
        let r = s.office.resource(4, name).clone();
        let id = s.rng.below(r.size);
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let time = s.at(832.0 + n as f64 * 2.4);
        i.at(time);
        s.send(time, &client, 4, &ask);
    }
}

/// Who left on the fifth day comes back two weeks later through the VPN.
fn leaver(i: &mut Incident, s: &mut Scene) {
    let e = member(s, 0, 50);
    if s.day == 0 {
        s.office.employees.iter_mut().filter(|x| x.name == e.name).for_each(|x| x.away.extend(5..60));
    }
    if s.day != 19 {
        return;
    }
    i.by(&e.name);
    let home = Client::browser(Ipv4Addr::new(10, 61, 3, 77), &s.office.agents[7]);
    let time = s.at(1_150.0);
    i.at(time);
    let client = s.log_in(time, home, &e.name, SSO);
    let r = s.office.resource(1, "customers").clone();
    for n in 0..15 {
        let id = e.own[n];
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let time = s.at(1_152.0 + n as f64);
        i.at(time);
        s.send(time, &client, 1, &ask);
    }
}

/// An accountant exports supplier accounts at half past one at night.
fn night_export(i: &mut Incident, s: &mut Scene) {
    if s.day != 15 {
        return;
    }
    let e = member(s, 3, 20);
    i.by(&e.name);
    i.addresses.insert(e.seat.into());
    let desk = Client::browser(e.seat, &s.office.agents[e.agent]);
    let time = s.at(88.0);
    let client = s.log_in(time, desk, &e.name, SSO);
    let r = s.office.resource(4, "accounts").clone();
    for n in 0..3u64 {
        let first = person(&r, n * 800);
        let ask = s.ask(&r, "GET", "/export", (first..first + 800).collect());
        let time = s.at(90.0 + n as f64 * 1.5);
        i.at(time);
        s.send(time, &client, 4, &ask);
    }
}

/// A partner goes through persons nobody asked it about, three times as many as it ever asked of a day, to keep them.
fn partner_hoarding(i: &mut Incident, s: &mut Scene) {
    if s.day < 20 {
        return;
    }
    let daily = s.office.partners[2].daily;
    let r = s.office.resource(OPEN, "verifications").clone();
    i.addresses.extend(s.office.partners[2].ips.iter().map(|ip| IpAddr::from(*ip)));
    let first = u64::from(s.day - 20) * daily * 2 + 40_000;
    for n in 0..daily * 2 {
        // Not in order of their numbers.
        let id = (first + n) * 7_919 % CUSTOMERS;
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let time = s.at(n as f64 / (daily * 2) as f64 * 1_438.0);
        let client = s.key_client(2, n as usize % 3);
        i.at(time);
        s.send(time, &client, OPEN, &ask);
    }
}

/// Version 1 of the staff list, which version 2 took the place of, still answers, and shows what version 2 masks.
fn zombie_version(i: &mut Incident, s: &mut Scene) {
    if s.day != 10 {
        return;
    }
    const OLD: &[Column] =
        &[Column { kind: Kind::Name, shown: Shown::Clear }, Column { kind: Kind::Id, shown: Shown::Clear }];
    let e = member(s, 6, 3);
    let mut r = s.office.resource(3, "employees").clone();
    (r.version, r.detail, r.fields) = (1, OLD, fields("employees", OLD));
    i.through("hr.corp.example", "/api/v1/employees/{id}");
    let client = seat(s, &e);
    for n in 0..30 {
        let id = s.rng.below(500);
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let time = s.at(900.0 + f64::from(n) * 3.0);
        i.at(time);
        s.send(time, &client, 3, &ask);
    }
}

/// A customer reads one order of somebody else, by a number near the own, once.
fn stolen_record(i: &mut Incident, s: &mut Scene) {
    if s.day != 20 {
        return;
    }
    // Neighbours by number, of whom the victim looks at the order often enough for that to be known.
    let (thief, victim) = (s.office.customers[401].clone(), s.office.customers[400].clone());
    let client = Client::browser(Ipv4Addr::new(117, 136, 77, 7), &s.office.agents[9].clone());
    let time = s.at(1_260.0);
    let client = s.log_in(time, client, &thief.name, SHOP);
    let r = s.office.resource(SHOP, "orders").clone();
    i.by(&thief.name);
    let owns = [(thief.orders[0], thief.person), (victim.orders[0], victim.person)];
    for (n, (order, person)) in owns.into_iter().enumerate() {
        let ask = s.ask(&r, "GET", &format!("/{order}"), vec![person]);
        let time = s.at(1_261.0 + n as f64);
        if n == 1 {
            i.at(time);
        }
        s.send(time, &client, SHOP, &ask);
    }
}

/// Two passwords on seventy accounts a day, from thirty addresses, never two quickly; one account is entered.
fn password_spray(i: &mut Incident, s: &mut Scene) {
    if !(8..15).contains(&s.day) {
        return;
    }
    for n in 0..70u64 {
        let victim = mix(u64::from(s.day - 8) * 70 + n, 77) % s.office.employees.len() as u64;
        let account = s.office.employees[victim as usize].name.clone();
        let ip = Ipv4Addr::new(117, 30, 200 + (n % 30) as u8, 9);
        i.addresses.insert(ip.into());
        let client = Client::browser(ip, &Text::from("Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"));
        let (time, server) = (s.at(15.0 + n as f64 * 20.0), s.server(SSO));
        i.at(time);
        let password = if (u64::from(s.day) + n) % 2 == 0 { "Qiuji2026!" } else { "Zhongqiu@2026" };
        let enters = (s.day == 13 && n == 40).then_some(s.day);
        let x = s.wire.login(time, &client, &server, (&account, number(password), enters));
        if enters.is_some() {
            i.by(&account);
        }
        s.out.push(x);
    }
    i.through("sso.corp.example", "/api/login");
    i.through("sso.corp.example", "");
}

/// Two interfaces mask identity numbers at different ends; an agent who has both puts them together.
fn masked_splice(i: &mut Incident, s: &mut Scene) {
    if s.day != 16 {
        return;
    }
    let e = member(s, 1, 9);
    let client = Client::browser(e.seat, &s.office.agents[e.agent]);
    let time = s.at(600.0);
    let client = s.log_in(time, client, &e.name, SSO);
    i.by(&e.name);
    for name in ["contracts", "visits"] {
        let r = s.office.resource(1, name).clone();
        i.through("crm.corp.example", &format!("/api/v1/{name}/{{id}}"));
        for n in 0..12 {
            let id = 70_000 + n * 13;
            let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
            let time = s.at(601.0 + n as f64 * 6.0 + if name == "visits" { 2.0 } else { 0.0 });
            i.at(time);
            s.send(time, &client, 1, &ask);
        }
    }
}

/// For two hours a server in another network answers for the partners' gateway.
fn provider_swap(i: &mut Incident, s: &mut Scene) {
    if s.day != 25 {
        return;
    }
    i.through("open.example.cn", "");
    let rogue = Server {
        host: "open.example.cn".into(),
        ip: Ipv4Addr::new(172, 31, 9, 9),
        banner: "Apache/2.4.41".into(),
    };
    i.addresses.insert(rogue.ip.into());
    let r = s.office.resource(OPEN, "verifications").clone();
    for n in 0..80 {
        let id = *s.rng.pick(&s.office.partners[0].own);
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let (time, client) = (s.at(840.0 + f64::from(n) * 1.5), s.key_client(0, 0));
        i.at(time);
        let x = s.wire.call(time, &client, &rogue, &ask);
        s.out.push(x);
    }
}

/// From the twenty-fourth day on tickets show identity numbers.
fn new_field(i: &mut Incident, s: &mut Scene) {
    if s.day == 24 {
        const MORE: &[Column] = &[
            Column { kind: Kind::Name, shown: Shown::Clear },
            Column { kind: Kind::Mobile, shown: Shown::Clear },
            Column { kind: Kind::Id, shown: Shown::Clear },
        ];
        let at = s.office.resources.iter().position(|r| r.site == 2 && r.name == "tickets").expect("tickets");
        s.office.resources[at].detail = MORE;
        s.office.resources[at].fields = fields("tickets", MORE);
        i.through("desk.corp.example", "/api/v1/tickets/{id}");
        i.at(s.at(390.0));
    }
    if s.day == 29 {
        i.at(s.at(1_300.0));
    }
}

/// A salesman's account takes two hundred customers within an hour from abroad.
fn overseas_pull(i: &mut Incident, s: &mut Scene) {
    if s.day != 26 {
        return;
    }
    let e = member(s, 0, 77);
    i.by(&e.name);
    let ip = Ipv4Addr::new(8, 8, 40, 12);
    i.addresses.insert(ip.into());
    let client = Client::browser(ip, &s.office.agents[8]).of(&e.name, s.day);
    let r = s.office.resource(1, "customers").clone();
    for n in 0..200 {
        let id = s.rng.below(CUSTOMERS);
        let ask = s.ask(&r, "GET", &format!("/{id}"), vec![person(&r, id)]);
        let time = s.at(1_100.0 + f64::from(n) * 0.3);
        i.at(time);
        s.send(time, &client, 1, &ask);
    }
}

/// The day, from the first, of a moment, as a fraction.
pub fn day_of(time: u64) -> f64 {
    let midnight = u64::from(FIRST) * DAY - 8 * 3_600_000_000_000;
    time.saturating_sub(midnight) as f64 / DAY as f64
}
