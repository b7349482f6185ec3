//! The office: its sites and interfaces, what they show of persons, and who works with them.

use crate::wire::Server;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use weir_bench::rng::Rng;
use weir_exchange::{SharedList, Text};

/// What a column of a record holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Name,
    Mobile,
    Id,
    Card,
    Address,
    Email,
}

impl Kind {
    pub const ALL: [Kind; 6] = [Kind::Name, Kind::Mobile, Kind::Id, Kind::Card, Kind::Address, Kind::Email];
    /// The data type of the built-in packs.
    pub const fn id(self) -> &'static str {
        ["cn_name", "cn_mobile", "cn_id18", "cn_bankcard", "cn_address", "email"][self as usize]
    }
    pub const fn field(self) -> &'static str {
        ["name", "mobile", "idNo", "cardNo", "address", "email"][self as usize]
    }
    /// Characters of a value.
    pub const fn length(self) -> u8 {
        [3, 11, 18, 19, 24, 20][self as usize]
    }
    /// Whether policy wants it masked.
    pub const fn secret(self) -> bool {
        matches!(self, Kind::Mobile | Kind::Id | Kind::Card | Kind::Address)
    }
}

/// How a column is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    Clear,
    /// So many characters from the start, and from the end.
    Ends(u8, u8),
}

/// A column of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Column {
    pub kind: Kind,
    pub shown: Shown,
}

const fn clear(kind: Kind) -> Column {
    Column { kind, shown: Shown::Clear }
}
const fn ends(kind: Kind, head: u8, tail: u8) -> Column {
    Column { kind, shown: Shown::Ends(head, tail) }
}
const NAME: Column = clear(Kind::Name);
const MOBILE: Column = clear(Kind::Mobile);
const ADDRESS: Column = clear(Kind::Address);
const EMAIL: Column = clear(Kind::Email);
const PHONE: Column = ends(Kind::Mobile, 3, 4);
const IDENTITY: Column = ends(Kind::Id, 3, 0);
const CARD: Column = ends(Kind::Card, 6, 4);

/// A sort of object that a site has: five interfaces, to list, search, read, make and change it.
#[derive(Clone, Debug)]
pub struct Resource {
    pub site: usize,
    pub name: &'static str,
    pub version: u8,
    /// What lists show, and what a single one does.
    pub list: &'static [Column],
    pub detail: &'static [Column],
    pub fields: SharedList<Text>,
    /// Where the numbers of its persons begin, so that customers, staff and suppliers differ.
    pub persons: u64,
    /// How many objects there are.
    pub size: u64,
}

/// Sites: host and the last but one octet of its servers.
pub const SITES: [&str; 10] = [
    "sso.corp.example",
    "crm.corp.example",
    "desk.corp.example",
    "hr.corp.example",
    "fin.corp.example",
    "wms.corp.example",
    "bi.corp.example",
    "oa.corp.example",
    "open.example.cn",
    "www.shop.example.cn",
];
pub const SSO: usize = 0;
pub const OPEN: usize = 8;
pub const SHOP: usize = 9;

/// Customers, whose records many sites have.
pub const CUSTOMERS: u64 = 200_000;
const STAFF: u64 = 1_000_000;
const SUPPLIERS: u64 = 2_000_000;

type Shape = (&'static str, &'static [Column], &'static [Column]);
const NONE: &[Column] = &[];

const RESOURCES: [&[Shape]; 10] = [
    &[],
    &[
        ("customers", &[NAME, PHONE], &[NAME, MOBILE, IDENTITY, ADDRESS]),
        ("contacts", &[NAME, PHONE], &[NAME, MOBILE, EMAIL]),
        ("leads", &[NAME, PHONE], &[NAME, PHONE]),
        ("opportunities", NONE, NONE),
        ("contracts", &[NAME], &[NAME, ends(Kind::Id, 12, 0)]),
        ("visits", &[NAME], &[NAME, ends(Kind::Id, 0, 8)]),
        ("activities", NONE, NONE),
        ("campaigns", NONE, NONE),
        ("quotes", NONE, &[NAME]),
        ("products", NONE, NONE),
    ],
    &[
        ("tickets", &[NAME, PHONE], &[NAME, MOBILE]),
        ("callbacks", &[PHONE], &[MOBILE]),
        ("complaints", &[NAME], &[NAME, PHONE]),
        ("articles", NONE, NONE),
        ("scripts", NONE, NONE),
        ("surveys", NONE, NONE),
        ("queues", NONE, NONE),
        ("callers", &[PHONE], &[NAME, MOBILE]),
    ],
    &[
        ("employees", &[NAME, PHONE], &[NAME, MOBILE, IDENTITY, EMAIL]),
        ("salaries", &[NAME], &[NAME, CARD]),
        ("attendance", &[NAME], &[NAME]),
        ("leaves", &[NAME], &[NAME]),
        ("candidates", &[NAME, PHONE], &[NAME, MOBILE, EMAIL]),
        ("trainings", NONE, NONE),
        ("reviews", &[NAME], &[NAME]),
        ("positions", NONE, NONE),
    ],
    &[
        ("invoices", &[NAME], &[NAME]),
        ("payments", &[NAME], &[NAME, CARD]),
        ("accounts", &[NAME, CARD], &[NAME, CARD, PHONE]),
        ("refunds", &[NAME], &[NAME, CARD]),
        ("expenses", &[NAME], &[NAME]),
        ("budgets", NONE, NONE),
        ("suppliers", &[NAME], &[NAME, MOBILE]),
        ("vouchers", NONE, NONE),
    ],
    &[
        ("parcels", &[NAME, PHONE], &[NAME, PHONE, ADDRESS]),
        ("stock", NONE, NONE),
        ("inbound", NONE, NONE),
        ("outbound", NONE, NONE),
        ("carriers", NONE, &[MOBILE]),
        ("returns", &[NAME, PHONE], &[NAME, PHONE, ADDRESS]),
    ],
    &[
        ("reports", NONE, NONE),
        ("dashboards", NONE, NONE),
        ("datasets", NONE, &[NAME, PHONE]),
        ("metrics", NONE, NONE),
        ("jobs", NONE, NONE),
    ],
    &[
        ("notices", NONE, NONE),
        ("approvals", &[NAME], &[NAME]),
        ("meetings", &[NAME], &[NAME]),
        ("documents", NONE, NONE),
        ("rooms", NONE, NONE),
        ("tasks", &[NAME], &[NAME]),
    ],
    &[
        ("verifications", NONE, &[NAME, MOBILE]),
        ("policies", NONE, &[NAME, MOBILE, ADDRESS]),
        ("orders", NONE, &[NAME, PHONE]),
        ("callbacks", NONE, NONE),
    ],
    &[
        ("items", NONE, NONE),
        ("carts", NONE, NONE),
        ("orders", NONE, &[NAME, MOBILE, ADDRESS]),
        ("members", NONE, &[NAME, MOBILE, ADDRESS]),
        ("coupons", NONE, NONE),
    ],
];

/// A department: its people, how much they call a day, and of which resources by which weight.
pub struct Department {
    pub name: &'static str,
    pub people: usize,
    pub calls: f64,
    pub work: &'static [(usize, &'static str, u32)],
    /// Whether it works in shifts and at weekends.
    pub shifts: bool,
}

pub const DEPARTMENTS: [Department; 9] = [
    Department {
        name: "sales",
        people: 110,
        calls: 75.0,
        shifts: false,
        work: &[
            (1, "customers", 40),
            (1, "contacts", 15),
            (1, "leads", 10),
            (1, "opportunities", 15),
            (1, "contracts", 6),
            (1, "activities", 10),
            (1, "quotes", 8),
            (1, "products", 8),
            (7, "approvals", 4),
            (7, "notices", 4),
            (7, "meetings", 3),
        ],
    },
    Department {
        name: "service",
        people: 120,
        calls: 150.0,
        shifts: true,
        work: &[
            (2, "tickets", 50),
            (2, "callers", 20),
            (2, "callbacks", 10),
            (2, "complaints", 5),
            (2, "articles", 12),
            (2, "scripts", 4),
            (2, "queues", 8),
            (1, "customers", 12),
            (1, "visits", 4),
            (7, "notices", 2),
        ],
    },
    Department {
        name: "hr",
        people: 20,
        calls: 70.0,
        shifts: false,
        work: &[
            (3, "employees", 25),
            (3, "salaries", 8),
            (3, "attendance", 15),
            (3, "leaves", 12),
            (3, "candidates", 20),
            (3, "trainings", 6),
            (3, "reviews", 6),
            (3, "positions", 6),
            (7, "documents", 6),
        ],
    },
    Department {
        name: "finance",
        people: 40,
        calls: 80.0,
        shifts: false,
        work: &[
            (4, "invoices", 20),
            (4, "payments", 25),
            (4, "accounts", 10),
            (4, "refunds", 10),
            (4, "expenses", 12),
            (4, "budgets", 4),
            (4, "suppliers", 8),
            (4, "vouchers", 15),
            (7, "approvals", 6),
        ],
    },
    Department {
        name: "warehouse",
        people: 80,
        calls: 180.0,
        shifts: true,
        work: &[
            (5, "parcels", 60),
            (5, "stock", 25),
            (5, "inbound", 15),
            (5, "outbound", 15),
            (5, "carriers", 5),
            (5, "returns", 8),
        ],
    },
    Department {
        name: "analysis",
        people: 20,
        calls: 60.0,
        shifts: false,
        work: &[
            (6, "reports", 20),
            (6, "dashboards", 30),
            (6, "datasets", 10),
            (6, "metrics", 20),
            (6, "jobs", 10),
            (7, "documents", 5),
        ],
    },
    Department {
        name: "it",
        people: 30,
        calls: 50.0,
        shifts: false,
        work: &[
            (6, "jobs", 15),
            (6, "metrics", 10),
            (7, "documents", 20),
            (7, "tasks", 30),
            (2, "articles", 5),
            (3, "employees", 1),
        ],
    },
    Department {
        name: "management",
        people: 20,
        calls: 40.0,
        shifts: false,
        work: &[
            (6, "dashboards", 30),
            (7, "approvals", 30),
            (7, "meetings", 15),
            (7, "documents", 10),
            (1, "customers", 4),
            (3, "employees", 3),
        ],
    },
    Department {
        name: "administration",
        people: 60,
        calls: 45.0,
        shifts: false,
        work: &[
            (7, "notices", 12),
            (7, "approvals", 20),
            (7, "meetings", 15),
            (7, "documents", 15),
            (7, "rooms", 10),
            (7, "tasks", 20),
            (4, "expenses", 6),
        ],
    },
];

/// One who works there.
#[derive(Clone, Debug)]
pub struct Employee {
    pub name: String,
    pub department: usize,
    /// Own desk, and the browser on it.
    pub seat: Ipv4Addr,
    pub agent: usize,
    /// How busy, of 1.
    pub pace: f64,
    /// Minute of the day at which it begins and ends, by habit.
    pub hours: (f64, f64),
    /// Customers looked after.
    pub own: Vec<u64>,
    /// Days off, and the first day.
    pub away: BTreeSet<u32>,
    pub joined: u32,
}

/// A customer with an account in the shop.
#[derive(Clone, Debug)]
pub struct Customer {
    pub name: String,
    pub person: u64,
    pub orders: Vec<u64>,
    pub abroad: bool,
}

/// Whoever asks the open gateway by a key.
#[derive(Clone, Debug)]
pub struct Partner {
    pub key: u64,
    pub ips: Vec<Ipv4Addr>,
    /// Questions on a working day.
    pub daily: u64,
    /// Whether it asks around the clock.
    pub around: bool,
    /// Persons it asks of again and again.
    pub own: Vec<u64>,
}

/// All of it.
pub struct Office {
    pub resources: Vec<Resource>,
    pub servers: Vec<Vec<Server>>,
    pub employees: Vec<Employee>,
    pub customers: Vec<Customer>,
    pub partners: Vec<Partner>,
    pub agents: Vec<Text>,
}

impl Office {
    /// Made up from a seed; `days` long.
    pub fn new(rng: &mut Rng, days: u32) -> Office {
        let mut office = Office {
            resources: resources(),
            servers: servers(),
            employees: Vec::new(),
            customers: Vec::new(),
            partners: Vec::new(),
            agents: (0..12)
                .map(|n| format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/{}.0", 128 + n).into())
                .collect(),
        };
        for (at, d) in DEPARTMENTS.iter().enumerate() {
            for _ in 0..d.people {
                let n = office.employees.len() as u32;
                office.employees.push(employee(rng, at, n, days));
            }
        }
        office.customers = (0..1_200).map(|n| customer(rng, n)).collect();
        office.partners = (0..6).map(|n| partner(rng, n)).collect();
        office
    }

    /// A resource of a site.
    pub fn resource(&self, site: usize, name: &str) -> &Resource {
        self.resources.iter().find(|r| r.site == site && r.name == name).expect("a resource of the office")
    }
}

impl Resource {
    /// Where it is.
    pub fn path(&self) -> String {
        format!("/api/v{}/{}", self.version, self.name)
    }
}

/// The names of the fields of records of these columns.
pub fn fields(resource: &str, columns: &[Column]) -> SharedList<Text> {
    let mut names: Vec<Text> = ["code", "message", "data[].id"].map(Text::from).into();
    // Objects of different sorts have fields of their own.
    let own =
        ["No", "Type", "Status", "Owner", "Remark"].map(|f| Text::from(format!("data[].{resource}{f}")));
    names.extend(own);
    names.extend(columns.iter().map(|c| Text::from(format!("data[].{}", c.kind.field()))));
    names.sort();
    names.into_iter().collect()
}

fn resources() -> Vec<Resource> {
    let mut all = Vec::new();
    for (site, shapes) in RESOURCES.iter().enumerate() {
        for (name, list, detail) in *shapes {
            let (persons, size) = match (site, *name) {
                (3, _) => (STAFF, 500),
                (4, _) => (SUPPLIERS, 3_000),
                _ => (0, CUSTOMERS),
            };
            let version: u8 = if (site, *name) == (3, "employees") { 2 } else { 1 };
            all.push(Resource {
                site,
                name,
                version,
                list,
                detail,
                fields: fields(name, detail),
                persons,
                size,
            });
        }
    }
    all
}

fn servers() -> Vec<Vec<Server>> {
    let of = |site: usize, host: &str| {
        let nodes = if matches!(site, 1 | 9) { 3 } else { 1 };
        let node = |n: u8| Server {
            host: host.into(),
            ip: Ipv4Addr::new(10, 20, site as u8, 11 + n),
            banner: "nginx/1.24.0".into(),
        };
        (0..nodes).map(node).collect()
    };
    SITES.iter().enumerate().map(|(site, host)| of(site, host)).collect()
}

fn employee(rng: &mut Rng, department: usize, n: u32, days: u32) -> Employee {
    let shifts = DEPARTMENTS[department].shifts;
    let (begin, end) = match (shifts, rng.below(3)) {
        (true, 0) => (390.0, 870.0),
        (true, 1) => (810.0, 1_300.0),
        _ => (530.0 + 15.0 * rng.normal(), 1_085.0 + 25.0 * rng.normal()),
    };
    let off = 1 + rng.below(3);
    Employee {
        name: format!("e{n:04}"),
        department,
        seat: Ipv4Addr::new(10, 50, (n / 200) as u8, (n % 200 + 10) as u8),
        agent: rng.below(6) as usize,
        pace: rng.log_normal(1.0, 0.25),
        hours: (begin, end),
        own: (0..120).map(|_| rng.below(CUSTOMERS)).collect(),
        away: (0..off).map(|_| rng.below(u64::from(days)) as u32).collect(),
        joined: if n % 97 == 5 { 10 + rng.below(10) as u32 } else { 0 },
    }
}

fn customer(rng: &mut Rng, n: u64) -> Customer {
    Customer {
        name: format!("m{:06}", 100_000 + n * 7),
        person: 100_000 + n * 7,
        orders: (0..1 + rng.below(4)).map(|k| 5_000_000 + n * 8 + k).collect(),
        abroad: n % 240 == 17,
    }
}

fn partner(rng: &mut Rng, n: u64) -> Partner {
    Partner {
        key: 9_000 + n,
        ips: (0..1 + n % 3).map(|k| Ipv4Addr::new(123, 56, 10 + n as u8, 20 + k as u8)).collect(),
        daily: 300 + rng.below(900),
        around: n == 4,
        own: (0..4_000).map(|_| rng.below(CUSTOMERS)).collect(),
    }
}
