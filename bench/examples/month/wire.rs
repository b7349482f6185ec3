//! Exchanges as a lane would give them, made up from what a call is about.

use crate::office::{Column, Kind, Shown};
use smallvec::SmallVec;
use std::net::Ipv4Addr;
use weir_exchange::sample::{self, Call};
use weir_exchange::{
    Body, BodyState, Catalogue, CommunityId, Credential, CredentialKind, DataItem, DataTypeId, Distinct,
    Exchange, Fingerprint, Form, JwtFacts, KeptPositions, Login, MediaKind, ParamPlace, ParamValue, Part,
    Place, Scheme, SharedList, Text,
};
use weir_wire::Timestamp;

/// Distinct values that an item lists one by one.
const LISTED: usize = 64;

/// A number that two different pairs hardly share (SplitMix64's finaliser).
pub fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_add(0x2545_f491_4f6c_dd1d);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The number of a text, for tokens and passwords.
pub fn number(text: &str) -> u64 {
    text.bytes().fold(7, |n, b| mix(n, u64::from(b)))
}

/// Who calls, from where and by what.
#[derive(Clone, Debug)]
pub struct Client {
    pub ip: Ipv4Addr,
    pub agent: Text,
    /// Account, and number of the token that names it.
    pub token: Option<(Text, u64)>,
    /// Key of a program that has no account.
    pub key: Option<u64>,
    /// Whether it is a browser.
    pub person: bool,
}

impl Client {
    /// A browser in which nobody is logged in.
    pub fn browser(ip: Ipv4Addr, agent: &Text) -> Client {
        Client { ip, agent: agent.clone(), token: None, key: None, person: true }
    }
    /// The same, with today's token of an account.
    pub fn of(mut self, account: &str, day: u32) -> Client {
        self.token = Some((account.into(), mix(number(account), u64::from(day))));
        self
    }
}

/// Which server answers, under which name.
#[derive(Clone, Debug)]
pub struct Server {
    pub host: Text,
    pub ip: Ipv4Addr,
    pub banner: Text,
}

/// What a call asks and gets.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub target: String,
    pub query: Vec<(&'static str, u64)>,
    pub status: u16,
    pub fields: SharedList<Text>,
    /// Columns of the records, and the numbers of the persons in them.
    pub columns: Vec<Column>,
    pub persons: Vec<u64>,
    pub records: u32,
    pub file: bool,
}

/// Makes exchanges; knows the ids of data types.
pub struct Wire {
    types: Vec<(DataTypeId, u8)>,
    flows: u64,
}

impl Wire {
    /// For the data types of a catalogue.
    pub fn new(catalogue: &Catalogue) -> Wire {
        let of = |k: &Kind| {
            let id = catalogue.find(k.id()).expect("a data type of the built-in packs");
            (id, catalogue.data_type(id).map_or(1, |t| t.level))
        };
        Wire { types: Kind::ALL.iter().map(of).collect(), flows: 0 }
    }

    /// A call of an interface.
    pub fn call(&mut self, time: u64, client: &Client, server: &Server, ask: &Ask) -> Exchange {
        let kind = if ask.file { MediaKind::Csv } else { MediaKind::Json };
        let bytes = 60 + u64::from(ask.records.max(1)) * (40 + 30 * ask.columns.len() as u64);
        let body = Body {
            kind,
            bytes,
            wire_bytes: bytes,
            state: BodyState::Whole,
            records: ask.records,
            file_name: ask.file.then(|| "export.csv".into()),
            ..Body::default()
        };
        let mut call = Call::new(ask.method, &ask.target)
            .at(Timestamp::from_nanos(time))
            .from(client.ip)
            .to(server.ip, 443)
            .status(ask.status);
        if ask.status < 300 {
            call = call.gives(body);
            for column in ask.columns.iter().filter(|_| !ask.persons.is_empty()) {
                call = call.holds(self.item(column, &ask.persons));
            }
        }
        let mut x = self.seal(call, client, server);
        if let (Some(request), Some(response)) = (&mut x.request, &mut x.response) {
            ask.query.iter().for_each(|(name, v)| {
                request.params.push(ParamPlace::Query, *name, ParamValue::Integer(*v));
            });
            response.fields = ask.fields.clone();
        }
        x
    }

    /// A login by a password; the token of an account that is let in names it.
    pub fn login(
        &mut self,
        time: u64,
        client: &Client,
        server: &Server,
        (account, password, enters): (&str, u64, Option<u32>),
    ) -> Exchange {
        let call = Call::new("POST", "/api/login")
            .at(Timestamp::from_nanos(time))
            .from(client.ip)
            .to(server.ip, 443)
            .status(if enters.is_some() { 200 } else { 401 })
            .gives(sample::body(MediaKind::Json, 90));
        let mut x = self.seal(call, client, server);
        if let (Some(request), Some(response)) = (&mut x.request, &mut x.response) {
            let mut login: Login = sample::login(account);
            login.password.fingerprint = Fingerprint(password);
            request.login = Some(Box::new(login));
            if let Some(day) = enters {
                let fingerprint = mix(number(account), u64::from(day));
                let place = Place { response: true, part: Part::Body };
                response.issued.push(token(account, fingerprint, place, time));
            }
        }
        x
    }

    fn seal(&mut self, call: Call, client: &Client, server: &Server) -> Exchange {
        let mut x = call.build();
        self.flows += 1;
        let mut id = [0; 20];
        id[..8].copy_from_slice(&self.flows.to_be_bytes());
        x.flow.community_id = CommunityId(id);
        x.scheme = Scheme::Https;
        let time = x.time.nanos();
        if let Some(request) = &mut x.request {
            let place = Place { response: false, part: Part::Header };
            request.host = server.host.clone();
            request.user_agent = client.agent.clone();
            request.has_accept_language = client.person;
            if client.person {
                request.referer = format!("https://{}/app/", server.host).into();
            }
            if let Some((account, n)) = &client.token {
                request.credentials.push(token(account, *n, place, time));
            }
            if let Some(n) = client.key {
                request.credentials.push(sample::credential(CredentialKind::ApiKey, place, "x-api-key", n));
            }
        }
        if let Some(response) = &mut x.response {
            response.server = server.banner.clone();
            response.cache_control = "no-store".into();
        }
        x
    }

    fn item(&self, column: &Column, persons: &[u64]) -> DataItem {
        let (data_type, level) = self.types[column.kind as usize];
        let masked = column.shown != Shown::Clear;
        let values = || {
            let of = u64::from(column.kind as u32) << 8 | u64::from(masked);
            persons.iter().map(move |p| Fingerprint(mix(of, *p)))
        };
        let distinct = (persons.len() > LISTED).then(|| {
            let mut all = Distinct::default();
            values().for_each(|v| all.add(v));
            Box::new(all)
        });
        DataItem {
            form: if masked { Form::Masked } else { Form::Plain },
            path: format!("data[].{}", column.kind.field()).into(),
            count: persons.len() as u32,
            level: level - u8::from(masked && level > 1),
            sample: "***".into(),
            kept: column.kept(),
            values: values().take(LISTED).collect::<SmallVec<_>>(),
            distinct,
            ..sample::item(data_type)
        }
    }
}

impl Column {
    fn kept(&self) -> KeptPositions {
        match self.shown {
            Shown::Clear => KeptPositions::default(),
            Shown::Ends(head, tail) => {
                KeptPositions { head: (1 << head) - 1, tail: (1 << tail) - 1, length: self.kind.length() }
            }
        }
    }
}

fn token(account: &str, n: u64, place: Place, time: u64) -> Credential {
    // Tokens are good for ten hours, from the full hour before.
    let hour = 3_600_000_000_000;
    let issued = time / hour * hour;
    let at = |t| Some(Timestamp::from_nanos(t));
    Credential {
        account: Some(account.into()),
        jwt: Some(JwtFacts {
            algorithm: "RS256".into(),
            issued: at(issued),
            expires: at(issued + 10 * hour),
        }),
        ..sample::credential(CredentialKind::Bearer, place, "authorization", n)
    }
}
