//! The list as CSV and JSON.

use crate::csv;
use crate::entry::Entry;
use crate::error::{ListError, entry, inside, line};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Most entries of a list.
const MOST: usize = 100_000;

/// Columns in order: name, and other names that are understood.
const COLUMNS: [(&str, &[&str]); 10] = [
    ("host", &["主机", "域名"]),
    ("method", &["方法"]),
    ("path", &["路径", "地址", "接口地址"]),
    ("owner", &["责任人"]),
    ("system", &["所属系统", "系统"]),
    ("level", &["级别"]),
    ("callers", &["调用方", "允许的调用方"]),
    ("zones", &["区域", "允许的区域"]),
    ("data_types", &["数据类型", "允许的数据类型"]),
    ("until", &["有效期", "有效期至"]),
];

/// The registered list.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Version of the format: 1.
    pub v: u32,
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// The OpenAPI document that the entries are of, where they came as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Value>,
}

impl List {
    /// Of entries; each is checked.
    pub fn new(entries: Vec<Entry>) -> Result<List, ListError> {
        if entries.len() > MOST {
            let place = entry(MOST + 1);
            return Err(ListError::new(
                place,
                "清单最多 100000 条；请拆分",
                "a list has at most 100,000 entries; split it",
            ));
        }
        let checked = entries.into_iter().enumerate().map(|(n, e)| e.checked(&entry(n + 1)));
        Ok(List { v: 1, entries: checked.collect::<Result<_, _>>()?, document: None })
    }

    /// From a table with a header line; lists within a cell are parted by `;`.
    pub fn from_csv(text: &str) -> Result<List, ListError> {
        let mut rows = csv::rows(text).into_iter();
        let Some((first, header)) = rows.next() else {
            let (zh, en) = (
                "没有表头；首行须列出列名，至少有 path",
                "no header; the first line must name the columns, `path` at least",
            );
            return Err(ListError::new(line(1), zh, en));
        };
        let known = |name: &str| COLUMNS.iter().position(|(n, more)| *n == name || more.contains(&name));
        let columns: Vec<Option<usize>> = header.iter().map(|h| known(h.trim())).collect();
        let path = COLUMNS.iter().position(|(n, _)| *n == "path");
        if !columns.contains(&path) {
            return Err(ListError::at(&line(first), "path", "缺少该列", "there is no such column"));
        }
        let mut entries = Vec::new();
        for (n, cells) in rows {
            if cells.len() != header.len() {
                let (has, due) = (cells.len(), header.len());
                let zh = format!("有 {has} 个单元格，表头有 {due} 个；含逗号的值请加双引号");
                let en =
                    format!("{has} cells, but the header has {due}; put values with commas in double quotes");
                return Err(ListError::new(line(n), zh, en));
            }
            let mut e = Entry::default();
            for ((column, name), cell) in columns.iter().zip(&header).zip(cells) {
                take(&mut e, *column, name, cell, n)?;
            }
            entries.push(e.checked(&line(n))?);
        }
        List::new(entries)
    }

    /// From the JSON that [`List::to_json`] writes, or an array of entries.
    pub fn from_json(text: &str) -> Result<List, ListError> {
        let wrong = |e: &serde_json::Error| {
            let place = (
                format!("第 {} 行第 {} 列", e.line(), e.column()),
                format!("line {}, column {}", e.line(), e.column()),
            );
            ListError::new(place, format!("不是登记清单：{e}"), format!("not a registered list: {e}"))
        };
        let (entries, document) = match text.trim_start().starts_with('[') {
            true => (serde_json::from_str::<Vec<Entry>>(text).map_err(|e| wrong(&e))?, None),
            false => {
                let list: List = serde_json::from_str(text).map_err(|e| wrong(&e))?;
                if list.v != 1 {
                    let (zh, en) = (
                        "版本不是 1；请用相应版本的 Weir",
                        "the version is not 1; use the Weir that wrote it",
                    );
                    return Err(ListError::new(inside("v"), zh, en));
                }
                (list.entries, list.document)
            }
        };
        Ok(List { document, ..List::new(entries)? })
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        // Texts, numbers and lists with text keys: there is nothing that JSON cannot say.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// As a table.
    pub fn to_csv(&self) -> String {
        let more: BTreeMap<&str, ()> =
            self.entries.iter().flat_map(|e| e.more.keys()).map(|k| (k.as_str(), ())).collect();
        let header: Vec<String> =
            COLUMNS.iter().map(|(n, _)| *n).chain(more.keys().copied()).map(Into::into).collect();
        let rows = self.entries.iter().map(|e| {
            let level = e.level.map(|l| l.to_string()).unwrap_or_default();
            let lists = [&e.callers, &e.zones, &e.data_types].map(|l| l.join(";"));
            let [callers, zones, data_types] = lists;
            let texts = [&e.host, &e.method, &e.path, &e.owner, &e.system].map(Clone::clone);
            let cells = texts.into_iter().chain([level, callers, zones, data_types, e.until.clone()]);
            let others = more.keys().map(|k| e.more.get(*k).cloned().unwrap_or_default());
            cells.chain(others).collect()
        });
        csv::table(std::iter::once(header).chain(rows))
    }
}

/// Puts a cell where its column says.
fn take(e: &mut Entry, column: Option<usize>, name: &str, cell: String, n: usize) -> Result<(), ListError> {
    let parts = |c: &str| {
        c.split([';', '；', '、']).map(str::trim).filter(|p| !p.is_empty()).map(Into::into).collect()
    };
    match column.and_then(|c| COLUMNS.get(c)).map(|(name, _)| *name) {
        Some("host") => e.host = cell,
        Some("method") => e.method = cell,
        Some("path") => e.path = cell,
        Some("owner") => e.owner = cell,
        Some("system") => e.system = cell,
        Some("callers") => e.callers = parts(&cell),
        Some("zones") => e.zones = parts(&cell),
        Some("data_types") => e.data_types = parts(&cell),
        Some("until") => e.until = cell.trim().into(),
        Some(_) if cell.trim().is_empty() => e.level = None,
        Some(_) => {
            let level = cell.trim().parse().map_err(|_| {
                ListError::at(&line(n), "level", "须为 1 至 4，或留空", "must be 1 to 4, or empty")
            })?;
            e.level = Some(level);
        }
        None if cell.is_empty() => {}
        None => drop(e.more.insert(name.into(), cell)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::openapi;
    use proptest::prelude::*;

    #[test]
    fn errors_say_where_what_and_how() {
        let wrong = |t: &str| List::from_csv(t).unwrap_err().to_string();
        assert!(wrong("").contains("line 1"));
        assert!(wrong("host,method\na,GET").contains("field path"));
        assert!(wrong("path,level\n/a,1\n/b,nine\n").contains("line 3, field level"));
        assert!(wrong("path,until\n\"/a\",2026-02-30\n").contains("line 2, field until"));
        assert!(wrong("path,zones\n/a,moon\n").contains("internal"));
        assert!(wrong("path\n/a,b\n").contains("2 cells"));
        let e = List::from_json("{\"v\":1,\n\"entries\":[{\"pth\":1}]}").unwrap_err();
        assert!(e.to_string().contains("line 2") && e.zh().contains("第 2 行"), "{e}");
    }

    #[test]
    fn reads_chinese_headers_and_keeps_other_columns() {
        let list = List::from_csv("\u{feff}路径,方法,允许的数据类型,备注\r\n/u/{id},get,a；b,\"一,二\"\r\n")
            .unwrap();
        let e = &list.entries[0];
        assert_eq!((e.method.as_str(), e.data_types.len(), e.more["备注"].as_str()), ("GET", 2, "一,二"));
        assert_eq!(List::from_csv(&list.to_csv()).unwrap(), list);
    }

    proptest! {
        #[test]
        fn goes_out_and_in_the_same(
            texts in prop::collection::vec("[a-z,\"\n 张]{0,8}", 3), level in prop::option::of(1u8..=4), n in 1usize..4,
        ) {
            let e = Entry {
                host: "a.example:8080".into(), method: "GET".into(), path: format!("/x{}", texts[0]),
                owner: texts[1].clone(), system: texts[2].clone(), level, callers: vec!["10.0.0.0/8".into(); n],
                zones: vec!["internal".into()], data_types: vec!["cn_mobile".into()], until: "2028-02-29".into(),
                more: BTreeMap::from([("note".into(), format!("x{}", texts[0]))]),
            };
            let list = List::new(vec![e; n]).unwrap();
            prop_assert_eq!(&List::from_csv(&list.to_csv()).unwrap(), &list);
            prop_assert_eq!(&List::from_json(&list.to_json()).unwrap(), &list);
            prop_assert_eq!(List::from_csv(&list.to_csv()).unwrap().to_csv(), list.to_csv());
            let document = openapi::write_list(&list).to_string();
            let read = openapi::read(&document).unwrap();
            prop_assert_eq!(&read.entries, &list.entries);
            prop_assert_eq!(openapi::write_list(&read).to_string(), document);
        }

        #[test]
        fn any_text_is_a_list_or_an_error(text in "\\PC{0,200}") {
            drop((List::from_csv(&text), List::from_json(&text), openapi::read(&text)));
        }
    }
}
