//! `weir rules fingerprint`: a table's own values as a data type, by keyed digests.

use super::{Setting, print};
use crate::args::Fingerprint;
use crate::columns::column;
use crate::failure::{Failure, Outcome, Run};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use weir_rules::{ExactTable, RuleSet};

/// Largest table read.
const LARGEST: u64 = 1 << 30;

/// Writes the pack, its digests and its key. A key that is there is used again, so that a table can be renewed.
pub fn fingerprint(args: &Fingerprint, setting: &Setting) -> Run {
    let text = text_of(&args.table)?;
    let values = column(&text, &args.column).map_err(|known| {
        let (shown, name, known) = (args.table.display(), &args.column, known.join(", "));
        Failure::new(
            format!("{shown} 没有列 {name}；首行的列为：{known}"),
            format!("{shown} has no column {name}; its first line names {known}"),
        )
    })?;
    fs::create_dir_all(&args.out).map_err(|e| unwritable(&args.out, &e))?;
    let file = |ending: &str| args.out.join(format!("{}.{ending}", args.id));
    let key = key_at(&file("key"))?;
    let table = ExactTable::new(values.iter().map(String::as_str), key);
    if table.is_empty() {
        let shown = args.table.display();
        return Err(Failure::new(
            format!("{shown} 的列 {} 没有值；请检查列名与分隔符", args.column),
            format!("column {} of {shown} holds no value; check its name and the separator", args.column),
        ));
    }
    write(&file("digests"), &table.to_bytes())?;
    write(&file("toml"), pack(args, &table).as_bytes())?;
    // What was written must load: an id or a name that packs refuse is told here, and not when the sensor starts.
    RuleSet::load_to_check(&[file("toml")])
        .map_err(|e| Failure::during("写出的规则包有误", "the pack written is wrong", &e))?;
    let (n, skipped, toml) = (table.len(), table.skipped, file("toml"));
    let shown = toml.display();
    let (zh, en) = match table.stands_alone() {
        true => ("在任何位置识别", "known wherever they stand"),
        false => ("仅在所列字段名中识别", "known only in fields of the names listed"),
    };
    print(&setting.lang.pick(
        format!("{shown}：{n} 个不同的值（{zh}），{skipped} 个空值或过长未计；以 --rules 或配置 rules.packs 启用\n"),
        format!("{shown}: {n} distinct values, {en}; {skipped} empty or too long left out. Load it with --rules or rules.packs\n"),
    ))?;
    Ok(Outcome::Success)
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let unreadable = |why: &dyn std::fmt::Display| {
        Failure::new(
            format!("无法读取 {shown}：{why}。请检查路径、权限，并存为 UTF-8。"),
            format!("cannot read {shown}: {why}. Check the path and its permissions, and save it as UTF-8."),
        )
    };
    let size = fs::metadata(path).map_err(|e| unreadable(&e))?.len();
    if size > LARGEST {
        return Err(unreadable(&"larger than 1 GiB"));
    }
    fs::read_to_string(path).map_err(|e| unreadable(&e))
}

fn unwritable(path: &Path, why: &std::io::Error) -> Failure {
    let shown = path.display();
    Failure::new(
        format!("无法写 {shown}：{why}。请检查路径与权限。"),
        format!("cannot write {shown}: {why}. Check the path and its permissions."),
    )
}

/// The key in a file, or a new random one written there for its owner only.
fn key_at(path: &Path) -> Result<[u8; 16], Failure> {
    if let Ok(bytes) = fs::read(path) {
        let shown = path.display();
        return bytes.try_into().map_err(|_| {
            Failure::new(
                format!("{shown} 不是 16 字节的密钥；请移走它"),
                format!("{shown} is no key of 16 bytes; move it away"),
            )
        });
    }
    let mut key = [0; 16];
    let random = Path::new("/dev/urandom");
    fs::File::open(random).and_then(|mut f| f.read_exact(&mut key)).map_err(|e| unwritable(path, &e))?;
    write(path, &key)?;
    Ok(key)
}

/// A file that only its owner may read.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let open = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    open.and_then(|mut f| f.write_all(bytes)).map_err(|e| unwritable(path, &e))
}

/// The pack's text.
fn pack(args: &Fingerprint, table: &ExactTable) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let keys: Vec<String> = std::iter::once(&args.column).chain(&args.fields).map(|k| quoted(k)).collect();
    let named = |name: &Option<String>| quoted(name.as_ref().unwrap_or(&args.column));
    let stands = match table.pattern() {
        Some(pattern) => format!("stands = \"alone\"\npatterns = ['{pattern}']"),
        None => "stands = \"key\"\nfield = '.{1,512}'".into(),
    };
    let mut out = String::new();
    let _ = write!(
        out,
        "# Made by `weir rules fingerprint`. The values are in {id}.digests, as digests under {id}.key: keep the key secret.\n\n\
         [pack]\nname = {id_text}\nversion = \"1\"\nmade = \"{made}\"\n\n\
         [[data_type]]\nid = {id_text}\nzh = {zh}\nen = {en}\ngroup = \"own\"\nlevel = {level}\nmask = true\nprecedence = 90\n\
         {stands}\nkeys = [{keys}]\nexact = {{ digests = \"{id}.digests\", key = \"{id}.key\" }}\n",
        id = args.id,
        id_text = quoted(&args.id),
        made = &crate::clock::now().to_string()[..10],
        zh = named(&args.zh),
        en = named(&args.en),
        level = args.level,
        keys = keys.join(", "),
    );
    out
}
