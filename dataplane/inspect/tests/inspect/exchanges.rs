//! Messages become exchanges.

use crate::stage::{Play, items};
use weir_exchange::{Anomaly, BodyState, CredentialKind, MediaKind, ParamValue, PasswordShape};
use weir_inspect::Config;
use weir_wire::Account;

const MOBILE: &str = "13812345678";
const RESIDENT: &str = "11010519491231002X";

#[test]
fn finds_data_at_field_paths() {
    let body = format!(
        r#"{{"code":0,"data":{{"list":[{{"mobile":"{MOBILE}","n":1}},{{"mobile":"13987654321","n":2}}]}}}}"#
    );
    let x = Play::get(&format!("/api/users?mobile={MOBILE}")).answer("application/json", body).run();
    assert_eq!(items(&x), ["query:cn_mobile@mobile x1", "body:cn_mobile@data.list[].mobile x2"]);
    let r = x.response.as_ref().unwrap();
    assert_eq!((r.body.kind, r.body.records, r.body.state), (MediaKind::Json, 2, BodyState::Whole));
    let fields: Vec<_> = r.fields.iter().map(|f| &**f).collect();
    assert_eq!(fields, ["code", "data.list[].mobile", "data.list[].n"]);
    assert!(x.complete && r.body.sha256.is_some() && x.data[1].values.len() == 2);
    assert_eq!(x.data[0].values[0], x.data[1].values[0]);
    assert!(!format!("{x:?}").replace(&*x.request.as_ref().unwrap().target, "").contains(MOBILE));
}

#[test]
fn reads_every_format() {
    let percent = format!("%E6%89%8B%E6%9C%BA={MOBILE}&x=%7B%22mobile%22%3A%22{MOBILE}%22%7D");
    for (media, body, want) in [
        (
            "application/x-www-form-urlencoded",
            percent,
            vec!["body:cn_mobile@x.mobile x1", "body:cn_mobile@手机 x1"],
        ),
        (
            "application/json",
            format!(r#"{{"a":"{{\"mobile\":\"{MOBILE}\"}}"}}"#),
            vec!["body:cn_mobile@a.mobile x1"],
        ),
        ("application/json", format!(r#"{{"a":"\u624b\u673a{MOBILE}"}}"#), vec!["body:cn_mobile@a x1"]),
        (
            "text/xml",
            format!("<r><u><mobile>&#49;3812345678</mobile></u><u mobile='{MOBILE}'/></r>"),
            vec!["body:cn_mobile@r.u.mobile x2"],
        ),
        ("text/csv", format!("n,mobile\n1,{MOBILE}\n2,{MOBILE}\n"), vec!["body:cn_mobile@mobile x2"]),
        (
            "text/plain",
            format!("call {MOBILE} or {RESIDENT}\n"),
            vec!["body:cn_id18@ x1", "body:cn_mobile@ x1"],
        ),
        (
            "multipart/form-data; boundary=b",
            format!("--b\r\nContent-Disposition: form-data; name=\"mobile\"\r\n\r\n{MOBILE}\r\n--b--"),
            vec!["body:cn_mobile@mobile x1"],
        ),
        (
            "text/event-stream",
            format!("data: {{\"mobile\":\"{MOBILE}\"}}\n\n"),
            vec!["body:cn_mobile@mobile x1"],
        ),
        (
            "text/html",
            format!("<table><tr><th>mobile</th></tr><tr><td>{MOBILE}</td></tr></table>"),
            vec!["body:cn_mobile@mobile x1"],
        ),
        ("", format!("{{\"mobile\":\"{MOBILE}\"}}"), vec!["body:cn_mobile@mobile x1"]),
    ] {
        let mut got = items(&Play::post("/x", media, &body).run());
        got.sort();
        assert_eq!(got, want, "{media}: {body}");
    }
}

#[test]
fn reads_charsets() {
    let text = format!("{{\"姓名\":\"中华人民\",\"手机\":\"{MOBILE}\"}}");
    let gbk = encoding_rs::GBK.encode(&text).0.into_owned();
    for media in ["application/json; charset=GBK", "application/json"] {
        let x = Play::get("/").answer(media, gbk.clone()).run();
        assert_eq!(items(&x), ["body:cn_mobile@手机 x1"]);
        assert_eq!(x.anomalies, []);
    }
    let x = Play::get("/").answer("application/json; charset=utf-8", gbk).run();
    assert_eq!(x.anomalies, [Anomaly::WrongCharset]);
}

#[test]
fn tells_logins() {
    let body = r#"{"username":"alice","password":"Pa$$w0rd"}"#;
    let x = Play::post("/api/v1/login", "application/json", body)
        .answer("application/json", r#"{"data":{"token":"abcdef0123456789"}}"#)
        .run();
    let r = x.request.as_ref().unwrap();
    let login = r.login.as_ref().unwrap();
    assert_eq!(
        (login.account.as_deref(), &*login.field, login.password.shape),
        (Some("alice"), "password", PasswordShape::Clear)
    );
    let issued = &x.response.as_ref().unwrap().issued;
    assert_eq!((issued.len(), &*issued[0].name), (1, "data.token"));
    let next = Play::get("/me").asking("Authorization", "Bearer abcdef0123456789").run();
    let shown = &next.request.as_ref().unwrap().credentials[0];
    assert_eq!((shown.fingerprint, shown.kind), (issued[0].fingerprint, CredentialKind::Bearer));
    let register = Play::post("/users/register", "application/json", body).run();
    assert!(register.request.unwrap().login.is_none());
    assert!(!format!("{:?}", x).contains("Pa$$w0rd"));
}

#[test]
fn names_operations_and_parameters() {
    let soap = "<e:Envelope xmlns:e='x'><e:Body><getUser><id>42</id></getUser></e:Body></e:Envelope>";
    let x = Play::post("/ws", "text/xml", soap).run();
    let r = x.request.unwrap();
    assert_eq!(&*r.operation, "getUser");
    assert_eq!(
        r.params.get(0).map(|p| (p.name.as_str(), p.value)).unwrap(),
        ("Envelope.Body.getUser.id", ParamValue::Integer(42))
    );
    let x = Play::get("/list?page=2&size=100&q=").run();
    let values: Vec<_> = x.request.unwrap().params.iter().map(|p| p.value).collect();
    assert_eq!(values, [ParamValue::Integer(2), ParamValue::Integer(100), ParamValue::Empty]);
}

#[test]
fn names_methods_of_calls_and_what_may_select() {
    let call = r#"{"jsonrpc":"2.0","method":"user.get","params":{"id":7},"id":1}"#;
    let r = Play::post("/rpc", "application/json", call).run().request.unwrap();
    assert_eq!(&*r.operation, "user.get");
    let batch = r#"[{"method":"user.list","jsonrpc":"2.0","id":1},{"method":"x","jsonrpc":"2.0","id":2}]"#;
    let r = Play::post("/rpc", "application/json", batch).run().request.unwrap();
    assert_eq!(&*r.operation, "user.list");
    let r = Play::post("/do", "application/x-www-form-urlencoded", "id=7&cmd=query").run().request.unwrap();
    let action = r.action.as_deref().map(|(n, v)| (n.as_str(), v.as_str()));
    assert_eq!((&*r.operation, action), ("", Some(("cmd", "query"))));
    let r =
        Play::post("/do", "application/json", r#"{"cmd":"13812345678","op":"a b"}"#).run().request.unwrap();
    assert_eq!(r.action, None);
}

#[test]
fn sessions_are_credentials_not_data() {
    let x = Play::get("/a")
        .asking("Cookie", "JSESSIONID=0123456789ABCDEF; theme=dark")
        .asking("X-Forwarded-For", "10.1.2.3")
        .asking("User-Agent", "curl/8")
        .answering("Set-Cookie", "JSESSIONID=0123456789ABCDEF; Path=/; HttpOnly")
        .run();
    let (r, a) = (x.request.as_ref().unwrap(), x.response.as_ref().unwrap());
    assert_eq!((r.cookies.len(), r.credentials.len(), a.issued.len()), (2, 1, 1));
    assert_eq!(r.credentials[0].fingerprint, a.issued[0].fingerprint);
    assert!(a.cookies[0].http_only && !a.cookies[0].secure);
    assert_eq!(x.data, []);
    assert_eq!(x.flow.community_id.to_string().len(), 30);
}

#[test]
fn bodies_that_are_no_text_are_not_scanned() {
    let (x, ledger) = Play::get("/").answer("image/png", "\u{89}PNG 13812345678").run_with(Config::default());
    assert_eq!((x.data.len(), ledger.entry(Account::BodyBinary).count), (0, 1));
}

#[test]
fn declared_but_not_coded() {
    let body = format!("{{\"mobile\":\"{MOBILE}\"}}");
    let play = Play::get("/").answer("application/json", body).answering("Content-Encoding", "gzip");
    let (x, ledger) = play.run_with(Config::default());
    assert_eq!(
        (items(&x), x.anomalies),
        (vec!["body:cn_mobile@mobile x1".to_owned()], [Anomaly::BrokenCoding].into())
    );
    assert_eq!(ledger.entry(Account::BodyBroken).count, 1);
    let (x, _) = Play::get("/")
        .answer("text/plain", "x")
        .answering("Content-Encoding", "lzma, gzip")
        .run_with(Config::default());
    assert_eq!(x.anomalies, [Anomaly::UnknownCoding]);
}
