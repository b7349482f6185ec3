//! The organisation's directory of accounts (账号与人员目录): CSV and LDIF in, kept as JSON.
//!
//! ```text
//! CSV, LDIF (RFC 2849) --> PeopleList --> JSON in the data directory --> People, by account
//! ```

mod ldif;
mod table;

use crate::ListError;
use crate::entry::is_date;
use crate::error::{entry, inside};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use weir_model::{People, Person};

/// Most persons of a directory.
const MOST: usize = 1_000_000;
/// Most characters of a text that are kept: beyond, it is no name.
const LONGEST: usize = 256;

/// A person with accounts.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct PersonEntry {
    /// Names of the accounts, at least one.
    pub accounts: Vec<String>,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Role.
    pub role: String,
    /// Whether the accounts have special rights.
    pub privileged: bool,
    /// Whether they are disabled.
    pub disabled: bool,
    /// Last day on which they may be used (`2026-12-31`); none where empty.
    pub until: String,
}

/// A directory of accounts.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct PeopleList {
    /// Version of the format: 1.
    pub v: u32,
    /// The persons, in order.
    pub persons: Vec<PersonEntry>,
}

impl PeopleList {
    /// From CSV or LDIF, told apart by what stands in them.
    pub fn read(text: &str) -> Result<PeopleList, ListError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text
            .lines()
            .map(str::trim_end)
            .find(|l| !l.is_empty() && !l.starts_with('#'))
            .unwrap_or_default();
        let is_ldif = ["version:", "dn:"]
            .iter()
            .any(|k| first.get(..k.len()).is_some_and(|f| f.eq_ignore_ascii_case(k)));
        let persons = if is_ldif { ldif::read(text)? } else { table::read(text)? };
        PeopleList::new(persons)
    }

    /// Of persons; each is checked.
    fn new(persons: Vec<PersonEntry>) -> Result<PeopleList, ListError> {
        if persons.len() > MOST {
            let (zh, en) =
                ("目录最多 1000000 人；请拆分", "a directory has at most 1,000,000 persons; split it");
            return Err(ListError::new(entry(MOST + 1), zh, en));
        }
        Ok(PeopleList { v: 1, persons })
    }

    /// From the JSON that [`PeopleList::to_json`] writes.
    pub fn from_json(text: &str) -> Result<PeopleList, ListError> {
        let list: PeopleList = serde_json::from_str(text).map_err(|e| {
            let place = (
                format!("第 {} 行第 {} 列", e.line(), e.column()),
                format!("line {}, column {}", e.line(), e.column()),
            );
            ListError::new(place, format!("不是账号目录：{e}"), format!("not a directory of accounts: {e}"))
        })?;
        if list.v != 1 {
            let (zh, en) = ("版本不是 1；请重新导入", "the version is not 1; import the directory again");
            return Err(ListError::new(inside("v"), zh, en));
        }
        let checked = list.persons.into_iter().enumerate().map(|(n, p)| p.checked(&entry(n + 1)));
        PeopleList::new(checked.collect::<Result<_, _>>()?)
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // Texts, truth values and lists: there is nothing that JSON cannot say.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// By account.
    pub fn people(&self) -> People {
        let mut people = People::default();
        for p in &self.persons {
            let person = Arc::new(Person {
                name: p.name.as_str().into(),
                department: p.department.as_str().into(),
                role: p.role.as_str().into(),
                privileged: p.privileged,
                disabled: p.disabled,
                until: p.until.as_str().into(),
            });
            p.accounts.iter().for_each(|a| people.add(a, person.clone()));
        }
        people
    }
}

impl PersonEntry {
    /// Checks every field; `place` is where the entry stands.
    fn checked(mut self, place: &(String, String)) -> Result<PersonEntry, ListError> {
        for text in
            [&mut self.name, &mut self.department, &mut self.role].into_iter().chain(&mut self.accounts)
        {
            // Lines and terminals are not to be written over by a name.
            let plain: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            *text = plain.trim().to_string();
        }
        self.accounts.retain(|a| !a.is_empty());
        if self.accounts.is_empty() {
            let (zh, en) = ("没有账号名", "there is no name of an account");
            return Err(ListError::at(place, "account", zh, en));
        }
        if !self.until.is_empty() && !is_date(&self.until) {
            let (zh, en) = ("须为日期，如 2026-12-31", "must be a date such as 2026-12-31");
            return Err(ListError::at(place, "until", zh, en));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_a_directory_or_an_error(text in "(dn: x\n)?\\PC{0,200}(\nuid:: [A-Za-z0-9=]{0,12}\n \\PC{0,9})?") {
            if let Ok(list) = PeopleList::read(&text) {
                prop_assert_eq!(PeopleList::from_json(&list.to_json()).unwrap(), list);
            }
        }
    }
}
