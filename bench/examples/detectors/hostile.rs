//! Exchanges in which accounts, paths, addresses, tokens, persons and passwords never come again.

use std::net::{IpAddr, Ipv4Addr};
use weir_exchange::sample::{self, Call};
use weir_exchange::{
    Body, Catalogue, CredentialKind, DataItem, DataTypeId, Exchange, Fingerprint, MediaKind, Part, Place,
};
use weir_wire::Timestamp;

/// Nanoseconds from exchange to exchange: ten million are more than two days, so that days are closed.
const STEP: u64 = 20_000_000;

/// The data types that replies hold.
pub struct Types([DataTypeId; 2]);

impl Types {
    /// Those of a catalogue.
    pub fn of(catalogue: &Catalogue) -> Types {
        Types(
            ["cn_mobile", "cn_id18"].map(|id| catalogue.find(id).expect("a data type of the built-in packs")),
        )
    }
}

/// The n-th.
pub fn exchange(n: u64, types: &Types) -> Exchange {
    // A word and numbers that no two share (SplitMix64's finaliser is a bijection).
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let word: String = (0..13).map(|i| char::from(b'a' + ((z >> (i * 4)) & 15) as u8)).collect();
    let address = IpAddr::V4(Ipv4Addr::from((n as u32).wrapping_mul(2_654_435_761)));
    let give = |call: Call| {
        let item = |t: usize, level| DataItem {
            level,
            path: "data[].value".into(),
            values: [Fingerprint(z ^ t as u64)].into_iter().collect(),
            ..sample::item(types.0[t])
        };
        call.gives(Body { kind: MediaKind::Json, bytes: 200, ..Body::default() })
            .holds(item(0, 3))
            .holds(item(1, 4))
    };
    let call = |method: &str, path: &str| {
        Call::new(method, path).from(address).to([10, 0, 0, 1], 8_080).at(moment(n)).fields(&["id", "value"])
    };
    let with = |call: Call, kind: CredentialKind, account: bool| {
        let place = Place { response: false, part: Part::Header };
        let mut credential = sample::credential(kind, place, "authorization", z);
        credential.account = account.then(|| word.as_str().into());
        call.request(|r| r.credentials.push(credential))
    };
    match n % 10 {
        0 => give(call("GET", &format!("/{word}/list"))).build(),
        1 => give(with(call("GET", &format!("/api/users/{n}")), CredentialKind::Basic, true)).build(),
        2 => call("POST", "/login")
            .status(401)
            .request(|r| {
                let mut login = sample::login(&word);
                login.password.fingerprint = Fingerprint(z);
                r.login = Some(Box::new(login));
            })
            .build(),
        // One who counts up.
        3 => give(call("GET", &format!("/api/orders/{n}")).from([203, 0, 113, 7])).build(),
        4 => give(with(call("GET", &format!("/api/users/{n}")), CredentialKind::ApiKey, false)).build(),
        5 => with(call("POST", &format!("/pay/{word}")), CredentialKind::Signature, false).build(),
        6 => with(call("GET", &format!("/admin/{word}")).status(403), CredentialKind::Basic, true).build(),
        7 => with(call("DELETE", &format!("/api/users/{n}")), CredentialKind::Bearer, false).build(),
        8 => call("GET", &format!("/api/{word}?q=1%27%20union%20select%20{n}")).status(404).build(),
        _ => {
            let server = IpAddr::V4(Ipv4Addr::from(!(n as u32)));
            give(call("GET", "/api/users").to(server, 80)).request_host(&word)
        }
    }
}

/// The end of a call that asks for a host of its own.
trait Hosted {
    fn request_host(self, word: &str) -> Exchange;
}

impl Hosted for Call {
    fn request_host(self, word: &str) -> Exchange {
        self.request(|r| r.host = format!("{word}.example").into()).build()
    }
}

fn moment(n: u64) -> Timestamp {
    Timestamp::from_nanos(1_700_000_000_000_000_000 + n * STEP)
}
