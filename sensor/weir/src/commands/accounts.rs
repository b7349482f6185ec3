//! The directory of accounts: imported into the data directory, and read from there.

use crate::failure::Failure;
use std::path::Path;
use std::sync::Arc;
use weir_model::People;
use weir_registry::{ListError, PeopleList};

/// The directory in a data directory, which replays leave as it is.
pub(super) const FILE: &str = "accounts-directory.json";

/// Reads a directory in CSV or LDIF.
pub(super) fn imported(file: &Path) -> Result<PeopleList, Failure> {
    PeopleList::read(&text(file)?).map_err(|e| wrong(file, &e))
}

/// Who has which account, by what a data directory holds; nobody where nothing was imported.
pub(crate) fn people(dir: &Path) -> Result<Arc<People>, Failure> {
    let file = dir.join(FILE);
    if !file.exists() {
        return Ok(Arc::default());
    }
    let list = PeopleList::from_json(&text(&file)?).map_err(|e| wrong(&file, &e))?;
    Ok(Arc::new(list.people()))
}

fn text(file: &Path) -> Result<String, Failure> {
    let shown = file.display();
    std::fs::read_to_string(file).map_err(|e| {
        Failure::new(
            format!("无法读取账号目录 {shown}：{e}。请检查路径、权限，且须为 UTF-8。"),
            format!("cannot read the directory of accounts {shown}: {e}. Check the path, its permissions, and that it is UTF-8."),
        )
    })
}

fn wrong(file: &Path, e: &ListError) -> Failure {
    let shown = file.display();
    Failure::during(
        &format!("账号目录 {shown} 有误"),
        &format!("the directory of accounts {shown} is wrong"),
        e,
    )
}
