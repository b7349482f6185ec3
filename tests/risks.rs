//! Risk sources from packets: of each a case that shows it and one just below that does not, each on a host of its own. The packets are
//! made here, all cases that show in one capture and all that do not in another; the real binary reads both.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use weir_support::{Traffic, Weir, records, stderr};

const WEIR: Weir = Weir(env!("CARGO_BIN_EXE_weir"));
const INSIDE: [u8; 4] = [10, 0, 0, 9];
const SERVER: [u8; 4] = [10, 0, 0, 2];
const OUTSIDE: [u8; 4] = [101, 6, 7, 8];
const ELSEWHERE: [u8; 4] = [93, 184, 216, 34];

/// A conversation under the host of its case.
struct Talk<'a> {
    traffic: &'a mut Traffic,
    host: String,
}

impl Talk<'_> {
    fn from(&mut self, client: [u8; 4]) -> &mut Self {
        self.traffic.between(client, SERVER);
        self
    }
    fn to(&mut self, server: [u8; 4]) -> &mut Self {
        self.traffic.between(INSIDE, server);
        self
    }
    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.traffic.wait(seconds);
        self
    }
    /// A call: request line, more header lines, a JSON body (none where empty), status, media type and body of the reply.
    fn say(
        &mut self,
        line: &str,
        more: &str,
        body: &str,
        (status, media, reply): (u16, &str, &str),
    ) -> &mut Self {
        let typed = match body.len() {
            0 => String::new(),
            n => format!("Content-Type: application/json\r\nContent-Length: {n}\r\n"),
        };
        let request = format!("{line} HTTP/1.1\r\nHost: {}\r\n{more}{typed}\r\n{body}", self.host);
        let length = reply.len();
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n");
        self.traffic.exchange(request.as_bytes(), format!("{head}{reply}").as_bytes());
        self
    }
    fn json(&mut self, line: &str, more: &str, status: u16, reply: &str) -> &mut Self {
        self.say(line, more, "", (status, "application/json", reply))
    }
    fn gives(&mut self, line: &str, more: &str) -> &mut Self {
        self.json(line, more, 200, &persons(1))
    }
}

/// A mobile number.
fn mobile(n: usize) -> String {
    format!("138{:08}", 10_000_019 + n * 7_919)
}

/// Resident identity numbers that verify (GB 11643-1999), born on one day after the other.
fn id18(n: usize) -> String {
    const WEIGHTS: [usize; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("1101011990{:02}{:02}{:03}", 1 + n / 28 % 12, 1 + n % 28, 100 + n / 336);
    let sum: usize = body.bytes().zip(WEIGHTS).map(|(b, w)| usize::from(b - b'0') * w).sum();
    format!("{body}{}", char::from(b"10X98765432"[sum % 11]))
}

/// A list of so many persons.
fn persons(n: usize) -> String {
    let row = |i| format!("{{\"id\":{i},\"mobile\":\"{}\",\"idNo\":\"{}\"}}", mobile(i), id18(i));
    let all: Vec<String> = (0..n).map(row).collect();
    format!("{{\"data\":[{}]}}", all.join(","))
}

fn basic(account: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{account}:Zq7!pw-{account}")))
}

/// A case: what is said where it shows (`true`) and where it does not.
type Case = (&'static str, fn(&mut Talk<'_>, bool));

const OK: &str = "{\"ok\":true,\"id\":1}";
const SESSION: &str = "Cookie: JSESSIONID=8f3c2a9d1b7e4f60a5c9d2e8\r\n";

const CASES: &[Case] = &[
    ("V02", |t, shows| {
        t.json("GET /api/users", "", 401, "{}")
            .gives(if shows { "GET /API/users/" } else { "GET /api/users" }, "");
    }),
    ("V07", |t, shows| {
        if !shows {
            t.gives("GET /api/c", SESSION);
        }
        t.json("POST /api/logout", SESSION, 200, OK);
        if shows {
            t.gives("GET /api/c", SESSION);
        }
    }),
    ("V12", |t, shows| {
        t.json("GET /api/mine", &basic("zhang"), 200, OK);
        if shows {
            t.json("GET /api/reports", &basic("zhang"), 403, "{}");
        }
        t.wait(60).json("DELETE /api/admin/users/7", &basic("zhang"), 200, OK);
    }),
    ("V16", |t, shows| {
        let line = "GET /pay?id=1&sign=9b74c9897bac770ffc029102a200c5de&timestamp=1767600000";
        t.json(line, "", 200, OK).wait(if shows { 301 } else { 200 }).json(line, "", 200, OK);
    }),
    ("V17", |t, shows| {
        let said = if shows {
            "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version"
        } else {
            "bad request"
        };
        t.say("GET /a?id=1%27%20union%20select%20password%20from%20users", "", "", (500, "text/plain", said));
    }),
    ("V31", |t, shows| {
        let key = if shows { "AKIAQ3EGX7PVN5RTDWZK" } else { "AKIA" };
        let script = format!(
            "var a=1;var cfg={{accessKey:\"{key}\",secretKey:\"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\"}};"
        );
        let script = if shows { script } else { "var a=1;var cfg={};".to_owned() };
        t.say("GET /static/app.js", "", "", (200, "application/javascript", &script));
    }),
    ("V33", |t, shows| {
        let length = if shows { "Content-Length: 13\r\n" } else { "" };
        let request = format!(
            "POST /a HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{length}Transfer-Encoding: chunked\r\n\r\n3\r\n{{\"a\r\n4\r\n\":1}}\r\n0\r\n\r\n",
            t.host
        );
        let reply = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{OK}",
            OK.len()
        );
        t.traffic.exchange(request.as_bytes(), reply.as_bytes());
    }),
    ("V35", |t, shows| {
        t.to(if shows { ELSEWHERE } else { SERVER }).gives("GET /v1/verify", "");
    }),
    ("D02", |t, shows| {
        let raw = if shows { mobile(0) } else { mobile(1) };
        let masked = format!("{}****{}", &mobile(0)[..3], &mobile(0)[7..]);
        t.json(
            "GET /api/c/1",
            "",
            200,
            &format!("{{\"mobile\":\"{masked}\",\"contact\":{{\"mobile\":\"{raw}\"}}}}"),
        );
    }),
    ("D03", |t, shows| {
        let tail = if shows { "03074514" } else { "514" };
        for n in 0..4 {
            let front = format!("{{\"idNo\":\"110101199003******\",\"contractNo\":{n}}}");
            t.json(&format!("GET /api/contracts/{}", 700 + n * 13), &basic("wu"), 200, &front);
            let back = format!("{{\"idNo\":\"{}{tail}\",\"visitNo\":{n}}}", "*".repeat(18 - tail.len()));
            t.json(&format!("GET /api/visits/{}", 900 + n * 17), &basic("wu"), 200, &back);
        }
    }),
    ("D04", |t, shows| {
        let plain = id18(3);
        let shown = if shows { plain.clone() } else { format!("{}********{}", &plain[..6], &plain[14..]) };
        t.json("GET /api/c/2", "", 200, &format!("{{\"idNo\":\"{shown}\"}}"));
    }),
    ("D08", |t, shows| {
        let persons = persons(if shows { 700 } else { 400 });
        t.json("GET /api/list", &basic("li"), 200, &persons);
    }),
    ("D21", |t, shows| {
        let minor = if shows { "true" } else { "false" };
        t.json(
            "GET /api/pupils/1",
            "",
            200,
            &format!("{{\"isMinor\":\"{minor}\",\"mobile\":\"{}\"}}", mobile(8)),
        );
    }),
    ("C18", |t, shows| {
        let line = "GET /pay?id=1&sign=0cc175b9c0f1b6a831c399e269772661&timestamp=1767600001";
        t.from([10, 0, 0, 30]).json(line, "", 200, OK).wait(400).from([10, 0, 0, 31]).json(line, "", 200, OK);
        if shows {
            t.json(line, "", 200, OK);
        }
    }),
    ("C22", |t, shows| {
        for n in 0..if shows { 20 } else { 19 } {
            t.json(&format!("DELETE /api/orders/{}", 500 + n * 3), "", 200, OK);
        }
    }),
    ("C29", |t, shows| {
        let persons = persons(if shows { 100 } else { 99 });
        t.to(ELSEWHERE).say("POST /up", "", &persons, (200, "application/json", OK));
    }),
    ("P01", |t, shows| {
        t.gives(if shows { "GET /internal/dump" } else { "GET /api/known" }, "");
    }),
    ("P03", |t, shows| {
        t.json(if shows { "GET /api/expired" } else { "GET /api/known" }, "", 200, OK);
    }),
    ("P04", |t, shows| {
        t.gives(if shows { "GET /api/names" } else { "GET /api/known" }, "");
    }),
    ("P05", |t, shows| {
        t.from(if shows { OUTSIDE } else { INSIDE }).json("GET /api/inside", "", 200, OK);
    }),
    ("C07", |t, shows| {
        t.from(if shows { [10, 9, 9, 9] } else { [10, 0, 0, 50] }).json("GET /api/permitted", "", 200, OK);
    }),
    ("P18", |t, shows| {
        t.from(if shows { OUTSIDE } else { INSIDE }).gives("GET /uat/c", "");
    }),
];

/// The registered list that both captures are compared with.
const LIST: &str = "path,method,callers,zones,data_types,until,owner,system
/api/known,GET,,,,2027-12-31,Li,crm
/api/expired,GET,,,,2026-01-01,Li,crm
/api/names,GET,,,cn_name,2027-12-31,Li,crm
/api/inside,GET,,internal,,2027-12-31,Li,crm
/api/permitted,GET,10.0.0.0/24,,,2027-12-31,Li,crm
";

fn host(id: &str) -> String {
    format!("{}.corp.example.cn", id.to_lowercase())
}

/// Risk sources of all cases that show, or of all that do not: catalogue id and host.
fn found(shows: bool) -> BTreeSet<(String, String)> {
    let dir = tempfile::tempdir().unwrap();
    let mut traffic = Traffic::default();
    for (id, case) in CASES {
        traffic.between(INSIDE, SERVER);
        case(&mut Talk { traffic: &mut traffic, host: host(id) }, shows);
    }
    let (capture, list, out) =
        (dir.path().join("calls.pcap"), dir.path().join("list.csv"), dir.path().join("out"));
    fs::write(&capture, traffic.pcap()).unwrap();
    fs::write(&list, LIST).unwrap();
    fs::create_dir(&out).unwrap();
    let taken =
        WEIR.command().args(["import", "registered"]).arg(&list).arg("--data").arg(&out).output().unwrap();
    assert!(taken.status.success(), "{}", stderr(&taken));
    WEIR.replayed(&capture, &out, &[]);
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    records(&out, "risk-sources.jsonl").iter().map(|r| (text(&r["id"]), text(&r["site"]))).collect()
}

#[test]
fn each_is_found_of_its_case_and_not_just_below() {
    let (above, below) = (found(true), found(false));
    let of = |all: &BTreeSet<(String, String)>, id: &str| {
        all.iter().filter(|(_, site)| *site == host(id)).map(|(id, _)| id.clone()).collect::<Vec<_>>()
    };
    let mut wrong = Vec::new();
    for (id, _) in CASES {
        let key = ((*id).to_owned(), host(id));
        if !above.contains(&key) {
            wrong.push(format!("{id} is missing: {:?}", of(&above, id)));
        }
        if below.contains(&key) {
            wrong.push(format!("{id} is there just below: {:?}", of(&below, id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
