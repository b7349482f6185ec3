//! Small worlds for the tests of detectors: one site, a few interfaces and callers, exchanges built in one line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::{Detector, Engine, Meaning, Seen, Thresholds};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use weir_exchange::*;
use weir_model::*;
use weir_wire::Timestamp;

/// The catalogue of the tests: id, grade, class, secret, masked by policy.
const TYPES: &[(&str, u8, PersonalClass, bool, bool)] = &[
    ("cn_id18", 4, PersonalClass::Sensitive, false, true),
    ("cn_mobile", 3, PersonalClass::Personal, false, true),
    ("cn_bankcard", 4, PersonalClass::Sensitive, false, true),
    ("email", 2, PersonalClass::Personal, false, false),
    ("cn_name", 2, PersonalClass::Personal, false, false),
    ("cn_address", 3, PersonalClass::Sensitive, false, true),
    ("ipv4", 2, PersonalClass::Personal, false, false),
    ("password", 4, PersonalClass::None, true, true),
    ("password_hash", 3, PersonalClass::None, true, false),
    ("jwt", 3, PersonalClass::None, true, false),
    ("private_key", 4, PersonalClass::None, true, false),
    ("face_vector", 4, PersonalClass::Sensitive, false, true),
    ("minor_flag", 4, PersonalClass::Sensitive, false, true),
];
/// Signals of the tests.
const SIGNALS: &[(&str, SignalFamily)] = &[
    ("error.trace", SignalFamily::ErrorDisclosure),
    ("error.path", SignalFamily::ErrorDisclosure),
    ("error.sql-mysql", SignalFamily::ErrorDisclosure),
    ("console.actuator", SignalFamily::ExposedConsole),
    ("console.openapi", SignalFamily::ExposedConsole),
    ("attack.xxe", SignalFamily::AttackPayload),
    ("attack.sql", SignalFamily::AttackPayload),
    ("probe.git", SignalFamily::ProbePath),
];

pub(crate) fn catalogue() -> Catalogue {
    let data_types = TYPES.iter().map(|(id, level, personal, secret, mask)| DataType {
        personal: *personal,
        secret: *secret,
        opens: *secret,
        mask_expected: *mask,
        identifies: matches!(*id, "cn_id18" | "cn_mobile" | "email"),
        ..sample::data_type(id, *level)
    });
    let signals = SIGNALS.iter().map(|(id, family)| sample::signal(id, *family));
    Catalogue { data_types: data_types.collect(), signals: signals.collect(), ..Catalogue::default() }
}

/// A call in the making: a JSON exchange over plain HTTP, answered 200, by caller 0 at interface 0.
#[derive(Clone)]
pub(crate) struct Call {
    pub exchange: Exchange,
    pub caller: u32,
    pub interface: u32,
    pub account: Option<u32>,
    pub login: Option<LoginOutcome>,
    pub authenticated: bool,
    /// The value of the variable segment of its path.
    pub object: Option<String>,
}

pub(crate) fn call(method: &str, target: &str) -> Call {
    let exchange = sample::Call::new(method, target)
        .at(Timestamp::from_secs_nanos(1_000_000, 0))
        .from([10, 0, 0, 1])
        .to([10, 0, 1, 1], 80)
        .fields(&["id", "name"])
        .gives(sample::body(MediaKind::Json, 100))
        .build();
    Call { exchange, caller: 0, interface: 0, account: None, login: None, authenticated: false, object: None }
}

fn data_type(id: &str) -> DataTypeId {
    catalogue().find(id).unwrap()
}

impl Call {
    /// Seconds after the first.
    pub fn at(mut self, seconds: f64) -> Self {
        let t = Timestamp::from_nanos(1_000_000_000_000_000 + (seconds * 1e9) as u64);
        (self.exchange.time, self.exchange.ended, self.exchange.emitted) = (t, t, t);
        self
    }
    pub fn by(mut self, caller: u32) -> Self {
        self.caller = caller;
        self
    }
    pub fn to(mut self, interface: u32) -> Self {
        self.interface = interface;
        self
    }
    pub fn status(mut self, status: u16) -> Self {
        self.exchange.response.as_mut().unwrap().status = status;
        self
    }
    pub fn kind(mut self, kind: MediaKind) -> Self {
        self.exchange.response.as_mut().unwrap().body.kind = kind;
        self
    }
    pub fn https(mut self) -> Self {
        self.exchange.scheme = Scheme::Https;
        self
    }
    pub fn signed_in(mut self) -> Self {
        self.authenticated = true;
        self
    }
    pub fn req(mut self, change: impl FnOnce(&mut Request)) -> Self {
        change(self.exchange.request.as_mut().unwrap());
        self
    }
    /// Values `first..first + count` of a type at a place and in a form.
    pub fn item(mut self, id: &str, response: bool, part: Part, form: Form, first: u64, count: u32) -> Self {
        let t = data_type(id);
        let level = catalogue().data_type(t).unwrap().level - u8::from(form == Form::Masked);
        self.exchange.data.push(DataItem {
            form,
            place: Place { response, part },
            path: "data[].x".into(),
            count,
            level,
            sample: "1***9".into(),
            values: (first..first + u64::from(count.min(64))).map(Fingerprint).collect(),
            ..sample::item(t)
        });
        self
    }
    /// Clear values in the body of the response.
    pub fn gives(self, id: &str, first: u64, count: u32) -> Self {
        self.item(id, true, Part::Body, Form::Plain, first, count)
    }
    pub fn signal(mut self, id: &str, response: bool, part: Part) -> Self {
        let at = SIGNALS.iter().position(|(s, _)| *s == id).unwrap();
        let place = Place { response, part };
        self.exchange.signals.push(SignalHit { signal: SignalId(at as u16), place, excerpt: "...".into() });
        self
    }
    pub fn param(self, place: ParamPlace, name: &str, value: ParamValue) -> Self {
        self.req(|r| r.params.push(place, name, value))
    }
    pub fn credential(self, kind: CredentialKind, part: Part, name: &str) -> Self {
        let place = Place { response: false, part };
        let credential = sample::credential(kind, place, name, 5);
        self.signed_in().req(|r| r.credentials.push(credential))
    }
    /// A login with a strong password of this number, unless changed.
    pub fn login(mut self, account: &str, password: u64, outcome: LoginOutcome) -> Self {
        self.login = Some(outcome);
        self.req(|r| r.login = Some(Box::new(sample::login(account))))
            .password(|p| p.fingerprint = Fingerprint(password))
    }
    pub fn password(self, change: impl FnOnce(&mut PasswordFacts)) -> Self {
        self.req(|r| change(&mut r.login.as_mut().unwrap().password))
    }
}

/// Site 0 with 64 interfaces, 128 internal callers (caller 100 and above are public) and the accounts `alice` and `admin`.
pub(crate) struct World {
    sites: Vec<Site>,
    pub interfaces: Vec<Interface>,
    callers: Vec<Caller>,
    pub accounts: Vec<Account>,
    pub catalogue: Catalogue,
    /// What the registered list says of every interface, where there is one.
    pub registration: Option<Registration>,
}

/// A list that says the same of every interface.
struct Same(Registration);

impl Register for Same {
    fn standing(&self, _: &Interface, _: &Known<'_>, _: &Catalogue) -> Registration {
        self.0.clone()
    }
}

impl World {
    pub fn new() -> Self {
        let zero = Timestamp::default();
        let site = Site {
            host: "shop.example".into(),
            servers: BTreeSet::new(),
            upstreams: BTreeMap::new(),
            schemes: BTreeSet::from([Scheme::Http]),
            first_seen: zero,
            last_seen: zero,
            looked_up: BTreeSet::new(),
        };
        let caller = |i: u8| {
            let ip: IpAddr = if i < 100 { [10, 0, 0, i].into() } else { [203, 0, 113, i].into() };
            let place = place::Place::of(place::Scope::Internal);
            Caller {
                ip,
                place,
                user_agent: "".into(),
                through: None,
                first_seen: zero,
                last_seen: zero,
                exchanges: 1,
            }
        };
        let account = |name: &str| Account {
            key: format!("ac-{name}").into(),
            name: name.into(),
            site: SiteId(0),
            origin: AccountOrigin::Login,
            first_seen: zero,
            last_seen: zero,
            exchanges: 1,
            sources: BTreeSet::new(),
            subjects: Default::default(),
            privileged: name == "admin",
            person: None,
        };
        World {
            sites: vec![site],
            interfaces: (0..64).map(interface).collect(),
            callers: (0..128).map(caller).collect(),
            accounts: vec![account("alice"), account("admin")],
            catalogue: catalogue(),
            registration: None,
        }
    }

    /// With a list on which every interface has this standing.
    pub fn listed(mut self, state: RegistrationState, beyond: &[(&'static str, &str)]) -> World {
        let beyond = beyond.iter().map(|(what, seen)| Excess { what, seen: vec![(*seen).into()] }).collect();
        self.registration = Some(Registration {
            state,
            owner: "Li Wei".into(),
            system: "crm".into(),
            level: None,
            until: "1970-01-20".into(),
            beyond,
        });
        self
    }

    /// Places callers in a country.
    pub fn place_callers(&mut self, callers: std::ops::Range<usize>, country: &str) {
        for caller in &mut self.callers[callers] {
            caller.place.scope = place::Scope::External;
            caller.place.country = place::Country::new(country);
        }
    }

    pub fn known(&self) -> Known<'_> {
        Known {
            sites: &self.sites,
            interfaces: &self.interfaces,
            callers: &self.callers,
            accounts: &self.accounts,
            encrypted: &[],
        }
    }

    fn with<T>(&self, call: &Call, judge: impl FnOnce(&Observation<'_>) -> T) -> T {
        let path_values: Vec<(Text, Text)> =
            call.object.iter().map(|v| ("id".into(), v.as_str().into())).collect();
        judge(&Observation {
            exchange: &call.exchange,
            catalogue: &self.catalogue,
            site: SiteId(0),
            interface: Some(InterfaceId(call.interface)),
            caller: CallerId(call.caller),
            account: call.account.map(AccountId),
            login: call.login,
            authenticated: call.authenticated,
            path_values: &path_values,
        })
    }

    /// What one detector finds in calls.
    pub fn found(&self, detector: &mut dyn Detector, calls: impl IntoIterator<Item = Call>) -> Findings {
        let mut out = Vec::new();
        for call in calls {
            let said =
                call.exchange.request.as_ref().map(|r| Meaning::all(r.params.names())).unwrap_or_default();
            let list = self.registration.clone().map(Same);
            let list = list.as_ref().map(|l| l as &dyn Register);
            self.with(&call, |seen| {
                detector.inspect(&Seen::new(seen, &said).registered(list), &self.known(), &mut out);
            });
        }
        out
    }

    /// What all detectors find in calls.
    pub fn engine(&self, calls: impl IntoIterator<Item = Call>) -> Engine {
        let mut engine = Engine::new(Thresholds::default());
        for call in calls {
            self.with(&call, |seen| engine.inspect(seen, &self.known()));
        }
        engine
    }
}

fn interface(i: u32) -> Interface {
    Interface {
        key: format!("if-{i:012x}").into(),
        site: SiteId(0),
        method: "GET".into(),
        template: format!("/t{i}/{{id}}").into(),
        operation_name: "".into(),
        name: "".into(),
        evidence: vec![],
        ruling: None,
        form: InterfaceForm::Rest,
        form_evidence: vec![],
        operation: Operation::Read,
        state: InterfaceState::Active,
        shelf: Default::default(),
        schema: Default::default(),
        life: Default::default(),
        protocol: "http/1.1",
        first_seen: Timestamp::default(),
        last_seen: Timestamp::default(),
        exchanges: 0,
        statuses: [0; 6],
        callers: BTreeSet::new(),
        authentication: Authentication::default(),
        params: BTreeSet::new(),
        fields: BTreeSet::new(),
        data: BTreeMap::new(),
        level: 1,
        columns: BTreeMap::new(),
        subjects: Default::default(),
        response_bytes: 0,
        duration_nanos: 0,
    }
}
