//! A run to report on, made up: a small bank's interfaces.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use weir_exchange::sample::{self, Call};
use weir_exchange::*;
use weir_judge::Matrix;
use weir_model::*;
use weir_report::*;
use weir_wire::{Account as Booked, Endpoint, Entry, Ledger, Timestamp};

macro_rules! card {
    ($name:ident, $id:literal, $zh:literal, $en:literal, $group:ident, $severity:ident, $measures:expr) => {
        pub static $name: Card = Card {
            id: $id,
            zh: $zh,
            en: $en,
            group: Group::$group,
            severity: Severity::$severity,
            risks: &[RiskType(1)],
            measures: $measures,
            owasp: "API2:2023 / CWE-306",
            basis: "GB/T 46796-2025 7.3.2.1",
            how_zh: "无凭据的调用连续返回成功且响应含敏感数据；登录、健康检查与静态资源不计。",
            how_en: "Calls without any credential succeed and their replies hold sensitive data; logins, health checks and static content are not counted.",
        };
    };
}
card!(
    V01,
    "V01",
    "接口缺少身份鉴别",
    "Missing authentication",
    Vulnerability,
    Critical,
    &[Handling(1), Handling(8)]
);
card!(V22, "V22", "明文传输", "Transport in clear", Vulnerability, High, &[Handling(4)]);
card!(V25, "V25", "错误信息泄露内部细节", "Error details disclosed", Vulnerability, Medium, &[Handling(14)]);
card!(
    D01,
    "D01",
    "敏感数据未脱敏",
    "Sensitive data not masked",
    Disclosure,
    High,
    &[Handling(5), Handling(6)]
);
card!(
    C11,
    "C11",
    "标识符遍历",
    "Enumeration of identifiers",
    AbnormalCall,
    High,
    &[Handling(3), Handling(7), Handling(12)]
);
card!(C20, "C20", "扫描探测", "Scanning", AbnormalCall, Info, &[Handling(12)]);
pub static CARDS: [&Card; 6] = [&V01, &V22, &V25, &D01, &C11, &C20];

const START: u64 = 1_767_323_045;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_secs_nanos(START + secs, 123_000_000)
}

fn both(zh: &str, en: &str) -> Summary {
    Summary { zh: zh.into(), en: en.into() }
}

pub struct Sample {
    sites: Vec<Site>,
    interfaces: Vec<Interface>,
    callers: Vec<Caller>,
    sources: Vec<RiskSource>,
    risks: Vec<Risk>,
    pub incidents: Vec<Incident>,
    catalogue: Catalogue,
    ledger: Ledger,
    tally: Tally,
    captures: Vec<String>,
    pub faults: Vec<Summary>,
    pub organisation: Organisation,
    versions: Vec<(String, String)>,
    matrix: Matrix,
}

fn types() -> Vec<DataType> {
    let rows = [
        ("cn_id18", "居民身份证号", "Resident ID", 4),
        ("cn_mobile", "手机号码", "Mobile number", 3),
        ("bank_card", "银行卡号", "Bank card", 4),
        ("cn_name", "姓名", "Name", 2),
        ("email", "电子邮箱", "E-mail", 2),
        ("password", "口令", "Password", 4),
        ("address", "住址", "Address", 3),
    ];
    let make = |(id, zh, en, level): (&str, &str, &str, u8)| DataType {
        zh: zh.into(),
        en: en.into(),
        ..sample::data_type(id, level)
    };
    rows.into_iter().map(make).collect()
}

/// Data of an interface: type, form, values, whether in the response.
type Held<'a> = &'a [(u16, Form, u64, bool)];

fn interface(n: u32, method: &str, template: &str, with: u64, without: u64, held: Held<'_>) -> Interface {
    let level = held.iter().map(|h| types()[usize::from(h.0)].level).max().unwrap_or(1);
    let profile = |values| DataProfile {
        values,
        exchanges: values,
        most: 20,
        level,
        path: "data.list[].idCard".into(),
        sample: "1101**********002X".into(),
        kept: KeptPositions::default(),
        rejected: 0,
        personal: true,
    };
    Interface {
        key: format!("if-{n:012x}").into(),
        site: SiteId(n % 2),
        method: method.into(),
        template: template.into(),
        operation_name: "".into(),
        name: "".into(),
        evidence: vec![],
        ruling: None,
        form_evidence: vec![],
        form: if template.ends_with(".js") { InterfaceForm::Static } else { InterfaceForm::Rest },
        operation: match method {
            "GET" => Operation::Read,
            "PUT" => Operation::Update,
            "DELETE" => Operation::Delete,
            _ if template.ends_with("login") => Operation::Login,
            _ => Operation::Create,
        },
        state: if n == 9 { InterfaceState::Noise } else { InterfaceState::Active },
        shelf: Default::default(),
        life: Default::default(),
        protocol: "http/1.1",
        first_seen: at(0),
        last_seen: at(3_000),
        exchanges: with + without,
        statuses: [0, 0, with + without, 0, 0, 0],
        callers: (0..=n % 5).map(CallerId).collect(),
        authentication: Authentication {
            with,
            without,
            refused: 0,
            kinds: if with > 0 { BTreeMap::from([(CredentialKind::Bearer, with)]) } else { BTreeMap::new() },
        },
        params: BTreeSet::new(),
        fields: BTreeSet::new(),
        data: held.iter().map(|(t, f, n, r)| ((*r, DataTypeId(*t), *f), profile(*n))).collect(),
        level,
        columns: BTreeMap::new(),
        subjects: Default::default(),
        schema: Default::default(),
        response_bytes: 1_000,
        duration_nanos: 5_000_000,
    }
}

fn source(
    card: &'static Card,
    i: Option<u32>,
    caller: Option<u32>,
    severity: Severity,
    count: u64,
    text: Summary,
) -> RiskSource {
    let evidence = |n| Evidence {
        time: at(60 * u64::from(n) + 7),
        flow: "1:wCb3OG7yAFWelaUydu0D+125CLM=".into(),
        number: n,
        note: both(
            "响应 200，返回 20 条记录，含身份证号 1101**********002X",
            "200 with 20 records, resident ID 1101**********002X",
        ),
    };
    RiskSource {
        key: FindingKey {
            id: card.id,
            site: SiteId(0),
            interface: i.map(InterfaceId),
            caller: caller.map(CallerId),
            account: caller.map(|_| "zhang.san".into()),
        },
        first_seen: at(7),
        last_seen: at(2_900),
        severity,
        count,
        summary: text,
        evidence: (0..3).map(evidence).collect(),
        data: Default::default(),
        effects: Default::default(),
        episodes: 1,
    }
}

impl Sample {
    pub fn new() -> Sample {
        use Form::{Encrypted, Hashed, Masked, Plain};
        let interfaces = vec![
            interface(
                0,
                "GET",
                "/api/v1/customers/{id}",
                0,
                420,
                &[(0, Plain, 420, true), (1, Plain, 420, true), (3, Plain, 420, true)],
            ),
            interface(
                1,
                "GET",
                "/api/v1/customers",
                260,
                12,
                &[(0, Masked, 900, true), (1, Masked, 2_400, true), (3, Plain, 2_400, true)],
            ),
            interface(2, "POST", "/api/v1/login", 0, 180, &[(5, Plain, 150, false), (5, Hashed, 30, false)]),
            interface(
                3,
                "GET",
                "/api/v1/accounts/{id}/cards",
                310,
                0,
                &[(2, Masked, 620, true), (2, Encrypted, 300, true)],
            ),
            interface(4, "POST", "/api/v1/transfers", 150, 0, &[(2, Encrypted, 150, false)]),
            interface(5, "PUT", "/api/v1/customers/{id}/address", 44, 0, &[(6, Plain, 44, false)]),
            interface(6, "GET", "/api/v1/branches", 0, 88, &[(4, Plain, 60, true)]),
            interface(
                7,
                "GET",
                "/internal/export/customers",
                3,
                0,
                &[(0, Plain, 1_500, true), (1, Plain, 1_500, true), (6, Plain, 1_500, true)],
            ),
            interface(8, "GET", "/static/app.js", 0, 230, &[]),
            interface(9, "GET", "/.git/config", 0, 0, &[]),
            interface(10, "DELETE", "/api/v1/sessions/{id}", 35, 0, &[]),
        ];
        let sources = vec![
            source(
                &V01,
                Some(0),
                None,
                Severity::Critical,
                420,
                both(
                    "420 次无凭据调用均返回成功，涉及身份证号、手机号码。",
                    "420 calls without a credential succeeded; replies hold resident IDs and mobile numbers.",
                ),
            ),
            source(
                &D01,
                Some(7),
                None,
                Severity::High,
                3,
                both(
                    "3 次调用返回 1,500 个未脱敏的身份证号。",
                    "3 calls returned 1,500 resident IDs in clear.",
                ),
            ),
            source(
                &V22,
                Some(2),
                None,
                Severity::High,
                180,
                both("口令经 HTTP 明文传输 150 次。", "Passwords were sent over clear HTTP 150 times."),
            ),
            source(
                &C11,
                Some(0),
                Some(3),
                Severity::High,
                1,
                both(
                    "调用方 10.20.3.17 在 4 分钟内按序访问了 400 个客户标识。",
                    "Caller 10.20.3.17 asked for 400 customer ids in sequence within 4 minutes.",
                ),
            ),
            source(
                &V25,
                Some(6),
                None,
                Severity::Medium,
                4,
                both("错误响应包含堆栈信息。", "Error replies hold stack traces."),
            ),
            source(
                &C20,
                None,
                Some(4),
                Severity::Info,
                31,
                both(
                    "31 次请求扫描器常用路径，均被拒绝。",
                    "31 requests for paths that scanners ask for, all refused.",
                ),
            ),
        ];
        let risk = |n: u32, t, i, harm, likelihood, level, sources: &[usize]| Risk {
            key: format!("rk-{n:012x}").into(),
            risk_type: RiskType(t),
            site: SiteId(0),
            interface: i,
            harm,
            likelihood,
            level,
            sources: sources.to_vec(),
            first_seen: at(7),
            last_seen: at(2_900),
            factors: BTreeMap::from([
                (
                    "data",
                    both(
                        "涉及 4 级个人信息，不同主体 400 人以上",
                        "grade 4 personal information of more than 400 persons",
                    ),
                ),
                ("exposure", both("无鉴别，已被遍历", "no authentication, enumeration observed")),
            ]),
        };
        let risks = vec![
            risk(1, 1, Some(InterfaceId(0)), Harm::High, Likelihood::High, RiskLevel::Major, &[0, 3]),
            risk(2, 1, Some(InterfaceId(7)), Harm::Considerable, Likelihood::Medium, RiskLevel::Medium, &[1]),
            risk(3, 5, Some(InterfaceId(2)), Harm::Considerable, Likelihood::High, RiskLevel::Medium, &[2]),
            risk(4, 21, None, Harm::Low, Likelihood::Low, RiskLevel::Slight, &[5]),
        ];
        // One of the office, then one of each that is counted apart.
        let place = |n: u8| {
            let code = ["", "CN", "HK", "DE"].get(usize::from(n)).and_then(|c| place::Country::new(c));
            let scope = if code.is_some() { place::Scope::External } else { place::Scope::Internal };
            let by = code.and_then(|_| place::Places::default().lookup([8, 8, 8, 8].into()).by);
            place::Place { country: code, by, ..place::Place::of(scope) }
        };
        let caller = |n: u8| Caller {
            ip: [10, 20, 3, 14 + n].into(),
            place: place(n),
            user_agent: "okhttp".into(),
            through: None,
            first_seen: at(0),
            last_seen: at(3_000),
            exchanges: 10,
        };
        let site = |host: &str| Site {
            host: host.into(),
            servers: BTreeSet::from([Endpoint { ip: [10, 9, 0, 2].into(), port: 8080 }]),
            upstreams: BTreeMap::new(),
            schemes: BTreeSet::from([Scheme::Http]),
            first_seen: at(0),
            last_seen: at(3_000),
            looked_up: BTreeSet::new(),
        };
        Sample {
            sites: vec![site("api.bank.example:8080"), site("m.bank.example")],
            callers: (0..5).map(caller).collect(),
            tally: tally(&interfaces),
            interfaces,
            sources,
            risks,
            incidents: vec![incident()],
            catalogue: Catalogue { data_types: types(), ..Catalogue::default() },
            ledger: ledger(),
            captures: vec!["mirror-20260102.pcapng.zst".into()],
            faults: vec![],
            organisation: Organisation {
                name: "示例银行股份有限公司".into(),
                officer: "李明".into(),
                contact: "dso@bank.example".into(),
                scope: String::new(),
            },
            versions: vec![("weir".into(), "0.1.0".into())],
            matrix: Matrix::gbt45577_2025(),
        }
    }

    /// Puts `text` wherever text from the wire goes.
    pub fn poisoned(text: &str) -> Sample {
        let mut s = Sample::new();
        for i in &mut s.interfaces {
            (i.method, i.template, i.operation_name) = (text.into(), text.into(), text.into());
        }
        for x in &mut s.sites {
            x.host = text.into();
        }
        for r in &mut s.sources {
            r.key.account = Some(text.into());
            r.summary = both(text, text);
            for e in &mut r.evidence {
                (e.note, e.flow) = (both(text, text), text.into());
            }
        }
        for r in &mut s.risks {
            r.factors.insert("x", both(text, text));
        }
        (s.captures, s.faults) =
            (vec![text.into(); 30], vec![Summary { zh: text.into(), en: text.into() }; 30]);
        s.organisation.name = text.into();
        s
    }

    /// A run in which nothing was seen.
    pub fn empty() -> Sample {
        let mut s = Sample::new();
        s.interfaces.clear();
        s.sources.clear();
        s.risks.clear();
        s.sites.clear();
        s.callers.clear();
        (s.ledger, s.tally, s.organisation) = (Ledger::default(), Tally::default(), Organisation::default());
        s
    }

    /// Every list far longer than what is shown.
    pub fn crowded() -> Sample {
        let mut s = Sample::new();
        for n in 0..3_000u32 {
            s.sources.push(s.sources[n as usize % 6].clone());
            s.interfaces.push(interface(
                100 + n,
                "GET",
                &format!("/api/v2/resource{n}/{{id}}"),
                1,
                1,
                &[(1, Form::Plain, 5, true)],
            ));
        }
        s
    }

    pub fn input<'a>(&'a self, resolve: &'a dyn Fn(InterfaceId) -> InterfaceId) -> ReportInput<'a> {
        ReportInput {
            known: Known {
                sites: &self.sites,
                interfaces: &self.interfaces,
                callers: &self.callers,
                accounts: &[],
                encrypted: &[],
            },
            resolve,
            sources: &self.sources,
            risks: &self.risks,
            incidents: &self.incidents,
            matrix: &self.matrix,
            cards: &CARDS,
            catalogue: &self.catalogue,
            ledger: &self.ledger,
            tally: &self.tally,
            captures: &self.captures,
            faults: &self.faults,
            organisation: &self.organisation,
            versions: &self.versions,
            directory: Path::new("out"),
            reported: true,
        }
    }

    pub fn html(&self, first: Language) -> String {
        let mut out = Vec::new();
        write_html(&mut out, &self.input(&|id| id), first).unwrap();
        String::from_utf8(out).unwrap()
    }
}

/// What the sixth risk source shows, with hostile names.
fn incident() -> Incident {
    Incident {
        key: "in-0123456789ab".into(),
        types: vec![IncidentType::DataTheft, IncidentType::CredentialAttack],
        level: IncidentLevel::Considerable,
        level_said: both("一百万人以上", "1 million persons or more"),
        site: SiteId(0),
        known: at(60),
        first_seen: at(7),
        last_seen: at(2_900),
        interfaces: BTreeSet::from([InterfaceId(0)]),
        callers: BTreeSet::from([CallerId(0)]),
        accounts: BTreeSet::from(["<b>zhang".into()]),
        effects: BTreeMap::from([(Effect::Obtained, at(60))]),
        data: BTreeMap::from([(DataTypeId(0), 4)]),
        persons: 1_260_000,
        sightings: 12,
        consequence: both("取得数据；至多涉及 1260000 人", "data were obtained; 1260000 persons at most"),
        cause: both("通过遍历成批取得", "obtained by enumeration"),
        harm: Harm::High,
        likelihood: Likelihood::High,
        sources: vec![0],
        weaknesses: vec![1],
        risks: vec![0],
        clocks: vec![Clock {
            id: "report-other".into(),
            said: both("向属地省级网信部门报告", "report to the provincial administration"),
            clause: "国家网络安全事件报告管理办法".into(),
            since: Since::Known,
            within: 14_400,
            due: Some(at(60 + 14_400)),
        }],
    }
}

fn ledger() -> Ledger {
    let mut l = Ledger::default();
    let mut book = |a, count, bytes: u64| {
        (0..count).for_each(|i| l.add(a, bytes / count + u64::from(i == 0) * (bytes % count)))
    };
    book(Booked::FrameTcp, 18_240, 21_480_113);
    book(Booked::FrameUdp, 640, 88_120);
    book(Booked::FrameOther, 212, 13_022);
    book(Booked::StreamDelivered, 9_800, 19_800_000);
    book(Booked::StreamDuplicate, 120, 160_000);
    book(Booked::StreamUndelivered, 4, 40_000);
    book(Booked::MessageHead, 4_500, 2_300_000);
    book(Booked::MessageBody, 4_000, 14_500_000);
    book(Booked::MessageEncrypted, 300, 3_000_000);
    book(Booked::BodyScanned, 1_700, 13_000_000);
    book(Booked::BodyBinary, 240, 1_500_000);
    (l.received, l.bodies) = (l.total(weir_wire::Layer::Frame), l.total(weir_wire::Layer::Body));
    l.payload = Entry { count: 9_900, bytes: 20_000_000 };
    l
}

fn tally(interfaces: &[Interface]) -> Tally {
    let mut t = Tally::default();
    for (n, i) in interfaces.iter().enumerate() {
        for k in 0..i.exchanges {
            let caller = CallerId(u32::try_from((k * 7 + n as u64) % 5).unwrap());
            let time = at((k * 3_000 / i.exchanges + (k * k * 37) % 400) % 3_000);
            t.add(
                &exchange(time, if k % 29 == 3 { 403 } else { 200 }, i.level),
                caller,
                Some(InterfaceId(n as u32)),
            );
        }
    }
    t
}

fn exchange(time: Timestamp, status: u16, level: u8) -> Exchange {
    let item = DataItem { level, ..sample::item(DataTypeId(0)) };
    Call::get("/").at(time).status(status).holds(item).build()
}
