//! Which interfaces the inventory makes of traffic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use weir_exchange::sample::{self, Call};
use weir_exchange::*;
use weir_inventory::{Config, Inventory, Placed};
use weir_model::{CallerId, Interface, InterfaceForm, InterfaceState, LoginOutcome, Operation};

fn exchange(method: &str, target: &str, status: u16, fields: &[&str]) -> Exchange {
    let json = Body { kind: MediaKind::Json, bytes: 10, ..Body::default() };
    let body = if status == 404 { Body::default() } else { json };
    Call::new(method, target).to([10, 0, 0, 1], 8_080).status(status).fields(fields).gives(body).build()
}

const USER: &[&str] = &["email", "username"];

struct Seen(Inventory);

impl Seen {
    fn new() -> Self {
        Seen(Inventory::new(Config::default()))
    }
    fn see(&mut self, x: &Exchange) -> Placed {
        let site = self.0.site(x);
        self.0.observe(x, site, CallerId(0), false, None, &Catalogue::default())
    }
    fn get(&mut self, target: &str) -> Placed {
        self.see(&exchange("GET", target, 200, USER))
    }
    fn log_in(&mut self, account: &str) {
        let mut x = exchange("POST", "/login", 200, &["token"]);
        x.request.as_mut().unwrap().login = Some(Box::new(sample::login(account)));
        let site = self.0.site(&x);
        self.0.observe(&x, site, CallerId(0), false, Some(LoginOutcome::Success), &Catalogue::default());
    }
    fn live(&self) -> Vec<&Interface> {
        let own = |i: &usize| self.0.resolve(weir_model::InterfaceId(*i as u32)).index() == *i;
        (0..self.0.interfaces().len()).filter(own).map(|i| &self.0.interfaces()[i]).collect()
    }
    /// Active interfaces as `METHOD template`, sorted.
    fn active(&mut self) -> Vec<String> {
        self.0.settle();
        let active = self.live().into_iter().filter(|i| i.state == InterfaceState::Active);
        let mut all: Vec<String> = active.map(|i| format!("{} {}", i.method, i.template)).collect();
        all.sort();
        all
    }
}

#[test]
fn values_by_look_are_variable_at_once() {
    let mut s = Seen::new();
    let p = s.get("/users/41?x=1");
    assert_eq!(p.path_values, [("id".into(), "41".into())]);
    for n in 1..=40 {
        s.get(&format!("/users/{n}"));
    }
    assert_eq!(s.active(), ["GET /users/{id}"]);
    let i = s.live()[0];
    assert_eq!(*i.evidence, ["{id}: 41 of 41 values are integers".into()]);
    assert!(i.exchanges == 41 && i.key.starts_with("if-") && i.key.len() == 15);
}

#[test]
fn fixed_text_around_values_tells_paths_apart() {
    let mut s = Seen::new();
    for t in ["/t/1", "/t/1.json", "/t/1:cancel", "/Products(3)", "/t.json", "/t.csv", "/t/1/full/"] {
        s.get(t);
    }
    let want = [
        "GET /Products({id})",
        "GET /t.csv",
        "GET /t.json",
        "GET /t/{id}",
        "GET /t/{id}.json",
        "GET /t/{id}/full/",
        "GET /t/{id}:cancel",
    ];
    assert_eq!(s.active(), want);
}

#[test]
fn versions_and_numbers_of_apis_stay() {
    let mut s = Seen::new();
    for t in ["/rest/api/2/issue/1001", "/v1/users/7", "/api/v2.1/zh-CN/users", "/1.0/me"] {
        s.get(t);
    }
    let want =
        ["GET /1.0/me", "GET /api/v2.1/zh-CN/users", "GET /rest/api/2/issue/{id}", "GET /v1/users/{id}"];
    assert_eq!(s.active(), want);
}

#[test]
fn words_become_values_by_evidence() {
    let mut s = Seen::new();
    s.see(&exchange("POST", "/users/v1/login", 200, &["token"]));
    let first = s.get("/users/v1/anna").interface.unwrap();
    for name in ["bert", "carla", "doris", "erwin", "frida", "gustav", "heinrich"] {
        s.get(&format!("/users/v1/{name}"));
    }
    s.see(&exchange("PUT", "/users/v1/anna/mail", 204, &[]));
    assert_eq!(s.active(), ["GET /users/v1/{name}", "POST /users/v1/login", "PUT /users/v1/{name}/mail"]);
    let merges = s.0.take_merges();
    assert!(
        merges.len() == 7 && merges.iter().all(|(from, into)| from > into && s.0.resolve(*from) == first)
    );
    // Words that come later are values too; resources are not.
    let p = s.get("/users/v1/ida");
    assert_eq!((p.interface, p.path_values), (Some(first), vec![("name".into(), "ida".into())]));
    s.see(&exchange("GET", "/users/v1/nobody", 404, &[]));
    s.see(&exchange("GET", "/users/v1/search", 200, &["data[].x", "data[].y"]));
    let all = s.active();
    assert!(all.contains(&"GET /users/v1/search".into()) && !all.iter().any(|t| t.contains("nobody")));
}

#[test]
fn names_of_accounts_need_few() {
    let mut s = Seen::new();
    for name in ["anna", "bert"] {
        s.log_in(name);
        s.get(&format!("/people/{name}"));
    }
    assert_eq!(s.active(), ["GET /people/{name}", "POST /login"]);
}

#[test]
fn a_shared_operation_below_needs_few() {
    let mut s = Seen::new();
    for name in ["karen", "barbara", "charles", "jing"] {
        s.see(&exchange("POST", &format!("/profiles/{name}/follow"), 200, USER));
    }
    // A value that is known shows the operation; then new names, and words of two letters, go the same way.
    for name in ["karen", "linda", "li"] {
        s.get(&format!("/profiles/{name}"));
    }
    assert_eq!(s.active(), ["GET /profiles/{name}", "POST /profiles/{name}/follow"]);
}

#[test]
fn resources_stay_words() {
    let mut s = Seen::new();
    // Alike replies, yet each a resource; and different replies under words that nobody lists.
    for r in [
        "users",
        "orders",
        "products",
        "roles",
        "depts",
        "menus",
        "posts",
        "logs",
        "tasks",
        "files",
        "getUserList",
    ] {
        s.get(&format!("/api/{r}"));
    }
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"];
    for (n, w) in words.iter().enumerate() {
        let own = [format!("a{n}"), format!("b{n}"), format!("c{n}")];
        s.see(&exchange("GET", &format!("/x/{w}"), 200, &own.iter().map(|o| &**o).collect::<Vec<_>>()));
    }
    assert_eq!(s.active().len(), 21);
}

#[test]
fn static_files_never_unite() {
    let mut s = Seen::new();
    for n in 0..30 {
        let mut x = exchange("GET", &format!("/static/page{n}.css"), 200, &[]);
        x.response.as_mut().unwrap().body.kind = MediaKind::Script;
        s.see(&x);
    }
    assert!(s.active().len() == 30 && s.live().iter().all(|i| i.form == InterfaceForm::Static));
}

#[test]
fn payloads_in_paths_go_to_the_variable() {
    let mut s = Seen::new();
    for t in ["/u/name1", "/u/name2", "/u/name3", "/u/name1%27%20AND%201%3D1", "/u/name1%22%29", "/u/1200"] {
        s.get(t);
    }
    assert_eq!(s.active(), ["GET /u/{name}"]);
}

#[test]
fn what_never_answered_is_noise() {
    let mut s = Seen::new();
    s.see(&exchange("GET", "/.env", 404, &[]));
    s.see(&exchange("DELETE", "/users", 405, &[]));
    s.see(&exchange("TRACE", "/users", 200, &[]));
    s.see(&exchange("OPTIONS", "/users", 204, &[]));
    s.see(&exchange("HEAD", "/users", 200, &[]));
    assert!(s.active().is_empty());
    s.see(&exchange("GET", "/admin", 403, &[]));
    s.see(&exchange("POST", "/orders", 400, &[]));
    s.see(&exchange("GET", "/report", 500, &[]));
    assert_eq!(s.active(), ["GET /admin", "GET /report", "POST /orders"]);
}

#[test]
fn bad_input_refused_without_a_reason_needs_a_sibling() {
    let mut s = Seen::new();
    let mut refused = exchange("POST", "/users", 400, &[]);
    refused.response.as_mut().unwrap().body.kind = MediaKind::Html;
    s.see(&refused);
    assert!(s.active().is_empty());
    s.get("/users");
    assert_eq!(s.active(), ["GET /users", "POST /users"]);
}

#[test]
fn a_redirect_to_the_slash_is_no_interface() {
    let mut s = Seen::new();
    let mut x = exchange("GET", "/guess", 301, &[]);
    x.response.as_mut().unwrap().location = "http://shop.example/guess/".into();
    s.see(&x);
    assert!(s.active().is_empty());
    s.get("/guess/");
    assert_eq!(s.active(), ["GET /guess"]);
}

#[test]
fn one_page_for_every_path_is_none() {
    let mut s = Seen::new();
    let page = |target: &str| {
        let mut x = exchange("GET", target, 200, &[]);
        let r = x.response.as_mut().unwrap();
        (r.body.kind, r.body.bytes) = (MediaKind::Html, 612);
        x
    };
    for n in 0..20 {
        s.see(&page(&format!("/guess-{n}-x/")));
    }
    s.see(&page("/"));
    s.get("/api/users");
    assert_eq!(s.active(), ["GET /", "GET /api/users"]);
}

#[test]
fn a_gate_before_every_path_shows_nothing() {
    let mut s = Seen::new();
    for n in 0..50 {
        s.see(&exchange("GET", &format!("/guess-{n}-x"), 401, &[]));
    }
    s.see(&exchange("GET", "/real", 401, &[]));
    s.get("/real");
    assert_eq!(s.active(), ["GET /real"]);
}

#[test]
fn an_override_says_which_method_is_meant() {
    let mut s = Seen::new();
    let mut x = exchange("POST", "/users/8", 200, &[]);
    x.request.as_mut().unwrap().method_override = Some("delete".into());
    s.see(&x);
    assert_eq!(s.active(), ["DELETE /users/{id}"]);
}

#[test]
fn sites_by_host_or_address() {
    let mut s = Seen::new();
    s.get("/");
    let mut x = exchange("GET", "/", 200, &[]);
    x.request.as_mut().unwrap().host = "".into();
    s.see(&x);
    x.request.as_mut().unwrap().host = "a b'\"".into();
    s.see(&x);
    x.request = None;
    assert_eq!(s.see(&x), Placed::default());
    let hosts: Vec<&str> = s.0.sites().iter().map(|s| &*s.host).collect();
    assert_eq!(hosts, ["shop.example", "10.0.0.1:8080"]);
}

#[test]
fn forms_and_operations() {
    let mut s = Seen::new();
    let mut export = exchange("GET", "/customers/export.csv/", 200, &[]);
    export.response.as_mut().unwrap().body.kind = MediaKind::Csv;
    s.see(&export);
    let mut soap = exchange("POST", "/crm", 200, &[]);
    let r = soap.request.as_mut().unwrap();
    (r.operation, r.body.kind) = ("getCustomer".into(), MediaKind::Xml);
    s.see(&soap);
    let mut page = exchange("GET", "/both", 200, &[]);
    page.response.as_mut().unwrap().body.kind = MediaKind::Html;
    s.see(&page);
    s.get("/both");
    s.see(&exchange("GET", "/customers/5/delete", 200, &[]));
    let of = |t: &str| {
        let i = s.live().into_iter().find(|i| &*i.template == t).unwrap();
        (i.form, i.operation)
    };
    assert_eq!(of("/customers/export.csv/"), (InterfaceForm::File, Operation::Read));
    assert_eq!(of("/crm"), (InterfaceForm::Soap, Operation::Read));
    assert_eq!(of("/both"), (InterfaceForm::Rest, Operation::Read));
    assert_eq!(of("/customers/{id}/delete"), (InterfaceForm::Rest, Operation::Delete));
}

#[test]
fn a_scanner_pays_with_its_own_room() {
    let mut s = Seen::new();
    for n in 0..5_000 {
        s.see(&exchange("GET", &format!("/guess-{n}-x"), 404, &[]));
    }
    s.get("/real");
    assert_eq!(s.active(), ["GET /real"]);
    assert!(s.0.interfaces().len() < 100 && s.0.stats().paths_overflow > 4_000);
}

#[test]
fn data_is_kept_by_type_and_form() {
    let mut s = Seen::new();
    for n in 1..=2 {
        let mut x = exchange("GET", &format!("/c/{n}"), 200, &[]);
        let item = DataItem { path: "a".into(), count: n, ..sample::item(DataTypeId(3)) };
        x.data = vec![item.clone(), DataItem { path: "b".into(), ..item }];
        s.see(&x);
    }
    let i = s.live()[0];
    let d = &i.data[&(true, DataTypeId(3), Form::Plain)];
    assert_eq!((i.level, d.values, d.exchanges, d.most), (3, 6, 2, 4));
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-c]{1,2}",
        "[0-9]{1,3}",
        "[a-z]{1,6}[0-9]{1,2}",
        "users|orders|login|v1",
        "\\PC{0,12}",
        "%[0-9a-f]{2}[a-z]",
        "[a-z]{3}\\.(json|css|csv)",
    ]
}

fn path() -> impl Strategy<Value = String> {
    proptest::collection::vec(segment(), 0..6).prop_map(|s| format!("/{}", s.join("/")))
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![Just(200), Just(404), Just(400), Just(500), Just(302)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// No traffic exceeds the bounds; merges end at live interfaces, and no exchange is lost by them.
    #[test]
    fn any_traffic_keeps_the_bounds(calls in proptest::collection::vec((path(), status(), any::<bool>()), 1..200)) {
        let config = Config { sites: 3, interfaces: 60, nodes: 80, nodes_per_site: 60, children: 12, guesses: 6, ..Config::default() };
        let mut s = Seen(Inventory::new(config));
        let (mut placed, mut ids) = (0, vec![]);
        for (target, status, rich) in &calls {
            let p = s.see(&exchange("GET", target, *status, if *rich { USER } else { &[] }));
            placed += u64::from(p.interface.is_some());
            ids.extend(p.interface);
        }
        s.0.settle();
        prop_assert!(s.0.interfaces().len() <= 60 && s.0.sites().len() <= 3);
        prop_assert_eq!(s.live().iter().map(|i| i.exchanges).sum::<u64>(), placed);
        for id in ids {
            let end = s.0.resolve(id);
            prop_assert_eq!(s.0.resolve(end), end);
        }
        let mut names: Vec<_> = s.live().iter().map(|i| (i.key.clone(), i.method.clone())).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), all, "two live interfaces share a key");
        for (from, into) in s.0.take_merges() {
            prop_assert!(into < from);
        }
    }

    /// The same traffic gives the same inventory, and settling twice changes nothing.
    #[test]
    fn runs_agree(calls in proptest::collection::vec((path(), status()), 1..120)) {
        let run = || {
            let mut s = Seen::new();
            for (target, status) in &calls {
                s.see(&exchange("GET", target, *status, USER));
            }
            s.0.settle();
            s
        };
        let (mut a, b) = (run(), run());
        prop_assert_eq!(a.0.interfaces(), b.0.interfaces());
        a.0.settle();
        prop_assert_eq!(a.0.interfaces(), b.0.interfaces());
    }

    /// The order of values does not matter to templates and keys.
    #[test]
    fn order_of_values_does_not_matter(mut names in proptest::collection::vec("[a-z]{4,8}[0-9]{1,2}", 8..20), turn in 0usize..20) {
        let run = |names: &[String]| {
            let mut s = Seen::new();
            for n in names {
                s.get(&format!("/people/{n}/"));
                s.get(&format!("/people/{n}/notes"));
            }
            s.active()
        };
        let first = run(&names);
        let at = turn % names.len();
        names.rotate_left(at);
        prop_assert_eq!(&first, &run(&names));
        prop_assert_eq!(first, ["GET /people/{name}/", "GET /people/{name}/notes"]);
    }
}

#[test]
fn a_parameter_that_selects_the_operation_is_found() {
    let mut s = Seen::new();
    for _ in 0..3 {
        s.see(&exchange("GET", "/api.php?action=listUsers", 200, USER));
    }
    s.see(&exchange("GET", "/api.php?action=showOrder", 200, &["order_no", "amount", "paid"]));
    s.see(&exchange("GET", "/api.php?action=deleteUser", 200, &["order_no", "amount", "paid"]));
    // What nobody answers makes no operation, nor does what is no word.
    s.see(&exchange("GET", "/api.php?action=exec", 404, &[]));
    s.see(&exchange("GET", "/api.php?action=1%27or", 500, &[]));
    s.see(&exchange("GET", "/api.php?action=listUsers", 200, USER));
    s.0.settle();
    let mut seen: Vec<_> =
        s.live().iter().map(|i| (i.operation_name.to_string(), i.exchanges, i.operation, i.form)).collect();
    seen.sort_by(|a, b| a.0.cmp(&b.0));
    let rpc = InterfaceForm::Rpc;
    assert_eq!(
        seen[1..],
        [
            ("deleteUser".into(), 1, Operation::Delete, rpc),
            ("listUsers".into(), 4, Operation::Read, rpc),
            ("showOrder".into(), 1, Operation::Read, rpc),
        ]
    );
    assert_eq!((&*seen[0].0, seen[0].1), ("", 2));
    let why = s.live().iter().find(|i| &*i.operation_name == "listUsers").unwrap().evidence.join("; ");
    assert!(why.contains("\"action\" selects"), "{why}");
}

#[test]
fn filters_select_no_operation() {
    let mut s = Seen::new();
    for op in ["eq", "gt", "lt", "ne"] {
        s.see(&exchange("GET", &format!("/items?op={op}&price=5"), 200, USER));
    }
    assert_eq!(s.active(), ["GET /items"]);
}

fn looking(target: &str, kind: MediaKind, bytes: u64, fields: &[&str]) -> Exchange {
    let body = Body { kind, bytes, ..Body::default() };
    Call::new("GET", target).to([10, 0, 0, 1], 8_080).status(200).fields(fields).gives(body).build()
}

fn shelves(s: &mut Seen) -> std::collections::BTreeMap<&'static str, usize> {
    s.0.settle();
    let mut all = std::collections::BTreeMap::new();
    for i in s.live() {
        *all.entry(i.shelf.key()).or_default() += 1;
    }
    all
}

#[test]
fn what_a_site_answers_to_every_path_is_shelved() {
    let words = ["admin", "backup", "console", "debug", "env", "git", "hidden", "info", "jenkins", "kibana"];
    let mut s = Seen::new();
    s.get("/users/7");
    for (n, word) in words.iter().cycle().take(30).enumerate() {
        let path = format!("/{word}/{}", ["status", "login", "config"][n / 10]);
        s.see(&looking(&path, MediaKind::Json, 58, &["code", "msg"]));
    }
    let got = shelves(&mut s);
    assert_eq!((got["catch_all"], got["none"]), (30, 1), "{got:?}");
    // A page that repeats the path.
    let mut s = Seen::new();
    for word in words.iter().flat_map(|w| [format!("/{w}"), format!("/{w}/login")]) {
        s.see(&looking(&word, MediaKind::Html, 500 + 2 * word.len() as u64, &[]));
    }
    let got = shelves(&mut s);
    assert_eq!(got, [("catch_all", 20)].into(), "{got:?}");
}

#[test]
fn static_files_health_checks_and_guesses_are_shelved() {
    let mut s = Seen::new();
    s.get("/users/7");
    s.see(&looking("/app.js", MediaKind::Script, 900, &[]));
    s.see(&looking("/actuator/health", MediaKind::Json, 15, &["status"]));
    s.see(&exchange("GET", "/wp-login.php", 404, &[]));
    assert_eq!(shelves(&mut s), [("health", 1), ("noise", 1), ("none", 1), ("static", 1)].into());
}

fn decided(pins: &[&str]) -> Seen {
    let pin = |t: &&str| weir_inventory::Pin {
        host: "shop.example".into(),
        template: (*t).into(),
        note: "pinned by a person".into(),
    };
    let pins = pins.iter().map(pin).collect();
    Seen(Inventory::decided(Config::default(), weir_inventory::Decided { pins, ..Default::default() }))
}

#[test]
fn pins_hold_against_what_is_learned() {
    let names = ["anna", "boris", "chen", "dora", "emil", "fang", "gina", "hans", "iris", "jan"];
    let mut learned = Seen::new();
    let mut pinned = decided(&["/members/anna", "/reports/{name}", "/jobs/41"]);
    for s in [&mut learned, &mut pinned] {
        for name in names {
            s.get(&format!("/members/{name}"));
        }
        s.get("/reports/daily");
        s.see(&exchange("GET", "/reports/weekly", 200, &["a", "b", "c"]));
        s.get("/jobs/41");
        s.get("/jobs/42");
    }
    let want = ["GET /jobs/{id}", "GET /members/{name}", "GET /reports/daily", "GET /reports/weekly"];
    assert_eq!(learned.active(), want);
    let want =
        ["GET /jobs/41", "GET /jobs/{id}", "GET /members/anna", "GET /members/{name}", "GET /reports/{name}"];
    assert_eq!(pinned.active(), want);
    let one = pinned.live().into_iter().find(|i| &*i.template == "/members/anna").unwrap();
    assert_eq!((one.exchanges, one.evidence.last().map(|e| &**e)), (1, Some("pinned by a person")));
}

#[test]
fn a_life_is_noted_after_the_first_day() {
    let mut s = Seen::new();
    let day = |n: u64| weir_wire::Timestamp::from_secs_nanos(1_700_000_000 + n * 86_400, 0);
    let mut at = |n: u64, target: &str, fields: &[&str]| {
        let mut x = exchange("GET", target, 200, fields);
        (x.time, x.ended, x.emitted) = (day(n), day(n), day(n));
        for name in target.split(['?', '&']).skip(1).filter_map(|p| p.split_once('=')).map(|p| p.0) {
            x.request.as_mut().unwrap().params.push(ParamPlace::Query, name, ParamValue::Integer(1));
        }
        s.see(&x);
    };
    at(0, "/orders?page=1", USER);
    at(0, "/orders?page=1&size=2", USER);
    at(2, "/orders?page=1&debug=1", &["email", "username", "id_card"]);
    at(40, "/orders?page=1", USER);
    let life: Vec<_> = s.live()[0].life.history.iter().map(|c| (c.kind.key(), c.what.to_string())).collect();
    let want = [("parameter", "debug"), ("field", "id_card"), ("returned", "38 days without a call")];
    assert_eq!(life, want.map(|(k, w)| (k, w.to_string())));
}

#[test]
fn methods_of_grpc_are_no_values() {
    let mut s = Seen::new();
    for n in 0..200 {
        let mut x = exchange("POST", &format!("/shop.v{n}/{n}"), 200, USER);
        x.protocol = Protocol::Grpc;
        x.request.as_mut().unwrap().body.content_type = "application/grpc".into();
        if n % 2 == 1 {
            // UNIMPLEMENTED: there is no such method.
            x.response.as_mut().unwrap().grpc_status = Some(12);
        }
        s.see(&x);
    }
    let active = s.active();
    assert_eq!((active.len(), &*active[0]), (100, "POST /shop.v0/0"));
    assert!(
        s.live().iter().filter(|i| i.state == InterfaceState::Active).all(|i| i.form == InterfaceForm::Grpc)
    );
}
