//! Templates, sites, forms and operations made of single calls.

use crate::*;

#[test]
fn values_by_look_are_variable_at_once() {
    let mut s = Seen::new();
    let p = s.get("/users/41?x=1");
    assert_eq!(p.path_values[..], [("id".into(), "41".into())]);
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
    assert_eq!((p.interface, &p.path_values[..]), (Some(first), &[("name".into(), "ida".into())][..]));
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
