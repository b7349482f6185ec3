//! C09 Shared or lent account (账号共享、借用、兼任).

use crate::sighting::{Sighting, both};
use crate::table::Table;
use crate::window::Window;
use crate::{Detector, Seen, Thresholds, facts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use weir_exchange::CredentialKind;
use weir_model::{AccountId, CallerId, Card, Findings, Group, Handling, Known, RiskType, Severity, SiteId};
use weir_wire::{Duration, Timestamp};

pub(super) static CARD: Card = Card {
    id: "C09",
    zh: "账号共享、借用、兼任",
    en: "shared or lent account",
    group: Group::AbnormalCall,
    severity: Severity::Medium,
    risks: &[RiskType(18), RiskType(5)],
    measures: &[Handling(11), Handling(2)],
    owasp: "API2:2023 CWE-1220 CWE-287",
    basis: "CAICT 3.2.6, 4(1)2, 5.1",
    how_zh: "同一账号 1 小时内从 3 个以上地址成功调用且彼此交错（某地址用过之后又回到先前的地址），或从 6 个以上地址成功调用；或为借用：在同一站点上另有固定工位（3 天以上只由该账号使用的内部地址）的账号，在他人的工位上成功调用 5 次以上，且该工位主人 1 小时内也在使用；按账号汇总，30 分钟内不重复计。失败的登录、以 API 密钥调用的程序账号不计；依次更换地址（换网络、换工位）不算交错。共用出口的多人在同一地址之后无从区分。",
    how_en: "Within an hour one account succeeds from 3 addresses or more that interleave (an address is used, then another, then the first again), or from 6 or more in any order; or it is lent: an account with a seat of its own on the site (an internal address that it alone used on 3 days or more) succeeds 5 times at another's seat, whose owner was at it within the hour; one finding an account, counted again after 30 minutes. Failed logins and program accounts that call with an API key do not count; one address after the other (another network, another desk) is not interleaving. Persons behind one common exit cannot be told apart.",
};

/// Accounts watched, and changes of address kept of one.
const ACCOUNTS: usize = 16_384;
const CALLS: usize = 64;
/// The window.
const SECONDS: u64 = 3_600;
/// How long nothing more is said of an account.
const QUIET: Duration = Duration::from_secs(1_800);
/// How long an address that goes on being used is not noted again.
const AGAIN: Duration = Duration::from_secs(600);

/// Addresses of sites that are watched for being somebody's seat.
const SEATS: usize = 16_384;
/// Days on which one account alone used an address, from which it is that account's seat.
const SEAT_DAYS: u32 = 3;
/// Calls at another's seat that are a loan.
const LENT: u32 = 5;
/// Seconds of a day.
const DAY: u64 = 86_400;

/// From where an account called.
#[derive(Serialize, Deserialize)]
struct Used {
    calls: Window<CallerId>,
    told: Option<Timestamp>,
}

/// Who sits at an address.
#[derive(Serialize, Deserialize)]
struct Seat {
    owner: AccountId,
    /// Days of use by the owner, the newest of them, and the newest use.
    days: u32,
    day: u64,
    newest: Timestamp,
    /// The one other account, and its calls; a third makes the address everybody's.
    guest: Option<(AccountId, u32)>,
    open: bool,
}

impl Seat {
    const fn is_of(&self, account: AccountId) -> bool {
        !self.open && self.owner.0 == account.0 && self.days >= SEAT_DAYS
    }
}

/// Identifies C09.
pub(super) struct Source {
    seats: Table<(SiteId, CallerId), Seat>,
    /// The address at which an account sits, once it does.
    homes: Table<AccountId, CallerId>,
    interleaved: usize,
    any: usize,
    used: Table<AccountId, Used>,
}

impl Source {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        let of = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Source {
            interleaved: of(thresholds.c09_interleaved),
            any: of(thresholds.c09_addresses),
            used: Table::new(ACCOUNTS),
            seats: Table::new(SEATS),
            homes: Table::new(ACCOUNTS),
        }
    }
}

impl Source {
    /// Takes in a call at an address; the owner of the seat, where it is another's and the account is lent.
    fn at_seat_of(&mut self, seen: &Seen<'_>, account: AccountId) -> Option<AccountId> {
        let (time, at) = (seen.exchange.time, (seen.site, seen.caller));
        let day = time.secs() / DAY;
        let seat = self.seats.entry(&at, || Seat {
            owner: account,
            days: 1,
            day,
            newest: time,
            guest: None,
            open: false,
        });
        if seat.owner == account {
            seat.days += u32::from(day > seat.day);
            (seat.day, seat.newest) = (day.max(seat.day), time.max(seat.newest));
            if seat.is_of(account) {
                self.homes.entry(&account, || seen.caller);
            }
            return None;
        }
        let (guest, calls) = seat.guest.get_or_insert((account, 0));
        if *guest != account || seat.days < SEAT_DAYS {
            seat.open = true;
            return None;
        }
        *calls += 1;
        let (calls, owner, there) =
            (*calls, seat.owner, time.since(seat.newest) <= Duration::from_secs(SECONDS));
        let open = seat.open;
        let elsewhere = self.homes.get(&account).is_some_and(|home| *home != seen.caller);
        (!open && calls >= LENT && there && elsewhere).then_some(owner)
    }

    /// Says of an account that it is used at another's seat.
    fn say_lent(
        &mut self,
        seen: &Seen<'_>,
        (id, owner): (AccountId, AccountId),
        known: &Known<'_>,
        out: &mut Findings,
    ) {
        let time = seen.exchange.time;
        let used = self.used.entry(&id, || Used { calls: Window::new(SECONDS, CALLS), told: None });
        if used.told.is_some_and(|t| time.since(t) < QUIET) {
            return;
        }
        used.told = Some(time);
        let (Some(account), Some(owner), Some(caller)) =
            (known.account(id), known.account(owner), known.caller(seen.caller))
        else {
            return;
        };
        let (name, of, ip) = (&account.name, &owner.name, caller.ip);
        let severity = if account.privileged { CARD.severity.raised() } else { CARD.severity };
        out.push(Sighting::of(&CARD, seen).of_site().of_account(Some(name)).severity(severity).say(
            both(
                format!("账号 {name} 在他人工位上使用"),
                format!("account {name} is used at another's seat"),
            ),
            both(
                format!("在账号 {of} 的工位 {ip} 上使用，{of} 1 小时内也在该处；{name} 另有工位"),
                format!("used at {ip}, the seat of {of}, who was at it within the hour; {name} has a seat of its own"),
            ),
        ));
    }
}

impl Used {
    /// How many addresses, and how many of them were come back to after another one.
    fn addresses(&self) -> (usize, usize) {
        let mut came_back: BTreeMap<CallerId, bool> = BTreeMap::new();
        let mut last = None;
        for (_, caller) in self.calls.iter() {
            if last != Some(*caller) {
                came_back.entry(*caller).and_modify(|back| *back = true).or_insert(false);
            }
            last = Some(*caller);
        }
        (came_back.len(), came_back.values().filter(|b| **b).count())
    }
}

impl Detector for Source {
    fn card(&self) -> &'static Card {
        &CARD
    }
    remembers!(seats, homes, used);

    fn inspect(&mut self, seen: &Seen<'_>, known: &Known<'_>, out: &mut Findings) {
        let Some(id) = seen.account.filter(|_| seen.authenticated && facts::succeeded(seen)) else { return };
        let Some(request) = facts::request(seen) else { return };
        if request.credentials.iter().any(|c| c.kind == CredentialKind::ApiKey) {
            return;
        }
        if !facts::from_outside(seen, known)
            && let Some(owner) = self.at_seat_of(seen, id)
        {
            self.say_lent(seen, (id, owner), known, out);
        }
        let used = self.used.entry(&id, || Used { calls: Window::new(SECONDS, CALLS), told: None });
        let time = seen.exchange.time;
        // A call from where the last one came from changes nothing but the age.
        if used.calls.newest().is_some_and(|(t, c)| *c == seen.caller && time.since(*t) < AGAIN) {
            return;
        }
        used.calls.add(time, seen.caller, drop);
        let (all, back) = used.addresses();
        // Of n interleaved ones all but the last to appear must have been come back to.
        let interleaved = all >= self.interleaved && back + 1 >= self.interleaved;
        if !interleaved && all < self.any || used.told.is_some_and(|t| time.since(t) < QUIET) {
            return;
        }
        used.told = Some(time);
        let Some(account) = known.account(id) else { return };
        let name = &account.name;
        let severity = if account.privileged { CARD.severity.raised() } else { CARD.severity };
        let addresses: std::collections::BTreeSet<String> =
            used.calls.iter().filter_map(|(_, c)| Some(known.caller(*c)?.ip.to_string())).take(64).collect();
        let list = addresses.into_iter().take(6).collect::<Vec<_>>().join(", ");
        out.push(Sighting::of(&CARD, seen).of_site().of_account(Some(name)).severity(severity).say(
            both(
                format!("账号 {name} 同时从多个地址使用"),
                format!("account {name} is used from several addresses at once"),
            ),
            both(
                format!("1 小时内 {all} 个地址，其中 {back} 个交错往返：{list}"),
                format!("{all} addresses within an hour, {back} of them come back to: {list}"),
            ),
        ));
    }

    fn evicted(&self) -> u64 {
        self.used.evicted() + self.seats.evicted()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_support::*;

    fn found(callers: &[u32], gap: f64) -> Findings {
        let calls = callers.iter().enumerate().map(|(i, c)| {
            let mut call = call("GET", "/c").signed_in().by(*c).at(i as f64 * gap);
            call.account = Some(0);
            call
        });
        World::new().found(&mut Source::new(&Thresholds::default()), calls)
    }

    #[test]
    fn reports_three_addresses_that_interleave() {
        assert!(found(&[1, 2, 1, 2, 1, 2], 10.0).is_empty(), "two");
        assert!(found(&[1, 1, 2, 2, 3, 3], 10.0).is_empty(), "one after the other");
        let f = found(&[1, 2, 3, 1, 2, 3], 10.0);
        assert_eq!(
            (f.len(), f[0].key.account.as_deref(), f[0].severity),
            (1, Some("alice"), Severity::Medium)
        );
        assert!(found(&[1, 2, 3, 1, 2, 3], 1_200.0).is_empty(), "over hours");
    }

    #[test]
    fn reports_six_addresses_in_any_order() {
        assert!(found(&[1, 2, 3, 4, 5], 10.0).is_empty());
        assert_eq!(found(&[1, 2, 3, 4, 5, 6], 10.0).len(), 1);
    }

    #[test]
    fn leaves_programs_and_failures_alone() {
        let w = World::new();
        let calls = |change: fn(Call) -> Call| {
            let all = (0..30).map(|i| call("GET", "/c").signed_in().by(i % 5).at(f64::from(i)));
            let all = all.map(|mut c| {
                c.account = Some(0);
                c
            });
            w.found(&mut Source::new(&Thresholds::default()), all.map(change))
        };
        assert_eq!(calls(|c| c).len(), 1, "once in half an hour");
        assert!(
            calls(|c| c.credential(CredentialKind::ApiKey, weir_exchange::Part::Header, "x-api-key"))
                .is_empty()
        );
        assert!(calls(|c| c.status(401)).is_empty());
    }

    #[test]
    fn reports_an_account_at_another_s_seat() {
        let by = |account: u32, caller: u32, at: f64| {
            let mut c = call("GET", "/c").by(caller).at(at);
            (c.account, c.authenticated) = (Some(account), true);
            c
        };
        let lent = |guest_calls: u32, present: bool| {
            let days =
                (0..4).flat_map(|d| [by(0, 1, f64::from(d) * 86_400.0), by(1, 2, f64::from(d) * 86_400.0)]);
            let noon = 4.0 * 86_400.0;
            let there = present.then(|| by(1, 2, noon - 60.0));
            let guest = (0..guest_calls).map(|n| by(0, 2, noon + f64::from(n)));
            World::new().found(
                &mut Source::new(&Thresholds::default()),
                days.chain(there).chain(guest).collect::<Vec<_>>(),
            )
        };
        assert!(lent(4, true).is_empty() && lent(9, false).is_empty());
        let f = lent(5, true);
        assert_eq!((f.len(), f[0].key.account.as_deref()), (1, Some("alice")));
        assert!(f[0].evidence.note.en.contains("the seat of admin"), "{}", f[0].evidence.note.en);
    }
}
