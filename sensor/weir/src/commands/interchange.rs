//! `weir import` and `weir export`: what goes between a data directory and other tools.

use super::list::{open, unreadable};
use super::registered::{FILE, read};
use super::{Setting, accounts, print};
use crate::args::{Export, ExportAction, Import, ImportAction, ListForm};
use crate::failure::{Failure, Outcome, Run};
use std::io::Write;
use std::path::Path;
use weir_registry::openapi;
use weir_store::{DataDir, write_whole};

/// Takes in a list; the one before stays where the new one is wrong or cannot be kept.
pub fn import(args: &Import, setting: &Setting) -> Run {
    match &args.action {
        ImportAction::Registered { file, data } => import_list(file, data, setting),
        ImportAction::Accounts { file, data } => import_accounts(file, data, setting),
    }
}

/// Puts a file into a data directory, made where it is missing.
fn keep(data: &Path, name: &str, what: &'static str, text: &str) -> Result<(), Failure> {
    if !data.exists() {
        // Made as every data directory is; one that is there may be held by a sensor at work.
        DataDir::create(data)
            .map_err(|e| Failure::during("无法建立数据目录", "cannot make the data directory", &e))?;
    }
    replace(&data.join(name), what, text)
}

fn import_list(file: &Path, data: &Path, setting: &Setting) -> Run {
    let list = read(file)?;
    keep(data, FILE, "the registered list", &list.to_json())?;
    let n = list.entries.len();
    print(&setting.lang.pick(
        format!("已导入登记清单：{n} 条；下次回放结束时比对，运行中的传感器收到 SIGHUP 后比对\n"),
        format!("imported a list of {n} entries; the next replay compares with it, and a running sensor from its next SIGHUP\n"),
    ))?;
    Ok(Outcome::Success)
}

fn import_accounts(file: &Path, data: &Path, setting: &Setting) -> Run {
    let list = accounts::imported(file)?;
    keep(data, accounts::FILE, "the directory of accounts", &list.to_json())?;
    let (persons, accounts) = (list.persons.len(), list.people().len());
    let left = list.persons.iter().filter(|p| p.disabled || !p.until.is_empty()).count();
    print(&setting.lang.pick(
        format!("已导入账号目录：{persons} 人，账号 {accounts} 个，其中停用或有末日的 {left} 人；自下次运行起生效，运行中的传感器收到 SIGHUP 后生效\n"),
        format!("imported {persons} persons with {accounts} accounts, {left} of them disabled or with a last day; they are known from the next run on, and in a running sensor from its next SIGHUP\n"),
    ))?;
    Ok(Outcome::Success)
}

/// Hands on, to a file or to standard output.
pub fn export(args: &Export, setting: &Setting) -> Run {
    let (text, out) = match &args.action {
        ExportAction::Openapi { data, site, out } => {
            let all = open(data, setting.lang)?.interfaces().map_err(|e| unreadable(&e))?;
            if let Some(site) = site
                && !all.iter().any(|i| i.host == *site)
            {
                return Err(no_site(site));
            }
            let document = openapi::write(&all, openapi::Scope { site: site.as_deref() });
            (format!("{document:#}\n"), out)
        }
        ExportAction::Registered { data, format, out } => {
            let file = data.join(FILE);
            if !file.exists() {
                return Err(no_list(data));
            }
            let list = read(&file)?;
            let text = match format {
                ListForm::Csv => list.to_csv(),
                ListForm::Json => list.to_json(),
                ListForm::Openapi => format!("{:#}\n", openapi::write_list(&list)),
            };
            (text, out)
        }
    };
    match out {
        Some(file) => replace(file, "what is exported", &text)?,
        None => print(&text)?,
    }
    Ok(Outcome::Success)
}

/// Writes a file whole, or leaves what there was.
fn replace(file: &Path, what: &'static str, text: &str) -> Result<(), Failure> {
    write_whole(file, what, |out| out.write_all(text.as_bytes()))
        .map_err(|e| Failure::during("无法写入", "cannot write", &e))
}

fn no_site(site: &str) -> Failure {
    Failure::new(
        format!("数据目录中没有站点 {site}；weir interfaces 列出全部"),
        format!("the data directory has no site {site}; weir interfaces lists them"),
    )
}

fn no_list(data: &Path) -> Failure {
    let shown = data.display();
    Failure::new(
        format!("{shown} 中没有登记清单；先用 weir import registered 导入"),
        format!("{shown} has no registered list; import one with weir import registered"),
    )
}
