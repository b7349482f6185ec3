//! V12 Broken function-level authorisation (垂直越权).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use weir_exchange::Effect;
use weir_model::{
    Account, AccountId, Card, Findings, Group, Handling, Interface, InterfaceId, Known, Operation, RiskType,
    Severity, SiteId, Summary,
};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "V12",
    zh: "垂直越权",
    en: "broken function-level authorisation",
    group: Group::Vulnerability,
    severity: Severity::High,
    risks: &[RiskType(1), RiskType(2), RiskType(3)],
    measures: &[Handling(3)],
    owasp: "API5:2023 CWE-285 CWE-269",
    basis: "CAICT 3.1.1",
    how_zh: "角色与接口的关系由三类证据得出。其一（学习）：某接口已由特权账号成功调用 20 次以上、以 403 拒绝过 3 个以上其他账号、从未放行过普通账号，即为“受限接口”，此后普通账号得到 2xx 即报。其二（拒绝后得逞）：普通账号被该站点以 403 拒绝后 1 小时内，首次在该站点成功调用路径含 admin、manage、role、permission、后台等词的管理接口。其三（目录）：账号目录中非特权的账号成功调用由特权账号成功调用过 20 次以上的管理接口，且放行过的普通账号不超过 2 个（多人使用的，名为管理而实为日常接口）。特权账号指目录所标或名称即为管理员者。按接口和账号汇总；只读且不含 2 级以上个人信息的降一级。页面与静态内容、登录、未鉴权的调用（属 V01）不判断。",
    how_en: "Which role may do what is told by three sorts of evidence. Learned: an interface that privileged accounts called well 20 times or more, that refused 3 other accounts or more with 403 and never let an ordinary one in is reserved; an ordinary account answered 2xx there is reported. Refused, then let in: an ordinary account that the site refused with 403 calls, within the hour and for the first time on that site, an interface whose path says administration (admin, manage, role, permission). By the directory: an account that the directory does not have as privileged is let into an administration interface which privileged accounts called well 20 times or more and to which at most 2 ordinary accounts were let in (what many use is everyday work, whatever its name). Privileged is whom the directory or the name says to be. One finding an interface and account; one step less serious for reads without personal data of grade 2. Pages and static content, logins, and calls without a credential (V01) are not judged.",
};

/// Interfaces and accounts watched.
const INTERFACES: usize = 8_192;
const ACCOUNTS: usize = 16_384;
/// Accounts of an interface told apart.
const TOLD: usize = 8;
/// Ordinary accounts from which on an interface is one that ordinary accounts use.
const COMMON: usize = 2;
/// How long a refusal speaks against an account that gets in elsewhere.
const PROBING: Duration = Duration::from_secs(3_600);
/// Words of path segments, in lower case, that say that what is below is for administrators.
const WORDS: &[&str] = &[
    "admin",
    "administration",
    "administrator",
    "admins",
    "backend",
    "backoffice",
    "guanli",
    "houtai",
    "manage",
    "management",
    "permission",
    "permissions",
    "privilege",
    "privileges",
    "role",
    "roles",
    "superuser",
    "sysadmin",
    "后台",
    "权限",
    "管理",
    "角色",
];

/// Who called an interface, and how it answered.
#[derive(Default, Serialize, Deserialize)]
struct Rights {
    /// Good calls of privileged accounts.
    privileged: u32,
    /// Ordinary accounts that were let in, and those refused, the first eight.
    let_in: BTreeSet<AccountId>,
    refused: BTreeSet<AccountId>,
}

/// What an ordinary account did on a site.
#[derive(Default, Serialize, Deserialize)]
struct Tried {
    refused: Option<Timestamp>,
    /// Whether it got into an administration interface before, and then whether by probing.
    entered: Option<bool>,
}

/// Identifies V12.
pub(super) struct Source {
    calls: u32,
    refused: usize,
    rights: Table<InterfaceId, Rights>,
    tried: Table<(SiteId, AccountId), Tried>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Source {
            calls: u32::try_from(thresholds.v12_calls).unwrap_or(u32::MAX),
            refused: usize::try_from(thresholds.v12_refused).unwrap_or(TOLD).min(TOLD),
            rights: Table::new(INTERFACES),
            tried: Table::new(ACCOUNTS),
        }
    }

    /// Why an ordinary account should not have been let in; `None` where nothing says so.
    fn why(&mut self, call: &Entry<'_>) -> Option<Summary> {
        let rights = self.rights.entry(&call.id, Rights::default);
        let (by, refused) = (rights.privileged, rights.refused.len());
        let reserved = by >= self.calls && refused >= self.refused && rights.let_in.is_empty();
        let others = rights.let_in.iter().filter(|a| **a != call.account).count();
        if !reserved && rights.let_in.len() < TOLD {
            // Whoever gets into what is reserved does not make it common.
            rights.let_in.insert(call.account);
        }
        let by_name = call.administers.then(|| self.entered(call)).flatten();
        if reserved {
            return Some(both(
                format!("特权账号成功 {by} 次，拒绝过 {refused} 个账号，从未放行普通账号"),
                format!(
                    "{by} good calls by privileged accounts, {refused} accounts refused, no ordinary one let in before"
                ),
            ));
        }
        if let Some(seconds) = by_name {
            return Some(both(
                format!("此前 {seconds} 秒被该站点以 403 拒绝，首次进入管理接口"),
                format!(
                    "refused with 403 by the site {seconds} s before, first time in an administration interface"
                ),
            ));
        }
        (call.administers && call.listed && by >= self.calls && others < COMMON).then(|| {
            both(
                format!("目录中非特权账号；特权账号成功 {by} 次，其他普通账号 {others} 个"),
                format!("not privileged by the directory; {by} good calls by privileged accounts, {others} other ordinary accounts"),
            )
        })
    }

    /// How long ago the account was refused, where its way into the administration of the site began with that.
    fn entered(&mut self, call: &Entry<'_>) -> Option<u64> {
        let tried = self.tried.entry(&(call.site, call.account), Tried::default);
        let since = tried.refused.map(|t| call.time.since(t));
        let probing = *tried.entered.get_or_insert(since.is_some_and(|s| s <= PROBING));
        since.filter(|_| probing).map(|s| s.as_nanos() / 1_000_000_000)
    }
}

/// A call under an ordinary account, as far as rights are concerned.
struct Entry<'a> {
    id: InterfaceId,
    site: SiteId,
    account: AccountId,
    time: Timestamp,
    /// Whether the path says administration.
    administers: bool,
    /// Whether the directory knows the account.
    listed: bool,
    name: &'a str,
}

/// Whether a segment of the template, or the operation's name, says administration.
fn administers(interface: &Interface) -> bool {
    let segments = interface.template.split('/').filter(|s| !s.is_empty() && !s.starts_with('{'));
    segments
        .chain([&*interface.operation_name])
        .any(|s| s.split(['-', '_', '.']).any(|w| WORDS.iter().any(|word| w.eq_ignore_ascii_case(word))))
}

/// Whether an account is privileged, by its name or the directory.
fn privileged(account: &Account) -> bool {
    account.privileged || account.person.as_ref().is_some_and(|p| p.privileged)
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(rights, tried);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some((id, account_id)) = seen.interface.zip(seen.account.filter(|_| seen.authenticated)) else {
            return;
        };
        let refused = seen.exchange.status() == Some(403);
        if seen.login.is_some() || !refused && !facts::succeeded(seen) || facts::is_content(seen, known) {
            return;
        }
        let Some((account, interface)) = known.account(account_id).zip(known.interface(id)) else { return };
        if privileged(account) {
            let rights = self.rights.entry(&id, Rights::default);
            rights.privileged = rights.privileged.saturating_add(u32::from(!refused));
            return;
        }
        let (site, time) = (seen.site, seen.exchange.time);
        if refused {
            let rights = self.rights.entry(&id, Rights::default);
            if rights.refused.len() < TOLD {
                rights.refused.insert(account_id);
            }
            self.tried.entry(&(site, account_id), Tried::default).refused = Some(time);
            return;
        }
        let call = Entry {
            id,
            site,
            account: account_id,
            time,
            administers: administers(interface),
            listed: account.person.is_some(),
            name: &account.name,
        };
        let Some(why) = self.why(&call) else { return };
        out.push(say(seen, known, interface, &call, why));
    }

    fn merged(&mut self, from: InterfaceId, into: InterfaceId) {
        let Some(old) = self.rights.remove(&from) else { return };
        let rights = self.rights.entry(&into, Rights::default);
        rights.privileged = rights.privileged.saturating_add(old.privileged);
        for (kept, more) in [(&mut rights.let_in, old.let_in), (&mut rights.refused, old.refused)] {
            kept.extend(more);
            while kept.len() > TOLD {
                kept.pop_last();
            }
        }
    }

    fn evicted(&self) -> u64 {
        self.rights.evicted() + self.tried.evicted()
    }
}

fn say(
    seen: &Seen<'_>,
    known: &Known<'_>,
    interface: &Interface,
    call: &Entry<'_>,
    why: Summary,
) -> weir_model::Finding {
    let got = facts::records(seen);
    let writes = !matches!(interface.operation, Operation::Read | Operation::Login);
    let severity = if writes || got.is_some() { CARD.severity } else { CARD.severity.lowered() };
    let effect = if writes { Effect::Changed } else { Effect::Obtained };
    let (place, name) = (facts::place(seen, known), call.name);
    let sighting = Sighting::of(&CARD, seen).of_account(Some(name)).severity(severity);
    sighting.shows(effect, writes || got.is_some()).say(
        both(
            format!("{place} 放行了无权的账号 {name}"),
            format!("{place} lets account {name} in, which has no right to it"),
        ),
        why,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;
    use std::sync::Arc;
    use weir_model::Person;

    const ALICE: u32 = 0;
    const ADMIN: u32 = 1;

    /// The two accounts of the world and ten more that are ordinary; interface 1 administers users.
    fn world() -> World {
        let mut w = World::new();
        for n in 0..10 {
            let mut more = w.accounts[0].clone();
            (more.name, more.key) = (format!("u{n}").into(), format!("ac-u{n}").into());
            w.accounts.push(more);
        }
        w.interfaces[1].template = "/api/admin/users/{id}".into();
        w.interfaces[1].operation = Operation::Delete;
        w
    }
    fn by(account: u32, interface: u32, status: u16, at: f64) -> Call {
        let mut c = call("DELETE", "/x").to(interface).status(status).at(at).signed_in();
        c.account = Some(account);
        c
    }
    fn found(w: &World, calls: impl IntoIterator<Item = Call>) -> Findings {
        w.found(&mut Source::new(&Thresholds::default()), calls)
    }
    /// Privileged calls and refused accounts of interface 2, whose path says nothing.
    fn matrix(privileged: u32, refused: u32) -> impl Iterator<Item = Call> {
        let good = (0..privileged).map(|n| by(ADMIN, 2, 200, f64::from(n)));
        good.chain((0..refused).map(|n| by(2 + n, 2, 403, 100.0 + f64::from(n))))
    }

    #[test]
    fn reports_who_gets_into_what_is_reserved_by_what_was_learned() {
        let w = world();
        let f = found(&w, matrix(20, 3).chain([by(ALICE, 2, 200, 9_000.0), by(ALICE, 2, 200, 9_001.0)]));
        assert_eq!(
            (f.len(), f[0].key.account.as_deref(), f[0].severity),
            (2, Some("alice"), Severity::Medium)
        );
        assert!(f[0].evidence.note.en.contains("3 accounts refused"), "{}", f[0].evidence.note.en);
        assert!(found(&w, matrix(19, 3).chain([by(ALICE, 2, 200, 9_000.0)])).is_empty(), "too few calls");
        assert!(found(&w, matrix(20, 2).chain([by(ALICE, 2, 200, 9_000.0)])).is_empty(), "too few refused");
        let open = [by(5, 2, 200, 0.0)].into_iter().chain(matrix(20, 3)).chain([by(ALICE, 2, 200, 9e3)]);
        assert!(found(&w, open).is_empty(), "others are let in");
    }

    #[test]
    fn reports_who_is_refused_and_then_gets_in() {
        let w = world();
        let f = found(&w, [by(ALICE, 3, 403, 0.0), by(ALICE, 1, 200, 3_600.0), by(ALICE, 1, 200, 9_000.0)]);
        assert_eq!((f.len(), f[0].severity, f[0].effect), (2, Severity::High, Some(Effect::Changed)));
        assert!(found(&w, [by(ALICE, 3, 403, 0.0), by(ALICE, 1, 200, 3_601.0)]).is_empty(), "long ago");
        assert!(found(&w, [by(ALICE, 3, 403, 0.0), by(ALICE, 4, 200, 9.0)]).is_empty(), "no administration");
        let works_there = [by(ALICE, 1, 200, 0.0), by(ALICE, 3, 403, 1.0), by(ALICE, 1, 200, 2.0)];
        assert!(found(&w, works_there).is_empty(), "was in before");
        assert!(found(&w, [by(ADMIN, 3, 403, 0.0), by(ADMIN, 1, 200, 9.0)]).is_empty(), "privileged");
        assert!(found(&w, [by(ALICE, 3, 403, 0.0), by(ALICE, 1, 401, 9.0)]).is_empty(), "refused again");
    }

    #[test]
    fn reports_whom_the_directory_does_not_privilege() {
        let mut w = world();
        let person = |privileged| Some(Arc::new(Person { privileged, ..Person::default() }));
        w.accounts.iter_mut().for_each(|a| a.person = person(false));
        w.accounts[ADMIN as usize].person = person(true);
        let ops = |n| (0..n).map(|i| by(ADMIN, 1, 200, f64::from(i)));
        assert_eq!(found(&w, ops(20).chain([by(ALICE, 1, 200, 99.0)])).len(), 1);
        assert!(found(&w, ops(19).chain([by(ALICE, 1, 200, 99.0)])).is_empty());
        let many = (2..5).map(|a| by(a, 1, 200, 50.0 + f64::from(a)));
        let f = found(&w, many.chain(ops(20)).chain([by(ALICE, 1, 200, 99.0)]));
        assert!(f.is_empty(), "everyday work");
    }

    #[test]
    fn words_stand_alone_and_merges_are_followed() {
        let mut w = world();
        for (template, says) in
            [("/roles/{id}", true), ("/api/user-admin/x", true), ("/payroll/x", false), ("/{admin}", false)]
        {
            w.interfaces[9].template = template.into();
            assert_eq!(administers(&w.interfaces[9]), says, "{template}");
        }
        let mut source = Source::new(&Thresholds::default());
        w.found(&mut source, matrix(20, 3));
        source.merged(InterfaceId(2), InterfaceId(7));
        assert_eq!(w.found(&mut source, [by(ALICE, 7, 200, 9_000.0)]).len(), 1);
    }

    #[test]
    fn stays_bounded() {
        let mut source = Source::new(&Thresholds::default());
        let w = world();
        for n in 0..ACCOUNTS as u32 + 5 {
            source.tried.entry(&(SiteId(0), AccountId(n)), Tried::default);
        }
        (0..40).for_each(|n| drop(w.found(&mut source, [by(n % 12, 2, 403, f64::from(n))])));
        assert_eq!(source.evicted(), 5 + 11, "the ordinary accounts of the world came anew");
        assert!(source.rights.get(&InterfaceId(2)).unwrap().refused.len() <= TOLD);
    }
}
