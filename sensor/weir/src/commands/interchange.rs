//! `weir import` and `weir export`: what goes between a data directory and other tools.

use super::list::{open, unreadable};
use super::registered::{FILE, read};
use super::{Setting, print};
use crate::args::{Export, ExportAction, Import, ImportAction, ListForm};
use crate::failure::{Failure, Outcome, Run};
use std::io;
use std::path::Path;
use weir_registry::openapi;

/// Takes in a list; the one before stays where the new one is wrong or cannot be kept.
pub fn import(args: &Import, setting: &Setting) -> Run {
    let ImportAction::Registered { file, data } = &args.action;
    let list = read(file)?;
    let kept = data.join(FILE);
    std::fs::create_dir_all(data)
        .and_then(|()| replace(&kept, &list.to_json()))
        .map_err(|e| unwritten(&kept, &e))?;
    let n = list.entries.len();
    print(&setting.lang.pick(
        format!("已导入登记清单：{n} 条；下次回放结束时比对\n"),
        format!("imported a list of {n} entries; the next replay compares with it\n"),
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
            (if *format == ListForm::Csv { list.to_csv() } else { list.to_json() }, out)
        }
    };
    match out {
        Some(file) => replace(file, &text).map_err(|e| unwritten(file, &e))?,
        None => print(&text)?,
    }
    Ok(Outcome::Success)
}

/// Writes a file whole, or leaves what there was.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    let part = file.with_file_name(name);
    let wrote = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, file));
    if wrote.is_err() {
        // The failure itself is what to report.
        let _ = std::fs::remove_file(&part);
    }
    wrote
}

fn unwritten(file: &Path, e: &io::Error) -> Failure {
    let shown = file.display();
    Failure::new(
        format!("无法写入 {shown}：{e}。请检查路径、权限与磁盘空间。"),
        format!("cannot write {shown}: {e}. Check the path, its permissions and the space on the disk."),
    )
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
