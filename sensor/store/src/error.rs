//! What can go wrong with a data directory, said so that somebody can act on it.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the data directory: where, what, and how to fix it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The device, quota or file-size limit is used up.
    #[error("{path}: no space left while writing {what}; free some space or choose another directory, then run again", path = path.display())]
    Full {
        /// File being written.
        path: PathBuf,
        /// What was being written.
        what: &'static str,
    },
    /// The directory or a file in it may not be written.
    #[error("{path}: not permitted to write {what}; choose a directory that this user may write, or change its owner or mode", path = path.display())]
    NotPermitted {
        /// File or directory.
        path: PathBuf,
        /// What was being written.
        what: &'static str,
    },
    /// Another process holds the directory.
    #[error("{path}: in use by another weir process; wait for it to end or choose another directory", path = path.display())]
    Busy {
        /// Directory.
        path: PathBuf,
    },
    /// There is a database of an earlier run where none is to be written: it would contradict the JSON Lines.
    #[error("{path}: database of an earlier run; choose another directory, or leave out --no-store so that it is rewritten", path = path.display())]
    StaleDatabase {
        /// The database.
        path: PathBuf,
    },
    /// The database was written by a newer weir.
    #[error("{path}: written by a newer weir (schema {found}, this one knows {known}); use that version", path = path.display())]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// There is nothing to read.
    #[error("{path}: no records here; name the directory that `weir replay --out` wrote", path = path.display())]
    Empty {
        /// Directory.
        path: PathBuf,
    },
    /// A line of a person's decisions does not hold what it should.
    #[error("{path}: line {line} is no decision ({why}); correct that line or remove it", path = path.display())]
    Decision {
        /// File.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// What an earlier run remembered is not what it wrote.
    #[error("{path}: what an earlier run remembered cannot be used ({why}); move the file away to learn anew", path = path.display())]
    Memory {
        /// File.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A file does not hold what it should.
    #[error("{path}: {what} is broken ({why}); run `weir replay` into a new directory", path = path.display())]
    Broken {
        /// File.
        path: PathBuf,
        /// What was being read, with the line where there are lines.
        what: String,
        /// What is wrong with it; never quotes the content.
        why: String,
    },
    /// Any other failure of the operating system.
    #[error("{path}: {what}: {source}; check the device and the path", path = path.display())]
    Io {
        /// File or directory.
        path: PathBuf,
        /// What was being done.
        what: &'static str,
        /// Cause.
        source: io::Error,
    },
    /// Any other failure of SQLite.
    #[error("{path}: {what}: {source}; check the device, or move the file away and run again", path = path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What was being done.
        what: &'static str,
        /// Cause.
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// Sorts a failure of the operating system into those with advice of their own.
    pub(crate) fn io(path: &Path, what: &'static str, source: io::Error) -> StoreError {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                StoreError::Full { path, what }
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::NotPermitted { path, what }
            }
            _ => StoreError::Io { path, what, source },
        }
    }

    /// Sorts a failure of SQLite likewise.
    pub(crate) fn database(path: &Path, what: &'static str, source: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode;
        let path = path.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full { path, what },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::NotPermitted { path, what }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                StoreError::Broken { path, what: "the database".into(), why: source.to_string() }
            }
            _ => StoreError::Database { path, what, source },
        }
    }

    /// The message in Chinese; `Display` gives it in English. The words of the operating system and of SQLite stay as they are.
    pub fn zh(&self) -> String {
        match self {
            StoreError::Full { path, what } => format!(
                "{}：写{}时空间不足；请释放空间或换一个目录，然后重新运行",
                path.display(),
                what_zh(what)
            ),
            StoreError::NotPermitted { path, what } => format!(
                "{}：无权写{}；请选择当前用户可写的目录，或更改其属主或权限",
                path.display(),
                what_zh(what)
            ),
            StoreError::Busy { path } => {
                format!("{}：另一个 weir 进程正在使用；请等待其结束或换一个目录", path.display())
            }
            StoreError::StaleDatabase { path } => {
                format!("{}：此前运行留下的数据库；请换一个目录，或去掉 --no-store 以便重写", path.display())
            }
            StoreError::TooNew { path, found, known } => format!(
                "{}：由更新版本的 weir 写入（模式版本 {found}，本版本支持到 {known}）；请使用该版本",
                path.display()
            ),
            StoreError::Empty { path } => {
                format!("{}：此处没有记录；请指定 weir replay --out 写出的目录", path.display())
            }
            StoreError::Memory { path, why } => {
                format!("{}：此前运行记住的内容无法使用（{why}）；移走该文件即可重新学习", path.display())
            }
            StoreError::Broken { path, what, why } => {
                format!("{}：{}已损坏（{why}）；请用 weir replay 写入新目录", path.display(), what_zh(what))
            }
            StoreError::Decision { path, line, why } => {
                format!("{}：第 {line} 行不是有效的决定（{why}）；请更正或删除该行", path.display())
            }
            StoreError::Io { path, what, source } => {
                format!("{}：{}：{source}；请检查设备与路径", path.display(), what_zh(what))
            }
            StoreError::Database { path, what, source } => {
                format!("{}：{}：{source}；请检查设备，或移走该文件后重新运行", path.display(), what_zh(what))
            }
        }
    }

    /// Whether space ran out.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Full { .. })
    }
}

/// What was being read or written, in Chinese; a name that has none stays as it is.
fn what_zh(what: &str) -> String {
    let zh = match what {
        "the data directory" => "数据目录",
        "the lock file" => "锁文件",
        "the key file" => "密钥文件",
        "random bytes" => "随机数",
        "the database" => "数据库",
        "exchanges" | "spilled exchanges" => "接口调用记录",
        "starting a batch of exchanges" | "a batch of exchanges" => "一批接口调用记录",
        "a transaction" => "一批记录",
        "entering the run" => "登记本次运行",
        "sums of exchanges" => "接口调用汇总",
        "what was learned" => "已知内容",
        "measuring the database" => "数据库大小",
        "removing the oldest exchanges" => "删除最早的接口调用",
        "folding in the log" => "合并数据库日志",
        "the results of the run" => "运行结果",
        "interfaces" => "接口记录",
        "accounts" => "账号记录",
        "risk sources" => "风险源记录",
        "risks" => "风险记录",
        "the ledger" => "台账",
        "what is remembered" => "记住的内容",
        "the report" => "报告",
        "the registered list" => "登记清单",
        "what is exported" => "导出内容",
        "reading meta" => "读取数据库元数据",
        "reading records" => "读取记录",
        "reading the data directory" => "读取数据目录",
        "opening the database" => "打开数据库",
        "emptying the database" => "清空数据库",
        "bringing the database up to date" => "升级数据库",
        _ => {
            return match what.strip_prefix("line ") {
                Some(number) => format!("第 {number} 行"),
                None => format!(" {what}"),
            };
        }
    };
    zh.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_what_and_how() {
        let p = Path::new("out/exchanges.jsonl");
        let full = StoreError::io(p, "exchanges", io::Error::from(io::ErrorKind::StorageFull));
        assert!(full.is_full());
        let text = full.to_string();
        assert!(
            text.contains("out/exchanges.jsonl")
                && text.contains("exchanges")
                && text.contains("free some space")
        );
        assert_eq!(
            full.zh(),
            "out/exchanges.jsonl：写接口调用记录时空间不足；请释放空间或换一个目录，然后重新运行"
        );
        assert_eq!(what_zh("line 7"), "第 7 行");
        let denied = StoreError::io(p, "exchanges", io::Error::from(io::ErrorKind::PermissionDenied));
        assert!(matches!(denied, StoreError::NotPermitted { .. }));
    }
}
