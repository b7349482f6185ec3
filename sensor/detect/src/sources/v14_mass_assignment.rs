//! V14 Mass assignment (属性级授权缺失，批量赋值).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Meaning, Seen, Thresholds, facts, target};
use serde::{Deserialize, Serialize};
use weir_exchange::{Effect, ParamValue, Text};
use weir_model::{
    Card, Findings, Group, Handling, InterfaceId, Known, Observation, Operation, RiskType, Severity,
};

pub(super) static CARD: Card = Card {
    id: "V14",
    zh: "属性级授权缺失（批量赋值）",
    en: "mass assignment",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(2)],
    measures: &[Handling(3), Handling(6)],
    owasp: "API3:2023 CWE-915",
    basis: "OWASP API Security Top 10 2023, API3",
    how_zh: "创建或更新请求的正文带有决定权限、状态或余额的属性（role、isAdmin、permissions、balance、verified 等），响应 2xx；而同一接口至少 2 次成功的同类请求不带该属性，且带它的不超过五分之一（首次出现时其余请求都不带）。响应回显该属性为高，否则降一级；特权账号的请求不计。只在管理界面使用、每次都带该属性的接口不报；未回显时是否生效无从得知。",
    how_en: "The body of a request that creates or updates carries a property that decides on rights, state or money (role, isAdmin, permissions, balance, verified and the like) and is answered 2xx, while 2 or more such requests of the interface succeeded without it and no more than one in five has it. High where the reply shows the property, one step less where not; requests of privileged accounts do not count. Interfaces that always take the property, as administrators use them, are not reported; whether it took effect is not known where the reply does not show it.",
};

/// Interfaces watched.
const INTERFACES: usize = 4_096;
/// Of so many requests one at most may carry the property.
const SHARE: u64 = 5;
/// Names, in plain form, of properties that a user must not set.
pub(crate) const PROTECTED: &[&str] = &[
    "role",
    "roles",
    "roleid",
    "roleids",
    "rolename",
    "usertype",
    "usergroup",
    "userrole",
    "admin",
    "isadmin",
    "isadministrator",
    "administrator",
    "superuser",
    "issuperuser",
    "isstaff",
    "isroot",
    "ismanager",
    "isowner",
    "privilege",
    "privileges",
    "permission",
    "permissions",
    "authorities",
    "accesslevel",
    "userlevel",
    "accountlevel",
    "viplevel",
    "verified",
    "isverified",
    "emailverified",
    "approved",
    "isapproved",
    "accountstatus",
    "userstatus",
    "balance",
    "credits",
    "creditlimit",
    "角色",
    "权限",
    "管理员",
    "余额",
];

/// Good requests of one interface.
#[derive(Default, Serialize, Deserialize)]
struct Requests {
    with: u64,
    without: u64,
}

/// Identifies V14.
pub(super) struct Source {
    without: u64,
    requests: Table<(InterfaceId, u64), Requests>,
    all: Table<InterfaceId, u64>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            without: thresholds.v14_without,
            requests: Table::new(INTERFACES),
            all: Table::new(INTERFACES),
        }
    }
}

/// Protected properties that the body sets, with their plain names.
fn protected(seen: &Seen<'_>) -> Vec<(String, Text)> {
    let set = seen.params_that_say(Meaning::PROTECTED).filter(|p| p.value != ParamValue::Empty);
    let mut found: Vec<_> = set.map(|p| (target::plain_name(p.name), p.name.clone())).collect();
    found.sort();
    found.dedup_by(|a, b| a.0 == b.0);
    found
}

/// Whether the reply shows a field of that plain name.
fn shown(seen: &Observation<'_>, plain: &str) -> bool {
    facts::response(seen).is_some_and(|r| r.fields.iter().any(|f| target::plain_name(f) == plain))
}

/// Whether a call creates or updates something by what it is.
fn changes(seen: &Observation<'_>, known: &Known<'_>) -> bool {
    let Some(request) = facts::request(seen) else { return false };
    let method = ["POST", "PUT", "PATCH"].iter().any(|m| request.method.eq_ignore_ascii_case(m));
    let interface = seen.interface.and_then(|i| known.interface(i));
    method
        && interface.is_some_and(|i| matches!(i.operation, Operation::Create | Operation::Update))
        && seen.login.is_none()
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(requests, all);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(interface) = seen.interface.filter(|_| facts::succeeded(seen) && changes(seen, known))
        else {
            return;
        };
        let privileged = seen.account.and_then(|a| known.account(a)).is_some_and(|a| a.privileged);
        let set = protected(seen);
        let all = self.all.entry(&interface, || 0);
        *all += 1;
        let all = *all;
        let mut worst: Option<(bool, Text, u64)> = None;
        for (plain, name) in set {
            let key = (interface, crate::digest::digest(&plain));
            let requests = self.requests.entry(&key, Requests::default);
            requests.with += 1;
            requests.without = all.saturating_sub(requests.with);
            let rare = requests.without >= self.without
                && requests.with * SHARE <= all.max(requests.without + SHARE);
            let shows = shown(seen, &plain);
            if rare && !privileged && worst.as_ref().is_none_or(|(s, ..)| shows && !*s) {
                worst = Some((shows, name, requests.without));
            }
        }
        let Some((shows, name, without)) = worst else { return };
        let severity = if shows { CARD.severity } else { CARD.severity.lowered() };
        let place = facts::place(seen, known);
        let (zh, en) =
            if shows { ("，响应回显该属性", ", and the reply shows it") } else { ("", "") };
        out.push(
            Sighting::of(&CARD, seen)
                .by_caller()
                .severity(severity)
                .shows(Effect::Changed, shows)
                .weigh_exposure(known)
                .say(
                    both(
                        format!("{place} 接受本不应由用户设置的属性 {name}"),
                        format!("{place} takes property {name}, which no user should set"),
                    ),
                    both(
                        format!("正文设置 {name} 被接受，其他 {without} 次成功请求都不带{zh}"),
                        format!(
                            "the body sets {name} and is accepted; {without} other good requests do not{en}"
                        ),
                    ),
                ),
        );
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        if let Some(n) = self.all.remove(&from) {
            *self.all.entry(&into, || 0) += n;
        }
        for key in self.requests.keys_where(|(i, _)| *i == from) {
            if let Some(old) = self.requests.remove(&key) {
                self.requests.entry(&(into, key.1), Requests::default).with += old.with;
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.requests.evicted() + self.all.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use weir_exchange::ParamPlace;

    fn found(calls: impl IntoIterator<Item = Call>) -> Findings {
        let mut w = World::new();
        w.interfaces[0].operation = Operation::Create;
        w.interfaces[1].operation = Operation::Create;
        w.found(&mut Source::new(&Thresholds::default()), calls)
    }
    fn register(names: &[&str], fields: &[&str]) -> Call {
        let mut c = call("POST", "/register").status(201).by(100);
        c.exchange.response.as_mut().unwrap().fields = fields.iter().map(|f| Text::from(*f)).collect();
        names.iter().fold(c, |c, n| c.param(ParamPlace::Body, n, ParamValue::Integer(1)))
    }
    fn plain() -> Call {
        register(&["username", "email"], &["id", "role"])
    }
    fn odd() -> Call {
        register(&["username", "email", "user.is_admin"], &["id", "data.isAdmin"])
    }

    #[test]
    fn reports_a_property_that_others_do_not_set() {
        assert!(found([odd(), odd()]).is_empty(), "always set");
        assert!(found([plain(), odd()]).is_empty(), "one other tells little");
        let f = found([plain(), plain(), odd()]);
        assert_eq!((f.len(), f[0].severity), (1, Severity::High));
        let silent = register(&["username", "roles[]"], &["id"]);
        assert_eq!(found([plain(), plain(), silent])[0].severity, Severity::Medium);
    }

    #[test]
    fn leaves_refusals_administrators_and_common_properties_alone() {
        assert!(found([plain(), plain(), odd().status(400)]).is_empty());
        let mut by_admin = odd();
        by_admin.account = Some(1);
        assert!(found([plain(), plain(), by_admin]).is_empty());
        let common = (0..40).map(|i| if i % 2 == 0 { plain() } else { odd() });
        assert!(found(common.skip(3)).len() <= 1);
        let harmless = register(&["username", "nickname", "address.city"], &["id"]);
        assert!(found([plain(), plain(), harmless]).is_empty());
    }

    #[test]
    fn follows_merges() {
        let mut w = World::new();
        w.interfaces[1].operation = Operation::Create;
        let mut source = Source::new(&Thresholds::default());
        w.interfaces[2].operation = Operation::Create;
        w.found(&mut source, [plain().to(1), plain().to(1)]);
        source.merged(InterfaceId(1), InterfaceId(2));
        assert_eq!(w.found(&mut source, [odd().to(2)]).len(), 1);
        assert_eq!(source.evicted(), 0);
    }
}
