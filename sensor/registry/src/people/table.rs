//! The directory as a table.

use super::PersonEntry;
use crate::ListError;
use crate::csv;
use crate::error::line;

/// Columns: name, and other names that are understood, in lower case.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("account", &["账号", "用户名", "登录名", "工号", "username", "user", "login", "uid", "samaccountname"]),
    ("name", &["姓名", "显示名", "displayname", "display name", "full name", "cn"]),
    ("department", &["部门", "所属部门", "dept", "ou"]),
    ("role", &["角色", "岗位", "职务", "title"]),
    ("privileged", &["特权", "特权账号"]),
    ("status", &["状态", "账号状态", "enabled"]),
    ("until", &["有效期", "有效期至", "离职日期", "expires"]),
];
/// What `status` says of an account that may not be used.
const DISABLED: &[&str] = &[
    "disabled",
    "inactive",
    "locked",
    "left",
    "departed",
    "false",
    "no",
    "0",
    "停用",
    "禁用",
    "注销",
    "离职",
    "已离职",
    "冻结",
    "否",
];
/// What it says of one that may.
const ENABLED: &[&str] = &["", "enabled", "active", "true", "yes", "1", "启用", "正常", "在职", "有效", "是"];
/// What `privileged` says of accounts with special rights, and of others.
const YES: &[&str] = &["true", "yes", "1", "y", "是", "特权"];
const NO: &[&str] = &["", "false", "no", "0", "n", "否"];

/// Reads a table with a header line. Other columns are left out; several accounts of one person are parted by `;`.
pub(super) fn read(text: &str) -> Result<Vec<PersonEntry>, ListError> {
    let mut rows = csv::rows(text).into_iter();
    let (first, header) = rows.next().unwrap_or((1, Vec::new()));
    let known = |name: &str| {
        let name = name.trim().to_lowercase();
        COLUMNS.iter().find(|(n, more)| *n == name || more.contains(&&*name)).map(|(n, _)| *n)
    };
    let columns: Vec<Option<&str>> = header.iter().map(|h| known(h)).collect();
    if !columns.contains(&Some("account")) {
        let (zh, en) = (
            "首行须列出列名，至少有 account（账号）；LDIF 文件则须以 dn: 或 version: 开头",
            "the first line must name the columns, `account` at least; LDIF begins with dn: or version:",
        );
        return Err(ListError::at(&line(first), "account", zh, en));
    }
    rows.map(|(n, cells)| {
        if cells.len() != header.len() {
            let (has, due) = (cells.len(), header.len());
            let zh = format!("有 {has} 个单元格，表头有 {due} 个；含逗号的值请加双引号");
            let en =
                format!("{has} cells, but the header has {due}; put values with commas in double quotes");
            return Err(ListError::new(line(n), zh, en));
        }
        let mut p = PersonEntry::default();
        for (column, cell) in columns.iter().zip(cells) {
            take(&mut p, *column, cell.trim(), n)?;
        }
        p.checked(&line(n))
    })
    .collect()
}

fn take(p: &mut PersonEntry, column: Option<&str>, cell: &str, n: usize) -> Result<(), ListError> {
    let one_of = |field: &str, yes: &[&str], no: &[&str]| {
        let said = cell.to_lowercase();
        match (yes.contains(&&*said), no.contains(&&*said)) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => {
                let (yes, no) = (
                    yes.join(", "),
                    no.iter().filter(|w| !w.is_empty()).copied().collect::<Vec<_>>().join(", "),
                );
                let zh = format!("不认识该值；可写 {yes}，或 {no}");
                let en = format!("this is not known; write one of {yes}, or of {no}");
                Err(ListError::at(&line(n), field, zh, en))
            }
        }
    };
    match column {
        Some("account") => p.accounts.extend(cell.split([';', '；', '、']).map(Into::into)),
        Some("name") => p.name = cell.into(),
        Some("department") => p.department = cell.into(),
        Some("role") => p.role = cell.into(),
        Some("privileged") => p.privileged = one_of("privileged", YES, NO)?,
        Some("status") => p.disabled = one_of("status", DISABLED, ENABLED)?,
        Some("until") => p.until = cell.into(),
        Some(_) | None => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_either_language_and_says_what_is_wrong() {
        let all = read(
            "账号,姓名,部门,角色,状态,离职日期,工资\nzhangsan;zs01,张三,财务部,会计,离职,2025-06-30,1\n",
        )
        .unwrap();
        let p = &all[0];
        assert_eq!((p.accounts.len(), &*p.name, &*p.department, &*p.role), (2, "张三", "财务部", "会计"));
        assert!(p.disabled && p.until == "2025-06-30" && !p.privileged);
        assert!(read("Username,Privileged\nroot,yes\n").unwrap()[0].privileged);
        let wrong = |t: &str| read(t).unwrap_err().to_string();
        assert!(wrong("").contains("line 1, field account"));
        assert!(wrong("account,status\na,perhaps\n").contains("line 2, field status"));
        assert!(wrong("account,until\na,30.6.2025\n").contains("line 2, field until"));
        assert!(wrong("account,name\n,x\n").contains("no name of an account"));
        assert!(wrong("account\na,b\n").contains("2 cells"));
    }
}
