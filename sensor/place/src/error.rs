//! What can be wrong with a plan or a database, said so that somebody can act on it.

use std::path::{Path, PathBuf};

/// An error: where, what, and how to fix it.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The file cannot be read.
    #[error("{path}: cannot be read ({error}); check the path and its permissions", path = path.display())]
    Unreadable {
        /// File.
        path: PathBuf,
        /// The system's word.
        error: std::io::Error,
    },
    /// The file is larger than is taken into memory.
    #[error("{path}: larger than {most} MiB; use a smaller file", path = path.display())]
    TooLarge {
        /// File.
        path: PathBuf,
        /// Most MiB.
        most: u64,
    },
    /// The file is no MMDB, or broken.
    #[error("{path}: not a sound MMDB file ({why}); download it again, and unpack it where it is an archive", path = path.display())]
    Mmdb {
        /// File.
        path: PathBuf,
        /// The reader's word.
        why: String,
    },
    /// An MMDB that does not tell countries.
    #[error("{path}: a database of type {kind}, which tells no countries; name one of countries or cities", path = path.display())]
    NoCountries {
        /// File.
        path: PathBuf,
        /// Its `database_type`.
        kind: String,
    },
    /// A plan that is not UTF-8.
    #[error("{path}:{line}: not UTF-8; save it as \"CSV UTF-8\"", path = path.display())]
    Encoding {
        /// File.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// A line of a plan is wrong.
    #[error("{path}:{line}: column {column}: {what}", path = path.display())]
    Plan {
        /// File.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Name of the column.
        column: &'static str,
        /// What is wrong and how to fix it.
        what: PlanFault,
    },
}

/// What is wrong with a line of a plan, and how to fix it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanFault {
    /// The first line does not name the column.
    #[error("missing; the first line must name the columns: cidr,name,kind and, where wanted, owner,country")]
    NoColumn,
    /// The column is named twice.
    #[error("named twice; remove one")]
    TwiceNamed,
    /// A column that is not known.
    #[error("`{0}` is not known; columns are cidr, name, kind, owner, country")]
    UnknownColumn(String),
    /// Empty where it must not be.
    #[error("empty; fill it in")]
    Empty,
    /// Longer than is kept.
    #[error("longer than 128 characters; shorten it")]
    TooLong,
    /// No network.
    #[error("`{0}` is no network; write one like 10.1.0.0/16 or 2001:db8::/32")]
    NoNetwork(String),
    /// Bits behind the prefix are set.
    #[error("`{0}` has bits set behind its prefix; write {1}")]
    HostBits(String, String),
    /// The network stands on an earlier line.
    #[error("`{0}` stands on line {1} already; keep one")]
    Twice(String, usize),
    /// No kind.
    #[error(
        "`{0}` is no kind; kinds are internal, office, production, test, dmz, branch, vpn, cloud, partner, external"
    )]
    NoKind(String),
    /// No country.
    #[error("`{0}` is no country; write a code of ISO 3166-1 like CN")]
    NoCountry(String),
    /// A quote is not closed.
    #[error("a quote is not closed; close it, or double it where it is meant")]
    OpenQuote,
    /// More cells than columns.
    #[error("more cells than the first line has columns; quote a value that holds a comma")]
    TooMany,
    /// More lines than are taken.
    #[error("more than {0} networks; join neighbours")]
    TooMuch(usize),
}

impl PlanFault {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            PlanFault::NoColumn => "缺失；首行须写明各列：cidr,name,kind，可加 owner,country".into(),
            PlanFault::TwiceNamed => "出现两次；请删去一个".into(),
            PlanFault::UnknownColumn(c) => {
                format!("不认识列“{c}”；可用的列为 cidr、name、kind、owner、country")
            }
            PlanFault::Empty => "为空；请填写".into(),
            PlanFault::TooLong => "超过 128 个字符；请缩短".into(),
            PlanFault::NoNetwork(n) => format!("“{n}”不是网段；请写成 10.1.0.0/16 或 2001:db8::/32"),
            PlanFault::HostBits(n, fix) => format!("“{n}”在前缀之后仍有置位；请写成 {fix}"),
            PlanFault::Twice(n, line) => format!("“{n}”已在第 {line} 行出现；请保留一个"),
            PlanFault::NoKind(k) => format!(
                "“{k}”不是类型；可用 internal、office、production、test、dmz、branch、vpn、cloud、partner、external"
            ),
            PlanFault::NoCountry(c) => format!("“{c}”不是国家；请写 ISO 3166-1 代码，如 CN"),
            PlanFault::OpenQuote => "引号未闭合；请闭合，引号本身请写两个".into(),
            PlanFault::TooMany => "单元格多于首行的列；含逗号的值请加引号".into(),
            PlanFault::TooMuch(n) => format!("超过 {n} 个网段；请合并相邻网段"),
        }
    }
}

impl PlaceError {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        let shown = |path: &Path| path.display().to_string();
        match self {
            PlaceError::Unreadable { path, error } => {
                format!("{}：无法读取（{error}）；请检查路径与权限", shown(path))
            }
            PlaceError::TooLarge { path, most } => {
                format!("{}：超过 {most} MiB；请换用较小的文件", shown(path))
            }
            PlaceError::Mmdb { path, why } => {
                format!("{}：不是完好的 MMDB 文件（{why}）；请重新下载，若为压缩包请先解开", shown(path))
            }
            PlaceError::NoCountries { path, kind } => {
                format!("{}：类型为 {kind} 的数据库不含国家信息；请换用国家或城市库", shown(path))
            }
            PlaceError::Encoding { path, line } => {
                format!("{}:{line}：不是 UTF-8；请另存为“CSV UTF-8”", shown(path))
            }
            PlaceError::Plan { path, line, column, what } => {
                format!("{}:{line}：列 {column}：{}", shown(path), what.zh())
            }
        }
    }
}
