//! Exchanges summed up by the minute, before they reach the database.

use crate::database::{Call, CallKey};
use std::collections::HashMap;

/// Sums held between two commits; what passes it is put under no interface and no account.
const MOST: usize = 1 << 16;

/// Names as small numbers. 0 is the empty name, for none.
#[derive(Default, Debug)]
struct Names {
    numbers: HashMap<Box<str>, u32>,
    list: Vec<Box<str>>,
}

impl Names {
    fn number(&mut self, name: Option<&str>) -> u32 {
        let Some(name) = name else { return 0 };
        if let Some(n) = self.numbers.get(name) {
            return *n;
        }
        self.list.push(name.into());
        let n = u32::try_from(self.list.len()).unwrap_or(0);
        self.numbers.insert(name.into(), n);
        n
    }
    fn name(&self, number: u32) -> &str {
        number.checked_sub(1).and_then(|n| self.list.get(n as usize)).map_or("", |n| n)
    }
}

/// Minute, interface, account, status class.
type Key = (u64, u32, u32, u8);

/// The sums since the last commit.
#[derive(Default, Debug)]
pub(super) struct Sums {
    interfaces: Names,
    accounts: Names,
    held: HashMap<Key, Call>,
}

impl Sums {
    /// Adds the sums of exchanges of one kind.
    pub(super) fn add(
        &mut self,
        minute: u64,
        interface: Option<&str>,
        account: Option<&str>,
        class: u8,
        call: &Call,
    ) {
        let full = self.held.len() >= MOST;
        let (interface, account) = if full { (None, None) } else { (interface, account) };
        let key = (minute, self.interfaces.number(interface), self.accounts.number(account), class);
        let sum = self.held.entry(key).or_default();
        sum.count += call.count;
        sum.unlisted += call.unlisted;
        sum.request_bytes = sum.request_bytes.saturating_add(call.request_bytes);
        sum.response_bytes = sum.response_bytes.saturating_add(call.response_bytes);
        sum.duration = sum.duration.saturating_add(call.duration);
        sum.level = sum.level.max(call.level);
    }

    /// All of them, in the order of the table.
    pub(super) fn list(&self) -> Vec<(CallKey<'_>, &Call)> {
        let named = |((minute, i, a, class), call)| {
            let (interface, account) = (self.interfaces.name(i), self.accounts.name(a));
            (CallKey { interface, minute, account, class }, call)
        };
        let mut all: Vec<_> = self.held.iter().map(|(k, c)| named((*k, c))).collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }

    /// They are written.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        if self.interfaces.list.len() + self.accounts.list.len() > MOST {
            (self.interfaces, self.accounts) = (Names::default(), Names::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_minute_interface_account_and_class() {
        let mut sums = Sums::default();
        let one = Call { count: 1, response_bytes: 10, level: 2, ..Call::default() };
        for (minute, interface, account, class) in [
            (7, Some("b"), None, 2),
            (7, Some("a"), Some("x"), 2),
            (7, Some("b"), None, 2),
            (8, None, None, 0),
        ] {
            sums.add(minute, interface, account, class, &one);
        }
        let listed: Vec<_> = sums
            .list()
            .iter()
            .map(|(k, c)| (k.interface, k.minute, k.account, k.class, c.count))
            .map(|(i, m, a, s, n)| (i.to_string(), m, a.to_string(), s, n))
            .collect();
        let want = [("", 8, "", 0, 1), ("a", 7, "x", 2, 1), ("b", 7, "", 2, 2)];
        assert_eq!(listed, want.map(|(i, m, a, s, n)| (i.to_string(), m, a.to_string(), s, n)));
        sums.clear();
        assert!(sums.list().is_empty());
    }

    #[test]
    fn keys_are_bounded() {
        let mut sums = Sums::default();
        for n in 0..MOST + 1_000 {
            sums.add(1, Some(&n.to_string()), None, 2, &Call { count: 1, ..Call::default() });
        }
        assert!(sums.held.len() <= MOST + 1);
        let total: u64 = sums.list().iter().map(|(_, c)| c.count).sum();
        assert_eq!(total, MOST as u64 + 1_000);
    }
}
