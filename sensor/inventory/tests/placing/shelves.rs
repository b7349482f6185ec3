//! What is no interface of anybody, and where it is put.

use crate::*;

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
