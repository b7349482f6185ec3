//! Exchanges made up for tests: what a test is about is said, all else is plain.
//!
//! Behind the feature `sample`, which only dev-dependencies turn on. All crates that take exchanges start their tests from
//! here, so a new field of [`Exchange`] is given its plain value in one place.

use crate::{
    Anomalies, Body, BodyState, Column, CommunityId, Credential, CredentialKind, DataItem, DataType,
    DataTypeId, Exchange, Fingerprint, FlowRef, Form, KeptPositions, Login, MediaKind, Params, Part,
    PasswordFacts, PasswordShape, PersonalClass, Place, Protocol, Request, RequestFields, Response, Scheme,
    SharedList, SignalFamily, SignalKind, Text,
};
use smallvec::SmallVec;
use std::net::IpAddr;
use std::sync::Arc;
use weir_wire::{Endpoint, Timestamp};

/// A call in the making: whole, over HTTP/1.1 in clear, from 10.0.0.9:40000 to `shop.example` at 10.0.0.1:80, answered 200
/// without a body, all of it one nanosecond after the epoch, and with nothing found in it.
#[derive(Clone, Debug)]
pub struct Call {
    request: Request,
    response: Response,
    time: Timestamp,
    client: Endpoint,
    server: Endpoint,
    flow: u8,
    number: u32,
    data: Vec<DataItem>,
}

impl Call {
    /// A call of `method` on `target`.
    pub fn new(method: &str, target: &str) -> Self {
        let time = Timestamp::from_nanos(1);
        Call {
            request: request(method, target),
            response: response(time),
            time,
            client: Endpoint { ip: [10, 0, 0, 9].into(), port: 40_000 },
            server: Endpoint { ip: [10, 0, 0, 1].into(), port: 80 },
            flow: 0,
            number: 0,
            data: vec![],
        }
    }

    /// A `GET` of `target`.
    pub fn get(target: &str) -> Self {
        Call::new("GET", target)
    }

    /// The moment at which all of it happens, the flow's begin included.
    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }

    /// The address it comes from.
    pub fn from(mut self, client: impl Into<IpAddr>) -> Self {
        self.client.ip = client.into();
        self
    }

    /// The address and port it goes to.
    pub fn to(mut self, server: impl Into<IpAddr>, port: u16) -> Self {
        self.server = Endpoint { ip: server.into(), port };
        self
    }

    /// The byte that its flow's community id consists of, and its number in that flow.
    pub fn flow(mut self, flow: u8, number: u32) -> Self {
        (self.flow, self.number) = (flow, number);
        self
    }

    /// The status it is answered with.
    pub fn status(mut self, status: u16) -> Self {
        self.response.status = status;
        self
    }

    /// The body of the answer.
    pub fn gives(mut self, body: Body) -> Self {
        self.response.body = body;
        self
    }

    /// The field names in the answer.
    pub fn fields(mut self, fields: &[&str]) -> Self {
        self.response.fields = fields.iter().map(|f| Text::from(*f)).collect();
        self
    }

    /// Data found in it, after those before.
    pub fn holds(mut self, item: DataItem) -> Self {
        self.data.push(item);
        self
    }

    /// Anything else about the request.
    pub fn request(mut self, change: impl FnOnce(&mut Request)) -> Self {
        change(&mut self.request);
        self
    }

    /// The exchange.
    pub fn build(self) -> Exchange {
        let time = self.time;
        Exchange {
            time,
            ended: time,
            emitted: time,
            flow: FlowRef {
                community_id: CommunityId([self.flow; 20]),
                client: self.client,
                server: self.server,
                vlan: None,
                vni: None,
                started: time,
            },
            number: self.number,
            protocol: Protocol::Http11,
            scheme: Scheme::Http,
            request: Some(self.request),
            response: Some(Response { time, ..self.response }),
            data: self.data,
            signals: SmallVec::new(),
            anomalies: Anomalies::new(),
            complete: true,
        }
    }
}

/// A request to `shop.example` that says no more than it must.
pub fn request(method: &str, target: &str) -> Request {
    Request {
        method: method.into(),
        target: target.into(),
        head: Arc::new(RequestFields { host: "shop.example".into(), ..RequestFields::default() }),
        operation: Text::default(),
        action: None,
        login: None,
        params: Params::default(),
        body: Body::default(),
    }
}

fn response(time: Timestamp) -> Response {
    Response {
        time,
        status: 200,
        head: Arc::default(),
        fields: SharedList::default(),
        blank: 0,
        grpc_status: None,
        body: Body::default(),
    }
}

/// A whole body of `bytes` bytes.
pub fn body(kind: MediaKind, bytes: u64) -> Body {
    Body { kind, bytes, wire_bytes: bytes, state: BodyState::Whole, ..Body::default() }
}

/// A login in the body by a strong password in clear, field `password`, fingerprint 7; an empty account stands for none.
pub fn login(account: &str) -> Login {
    Login {
        account: (!account.is_empty()).then(|| account.into()),
        place: Place { response: false, part: Part::Body },
        field: "password".into(),
        password: PasswordFacts {
            shape: PasswordShape::Clear,
            length: 12,
            classes: 4,
            in_dictionary: false,
            like_account: false,
            fingerprint: Fingerprint(7),
        },
    }
}

/// A credential that names no account.
pub fn credential(kind: CredentialKind, place: Place, name: &str, fingerprint: u64) -> Credential {
    let fingerprint = Fingerprint(fingerprint);
    Credential { kind, place, name: name.into(), fingerprint, account: None, jwt: None }
}

/// One clear value of grade 3 in the body of the response, surely of its type; no path, sample or fingerprint.
pub fn item(data_type: DataTypeId) -> DataItem {
    DataItem {
        data_type,
        form: Form::Plain,
        place: Place { response: true, part: Part::Body },
        path: "".into(),
        count: 1,
        level: 3,
        confidence: 99,
        sample: "".into(),
        kept: KeptPositions::default(),
        values: SmallVec::new(),
        distinct: None,
        column: Column::default(),
    }
}

/// A data type of the group `test`: sensitive personal information that policy wants masked.
pub fn data_type(id: &str, level: u8) -> DataType {
    DataType {
        id: id.into(),
        zh: format!("类型 {id}").into(),
        en: format!("type {id}").into(),
        group: "test".into(),
        level,
        personal: PersonalClass::Sensitive,
        secret: false,
        opens: false,
        mask_expected: true,
        chance: 0,
        identifies: false,
    }
}

/// A kind of signal.
pub fn signal(id: &str, family: SignalFamily) -> SignalKind {
    SignalKind { id: id.into(), family, zh: format!("特征 {id}").into(), en: format!("sign {id}").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_asked_for() {
        let time = Timestamp::from_nanos(5);
        let call = Call::new("POST", "/x").at(time).from([10, 1, 1, 1]).to([10, 2, 2, 2], 8_080).flow(3, 4);
        let x = call
            .status(404)
            .gives(body(MediaKind::Json, 10))
            .fields(&["a", "b"])
            .holds(item(DataTypeId(1)))
            .request(|r| r.login = Some(Box::new(login(""))))
            .build();
        assert_eq!((x.time, x.ended, x.emitted, x.flow.started), (time, time, time, time));
        assert_eq!((x.flow.client.ip, x.flow.server.port), ([10, 1, 1, 1].into(), 8_080));
        assert_eq!((x.flow.community_id, x.number), (CommunityId([3; 20]), 4));
        assert_eq!((x.status(), x.data.len()), (Some(404), 1));
        assert!(x.response.is_some_and(|r| r.time == time && r.body.bytes == 10 && r.fields.len() == 2));
        assert!(
            x.request.is_some_and(|r| &*r.method == "POST" && r.login.is_some_and(|l| l.account.is_none()))
        );
    }
}
