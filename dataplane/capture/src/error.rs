//! What makes a source unusable.

use std::{io, sync::Arc};
use thiserror::Error;

/// A source cannot be read at all. Each message says where, what, and how to fix it.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The operating system refused the file.
    #[error("{file}: cannot be opened: {cause}; check the path and that it may be read")]
    Open {
        /// The file as it was named.
        file: Arc<str>,
        /// The refusal.
        cause: io::Error,
    },
    /// Reading failed before the header was complete.
    #[error("{file}: cannot be read at byte {offset}: {cause}; the file may be damaged")]
    Read {
        /// The file as it was named.
        file: Arc<str>,
        /// Offset in the capture, after decompression.
        offset: u64,
        /// The failure.
        cause: io::Error,
    },
    /// The file does not begin like a capture.
    #[error(
        "{file}: not a capture: byte 0 begins {found}; give a pcap or pcapng file, plain or packed by gzip or zstd \
         (other captures: convert with `editcap -F pcapng IN OUT`)"
    )]
    NotACapture {
        /// The file as it was named.
        file: Arc<str>,
        /// What stands there instead.
        found: String,
    },
    /// Looping needs inputs that can be read again.
    #[error("{file}: can be read only once, so it cannot be looped; save it to a file first")]
    OnlyOnce {
        /// The input.
        file: Arc<str>,
    },
    /// A live source cannot be started or cannot go on; told in its own words, which say how to fix it.
    #[error("{source_name}: {en}")]
    Live {
        /// The source as it was named.
        source_name: Arc<str>,
        /// What is wrong and how to fix it, in English.
        en: String,
        /// The same in Chinese.
        zh: String,
    },
}

impl SourceError {
    /// The message in Chinese; `Display` gives it in English. The operating system's words stay as they are.
    pub fn zh(&self) -> String {
        match self {
            SourceError::Open { file, cause } => {
                format!("{}：无法打开：{cause}；请检查路径及是否可读", file_zh(file))
            }
            SourceError::Read { file, offset, cause } => {
                format!("{}：第 {offset} 字节处无法读取：{cause}；文件可能已损坏", file_zh(file))
            }
            SourceError::NotACapture { file, found } => format!(
                "{}：不是抓包文件：开头为{}；请提供 pcap 或 pcapng 文件，可经 gzip 或 zstd 压缩（其他格式可用 editcap -F pcapng IN OUT 转换）",
                file_zh(file),
                found_zh(found)
            ),
            SourceError::OnlyOnce { file } => {
                format!("{}：只能读取一次，不能循环回放；请先存为文件", file_zh(file))
            }
            SourceError::Live { source_name, zh, .. } => format!("{source_name}：{zh}"),
        }
    }
}

/// A file's name as it is told in Chinese.
pub(crate) fn file_zh(file: &str) -> &str {
    if file == "standard input" { "标准输入" } else { file }
}

/// First bytes of files that are often taken for captures: what they are, in English and Chinese.
const KNOWN: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive", " zip 压缩包"),
    (b"\xfd7zXZ", "an xz stream", " xz 压缩流"),
    (b"BZh", "a bzip2 stream", " bzip2 压缩流"),
    (b"7z\xbc\xaf", "a 7-Zip archive", " 7-Zip 压缩包"),
    (b"snoop\0", "a snoop capture", " snoop 抓包"),
    (b"\x7fELF", "a program (ELF)", "可执行程序（ELF）"),
    (b"\x1f\x8b", "a gzip stream within the first", "内层 gzip 压缩流"),
    (b"\x28\xb5\x2f\xfd", "a zstd stream within the first", "内层 zstd 压缩流"),
    (b"{", "JSON or other text", " JSON 或其他文本"),
    (b"<", "XML, HTML or other text", " XML、HTML 或其他文本"),
];
const EMPTY: &str = "and ends: it is empty";
const TEXT: &str = "text";
const BYTES: &str = "the bytes ";

/// What [`describe`] said, in Chinese.
fn found_zh(found: &str) -> String {
    if let Some(hex) = found.strip_prefix(BYTES) {
        return format!("字节 {hex}");
    }
    match found {
        EMPTY => "空（文件没有内容）".into(),
        TEXT => "文本".into(),
        _ => KNOWN.iter().find(|(_, en, _)| *en == found).map_or(found, |(_, _, zh)| zh).into(),
    }
}

/// Names what the first bytes of a file are, without quoting its content beyond four bytes.
pub(crate) fn describe(first: &[u8]) -> String {
    if first.is_empty() {
        return EMPTY.into();
    }
    if let Some((_, name, _)) = KNOWN.iter().find(|(magic, _, _)| first.starts_with(magic)) {
        return (*name).into();
    }
    if first.iter().all(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)) {
        return TEXT.into();
    }
    let hex: Vec<_> = first.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("{BYTES}{}", hex.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_without_quoting() {
        assert_eq!(describe(b""), "and ends: it is empty");
        assert_eq!(describe(b"PK\x03\x04...."), "a zip archive");
        assert_eq!(describe(b"password=secret"), "text");
        assert_eq!(describe(&[0xde, 0xad, 0xbe, 0xef, 0x01, 0x02]), "the bytes de ad be ef");
    }

    #[test]
    fn messages_say_where_what_and_how() {
        let e = SourceError::NotACapture { file: "a.txt".into(), found: describe(b"hello") };
        let text = e.to_string();
        assert!(text.starts_with("a.txt: not a capture: byte 0 begins text; give a pcap"), "{text}");
        assert!(e.zh().starts_with("a.txt：不是抓包文件：开头为文本；"), "{}", e.zh());
    }

    #[test]
    fn every_description_is_told_in_chinese() {
        let firsts = KNOWN.iter().map(|(magic, _, _)| *magic).chain([&b""[..], b"text", &[0xde, 0xad]]);
        for first in firsts {
            let found = describe(first);
            assert_ne!(found_zh(&found), found);
        }
        let stdin = SourceError::OnlyOnce { file: "standard input".into() };
        assert!(stdin.zh().starts_with("标准输入：只能读取一次"));
    }
}
