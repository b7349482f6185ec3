//! What holds for any traffic.

use crate::*;

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
