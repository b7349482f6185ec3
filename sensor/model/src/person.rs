//! Persons behind accounts, as the organisation's own directory has them (人员与账号目录).

use std::collections::BTreeMap;
use std::sync::Arc;
use weir_wire::Timestamp;

/// Who has an account. Texts are empty where the directory does not say.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Person {
    /// Name (姓名).
    pub name: Box<str>,
    /// Department (部门).
    pub department: Box<str>,
    /// Role (角色、岗位).
    pub role: Box<str>,
    /// Whether the account is one with special rights (特权账号).
    pub privileged: bool,
    /// Whether the account is disabled (停用、离职).
    pub disabled: bool,
    /// Last day on which the account may be used (`2026-12-31`, UTC); empty for none.
    pub until: Box<str>,
}

impl Person {
    /// Whether the account may not be used any more at a time: after its last day; where none is known, whenever it is disabled.
    pub fn departed(&self, at: Timestamp) -> bool {
        match &*self.until {
            "" => self.disabled,
            // Days of records compare as texts.
            until => at.to_string().get(..10).is_some_and(|day| day > until),
        }
    }
}

/// The directory: persons by the names of their accounts.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct People(BTreeMap<Box<str>, Arc<Person>>);

impl People {
    /// Gives a person an account. Letters' case does not matter; of two persons with one account the later has it.
    pub fn add(&mut self, account: &str, person: Arc<Person>) {
        self.0.insert(account.to_lowercase().into(), person);
    }

    /// Who has an account, of a Windows domain (`DOMAIN\name`) or not.
    pub fn of(&self, account: &str) -> Option<&Arc<Person>> {
        if self.0.is_empty() {
            return None;
        }
        let account = account.to_lowercase();
        let within = account.rsplit_once('\\').map(|(_, name)| name);
        self.0.get(&*account).or_else(|| self.0.get(within?))
    }

    /// Accounts it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn accounts_end_with_their_last_day() {
        let at = |secs| Timestamp::from_secs_nanos(secs, 0);
        // 2024-02-29 12:34:56 and the day after.
        let (day, next) = (at(1_709_210_096), at(1_709_210_096 + 86_400));
        let person = |disabled, until: &str| Person { disabled, until: until.into(), ..Person::default() };
        assert!(!person(false, "").departed(day) && person(true, "").departed(day));
        assert!(!person(true, "2024-02-29").departed(day) && person(true, "2024-02-29").departed(next));
        assert!(person(false, "2024-02-29").departed(next));
    }

    #[test]
    fn accounts_are_found_in_any_case_and_domain() {
        let mut people = People::default();
        people.add("Li.Wei", Arc::new(Person { name: "李伟".into(), ..Person::default() }));
        let of = |name: &str| people.of(name).map(|p| p.name.to_string());
        assert_eq!(of("li.wei").unwrap(), "李伟");
        assert_eq!(of("CORP\\li.wei").unwrap(), "李伟");
        assert_eq!(of("li.wei2"), None);
    }
}
