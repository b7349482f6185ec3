//! What people decided, and what is noted over days.

use crate::*;

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
fn pins_survive_restarts_and_a_week_of_contrary_traffic() {
    const PINS: &[&str] = &["/members/anna", "/reports/{name}"];
    let day = |n: u64| weir_wire::Timestamp::from_secs_nanos(1_700_000_000 + n * 86_400, 0);
    let mut keys = std::collections::BTreeSet::new();
    let mut s = decided(PINS);
    for n in 0..9 {
        if n % 3 == 0 {
            // A restart: nothing is left but what was decided.
            s = decided(PINS);
        }
        for call in 0..200 {
            // Everything says the opposite: hundreds of members like anna, and two reports that are nothing alike, one of them called often.
            let report = ["daily", "weekly"][usize::from(call % 10 == 0)];
            let fields: &[&str] =
                if report == "daily" { &["sum", "count"] } else { &["id", "title", "author", "text"] };
            let member = if call % 7 == 0 { "anna".to_string() } else { format!("member{n}x{call}") };
            for (path, fields) in
                [(format!("/members/{member}"), USER), (format!("/reports/{report}"), fields)]
            {
                let mut x = exchange("GET", &path, 200, fields);
                (x.time, x.ended, x.emitted) = (day(n), day(n), day(n));
                s.see(&x);
            }
        }
        assert_eq!(
            s.active(),
            ["GET /members/anna", "GET /members/{name}", "GET /reports/{name}"],
            "day {n}"
        );
        keys.insert(s.live().iter().map(|i| i.key.to_string()).collect::<std::collections::BTreeSet<_>>());
    }
    assert_eq!(keys.len(), 1, "and they are the same ones: {keys:?}");
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
