//! The directory as LDIF (RFC 2849), of LDAP servers and Active Directory.

use super::PersonEntry;
use crate::ListError;
use crate::error::line;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use weir_wire::Timestamp;

/// Attributes that name accounts.
const ACCOUNTS: &[&str] = &["uid", "samaccountname", "userprincipalname", "mail"];
/// Groups whose members have special rights, by their common names.
const PRIVILEGED: &[&str] = &[
    "administrators",
    "domain admins",
    "enterprise admins",
    "schema admins",
    "account operators",
    "wheel",
    "sudo",
];
/// `userAccountControl`: the account is disabled (ADS_UF_ACCOUNTDISABLE).
const ACCOUNT_DISABLE: u64 = 0x2;
/// Seconds from 1601, from which Active Directory counts in 100 ns, to 1970.
const TO_1970: u64 = 11_644_473_600;

/// Reads the entries that name accounts; groups, units and the like are passed over. Passwords and all else are not kept.
pub(super) fn read(text: &str) -> Result<Vec<PersonEntry>, ListError> {
    let mut all = Vec::new();
    let mut now: Option<(usize, PersonEntry)> = None;
    let mut finish = |now: &mut Option<(usize, PersonEntry)>| match now.take() {
        Some((n, p)) if !p.accounts.is_empty() => p.checked(&line(n)).map(|p| all.push(p)),
        _ => Ok(()),
    };
    for (n, logical) in unfolded(text) {
        if logical.is_empty() {
            finish(&mut now)?;
            continue;
        }
        let (attribute, value) = attribute(n, &logical)?;
        match attribute.as_str() {
            "version" => {}
            "dn" => {
                finish(&mut now)?;
                now = Some((n, PersonEntry::default()));
            }
            "changetype" if value != "add" => {
                let zh = format!("是改动记录（changetype: {value}）；请导出条目本身");
                let en = format!("a record of changes (changetype: {value}); export the entries themselves");
                return Err(ListError::new(line(n), zh, en));
            }
            _ => {
                let Some((_, p)) = &mut now else {
                    let (zh, en) = ("条目须以 dn: 开头", "an entry begins with dn:");
                    return Err(ListError::new(line(n), zh, en));
                };
                take(p, &attribute, value);
            }
        }
    }
    finish(&mut now)?;
    Ok(all)
}

/// Lines put together again (a line that begins with a space goes on the one before), without comments, with their numbers.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    for (n, physical) in text.lines().enumerate() {
        match (physical.strip_prefix(' '), all.last_mut()) {
            (Some(more), Some((_, before))) => before.push_str(more),
            _ => all.push((n + 1, physical.to_string())),
        }
    }
    all.retain(|(_, l)| !l.starts_with('#'));
    all
}

/// Name, in lower case and without options (`;lang-zh`), and value of a line. What is given as an address (`:<`) is not fetched.
fn attribute(n: usize, logical: &str) -> Result<(String, String), ListError> {
    let wrong = |zh: &str, en: &str| ListError::new(line(n), zh, en);
    let Some((name, value)) = logical.split_once(':') else {
        return Err(wrong("须为 名称: 值", "must be name: value"));
    };
    let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let value = match (value.strip_prefix(':'), value.strip_prefix('<')) {
        (Some(coded), _) => {
            let bytes =
                STANDARD.decode(coded.trim()).map_err(|_| wrong("base64 有误", "the base64 is wrong"))?;
            // Pictures and certificates are no texts; no attribute that is kept is one of them.
            String::from_utf8(bytes).unwrap_or_default()
        }
        (_, Some(_)) => String::new(),
        _ => value.trim().to_string(),
    };
    Ok((name, value))
}

fn take(p: &mut PersonEntry, attribute: &str, value: String) {
    let number = || value.parse::<u64>().ok();
    match attribute {
        name if ACCOUNTS.contains(&name) => {
            let new = !p.accounts.iter().any(|a| a.eq_ignore_ascii_case(&value));
            p.accounts.extend(Some(value).filter(|_| new));
        }
        "displayname" => p.name = value,
        "cn" if p.name.is_empty() => p.name = value,
        "department" => p.department = value,
        "ou" | "departmentnumber" if p.department.is_empty() => p.department = value,
        "title" => p.role = value,
        "employeetype" if p.role.is_empty() => p.role = value,
        "memberof" => p.privileged |= is_privileged(&value),
        "useraccountcontrol" => p.disabled |= number().is_some_and(|n| n & ACCOUNT_DISABLE != 0),
        "nsaccountlock" | "logindisabled" => p.disabled |= value.eq_ignore_ascii_case("true"),
        // Locked for good; other times are those of too many attempts.
        "pwdaccountlockedtime" => p.disabled |= value == "000001010000Z",
        "accountexpires" => {
            // 0 and the largest number stand for never.
            let seconds = number().filter(|n| *n > 0 && *n < u64::MAX >> 1).map(|n| n / 10_000_000);
            until(p, seconds.and_then(|s| s.checked_sub(TO_1970)));
        }
        "shadowexpire" => until(p, number().and_then(|days| days.checked_mul(86_400))),
        _ => {}
    }
}

/// The last day of an account that is over from `end` on, in seconds since 1970. Times past the year 9999 stand for never.
fn until(p: &mut PersonEntry, end: Option<u64>) {
    const YEAR_10000: u64 = 253_402_300_800;
    if let Some(last) = end.filter(|end| *end <= YEAR_10000).and_then(|end| end.checked_sub(1)) {
        p.until = Timestamp::from_secs_nanos(last, 0).to_string().get(..10).unwrap_or_default().into();
    }
}

/// Whether a group's name (`CN=Domain Admins,CN=Users,...`) is one of special rights.
fn is_privileged(group: &str) -> bool {
    let first = group.split(',').next().unwrap_or_default();
    let name = first.split_once('=').map_or(first, |(_, name)| name).trim().to_lowercase();
    PRIVILEGED.contains(&&*name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const AD: &str = "version: 1\n# people\ndn: CN=Li Wei,OU=Sales,DC=corp\nsAMAccountName: liwei\nuserPrincipalName: liwei@corp.example\n\
        displayName:: 5p2O5Lyf\ndepartment: Sa\n les\ntitle;lang-en: Clerk\nuserPassword:: c2VjcmV0\nmemberOf: CN=Domain Admins,DC=corp\n\
        userAccountControl: 514\naccountExpires: 133485408000000000\njpegPhoto:< file:///etc/passwd\n\ndn: OU=Sales,DC=corp\nou: Sales\n\n\
        dn: uid=anna,ou=IT,dc=corp\nuid: anna\ncn: Anna\nou: IT\nshadowExpire: 19783\naccountExpires: 9223372036854775807\n";

    #[test]
    fn reads_directories_of_both_sorts() {
        let all = read(AD).unwrap();
        assert_eq!(all.len(), 2);
        let p = &all[0];
        assert_eq!(p.accounts, ["liwei", "liwei@corp.example"]);
        assert_eq!((&*p.name, &*p.department, &*p.role), ("李伟", "Sales", "Clerk"));
        // 133485408000000000 is 2024-01-01 00:00 UTC: the last day is the one before.
        assert!(p.disabled && p.privileged && p.until == "2023-12-31", "{p:?}");
        // Day 19783 is 2024-03-01.
        assert_eq!((&*all[1].name, &*all[1].department, &*all[1].until), ("Anna", "IT", "2024-02-29"));
        assert!(!all[1].disabled && !all[1].privileged);
    }

    #[test]
    fn says_where_it_is_wrong() {
        let wrong = |t: &str| read(t).unwrap_err().to_string();
        assert!(wrong("dn: x\nuid anna\n").contains("line 2"));
        assert!(wrong("dn: x\nuid:: %%\n").contains("base64"));
        assert!(wrong("version: 1\nuid: a\n").contains("dn:"));
        assert!(wrong("dn: x\nchangetype: modify\n").contains("modify"));
    }
}
