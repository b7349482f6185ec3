//! What makes a source unusable.

use std::{fmt, io, sync::Arc};
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
    /// A packed file that grows cannot be read as it grows.
    #[error(
        "{file}: is packed, so it cannot be followed while it grows; write it unpacked, or replay it when it is whole"
    )]
    Packed {
        /// The file as it was named.
        file: Arc<str>,
    },
    /// The description of a source does not read.
    #[error("{spec}: {why}; write it as `af_packet:eth0` or `af_packet:eth0,queues=4,snap=2048`")]
    Spec {
        /// The description as it was given.
        spec: Arc<str>,
        /// What is wrong, in English.
        why: &'static str,
        /// The same in Chinese.
        zh: &'static str,
    },
    /// There is no interface of this name.
    #[error("{interface}: no such interface; there are: {known}")]
    NoInterface {
        /// The name as it was given.
        interface: Arc<str>,
        /// The names there are.
        known: String,
    },
    /// The process may not read interfaces.
    #[error(
        "{interface}: reading an interface takes the capability CAP_NET_RAW; run as root, or grant it with \
         `setcap cap_net_raw,cap_net_admin+ep $(command -v weir)`"
    )]
    NotPermitted {
        /// The interface.
        interface: Arc<str>,
    },
    /// The kernel refused something about an interface.
    #[error("{interface}: cannot {doing}: {cause}; {}", doing.remedy())]
    Interface {
        /// The interface.
        interface: Arc<str>,
        /// What was being done.
        doing: Doing,
        /// The refusal.
        cause: io::Error,
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
            SourceError::Packed { file } => {
                format!(
                    "{}：为压缩文件，无法边增长边读取；请写成未压缩的文件，或待其完整后再回放",
                    file_zh(file)
                )
            }
            SourceError::Spec { spec, zh, .. } => {
                format!("{spec}：{zh}；请写成 af_packet:eth0 或 af_packet:eth0,queues=4,snap=2048")
            }
            SourceError::NoInterface { interface, known } => {
                format!("{interface}：没有此接口；现有接口：{known}")
            }
            SourceError::NotPermitted { interface } => format!(
                "{interface}：读取接口需要 CAP_NET_RAW 权限；请以 root 运行，或执行 setcap cap_net_raw,cap_net_admin+ep $(command -v weir) 授权"
            ),
            SourceError::Interface { interface, doing, cause } => {
                format!("{interface}：无法{}：{cause}；{}", doing.zh(), doing.remedy_zh())
            }
            SourceError::OnlyOnce { file } => {
                format!("{}：只能读取一次，不能循环回放；请先存为文件", file_zh(file))
            }
            SourceError::Live { source_name, zh, .. } => format!("{source_name}：{zh}"),
        }
    }
}

/// What was being done about an interface when it was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Opening a packet socket.
    Socket,
    /// Reading the interface's settings.
    Settings,
    /// Attaching the filter.
    Filter,
    /// Making a ring of so many bytes.
    Ring(usize),
    /// Setting the interface to take every frame.
    Promiscuous,
    /// Binding the socket.
    Bind,
    /// Joining the sockets that share the interface.
    Join,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doing::Socket => f.write_str("open a packet socket"),
            Doing::Settings => f.write_str("read its settings"),
            Doing::Filter => f.write_str("attach the filter"),
            Doing::Ring(bytes) => write!(f, "make a ring of {} MiB", bytes >> 20),
            Doing::Promiscuous => f.write_str("take frames for other stations"),
            Doing::Bind => f.write_str("bind to it"),
            Doing::Join => f.write_str("share it among several sockets"),
        }
    }
}

impl Doing {
    fn zh(self) -> String {
        match self {
            Doing::Socket => "打开数据包套接字".into(),
            Doing::Settings => "读取其设置".into(),
            Doing::Filter => "加载过滤器".into(),
            Doing::Ring(bytes) => format!("建立 {} MiB 的接收环", bytes >> 20),
            Doing::Promiscuous => "设为混杂模式".into(),
            Doing::Bind => "绑定该接口".into(),
            Doing::Join => "由多个套接字分担该接口".into(),
        }
    }
    fn remedy(self) -> &'static str {
        match self {
            Doing::Filter => "compile the filter on this interface with `tcpdump -i INTERFACE -ddd ...`",
            Doing::Ring(_) => "ask for fewer or smaller blocks, or free memory",
            Doing::Join => "another program may hold that group: choose another `group`, or leave it out",
            _ => "check the interface with `ip link show` and that the kernel has packet sockets",
        }
    }
    fn remedy_zh(self) -> &'static str {
        match self {
            Doing::Filter => "请在该接口上用 tcpdump -i 接口 -ddd ... 编译过滤器",
            Doing::Ring(_) => "请减少块数或块大小，或释放内存",
            Doing::Join => "该组可能被其他程序占用：请更换或去掉 group",
            _ => "请用 ip link show 检查接口，并确认内核支持数据包套接字",
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

    #[test]
    fn refusals_about_interfaces_say_how_to_go_on() {
        let cause = || io::Error::from(io::ErrorKind::OutOfMemory);
        let interface = |doing| SourceError::Interface { interface: "eth0".into(), doing, cause: cause() };
        let ring = interface(Doing::Ring(64 << 20));
        assert!(ring.to_string().starts_with("eth0: cannot make a ring of 64 MiB: "), "{ring}");
        assert!(ring.zh().contains("64 MiB") && ring.zh().ends_with("请减少块数或块大小，或释放内存"));
        let doings =
            [Doing::Socket, Doing::Settings, Doing::Filter, Doing::Promiscuous, Doing::Bind, Doing::Join];
        assert!(doings.iter().all(|d| interface(*d).zh() != interface(*d).to_string()));
        let e = SourceError::NotPermitted { interface: "eth0".into() };
        assert!(e.to_string().contains("setcap cap_net_raw") && e.zh().contains("setcap cap_net_raw"));
        let e = SourceError::NoInterface { interface: "eth9".into(), known: "eth0, lo".into() };
        assert!(e.to_string().ends_with("there are: eth0, lo") && e.zh().ends_with("eth0, lo"));
    }
}
