//! The port: what a lane polls for frames.

use crate::{SourceError, error::file_zh};
use std::{fmt, sync::Arc, time::Duration};
use weir_wire::Frame;

/// Frames lent together at most: enough to hide a cache miss of one behind the work on the others, few enough for the
/// first-level cache.
pub const BURST: usize = 32;
/// Frames one call of [`Source::poll`] lends at most.
pub(crate) const POLL: usize = 256;
/// Captured bytes after which one call of [`Source::poll`] lends no further frame.
pub(crate) const BURST_BYTES: usize = 1 << 20;

/// Something that yields frames.
pub trait Source {
    /// Lends the frames that are ready, in bursts of at most [`BURST`], each for the length of one call of `lend`: at
    /// most 256 frames a poll, and none after the first MiB. A burst is never empty.
    ///
    /// # Errors
    /// Only what makes the source as a whole unusable: a file that cannot be opened or is not a capture, an interface
    /// that is gone for good. After an error the source is at its end.
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError>;

    /// Waits until frames may be ready, at most so long; called when a poll was idle. A file never waits.
    fn wait(&mut self, at_most: Duration) {
        let _ = at_most;
    }

    /// How much of the room between the wire and the reader is in use, from 0.0 to 1.0: what a lane sheds by before frames
    /// are lost. `None` where the source can wait (a file).
    fn backlog(&self) -> Option<f32> {
        None
    }

    /// What was lent so far, and how far the reading is.
    fn counters(&self) -> SourceCounters;

    /// Where files broke off, in the order in which it was found out. At most a few per file.
    fn notices(&self) -> &[Notice] {
        &[]
    }

    /// TLS key logs met so far, in the order of the capture.
    fn key_logs(&self) -> &[KeyLog] {
        &[]
    }
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn poll(&mut self, lend: &mut dyn FnMut(&[Frame<'_>])) -> Result<Polled, SourceError> {
        (**self).poll(lend)
    }
    fn wait(&mut self, at_most: Duration) {
        (**self).wait(at_most);
    }
    fn backlog(&self) -> Option<f32> {
        (**self).backlog()
    }
    fn counters(&self) -> SourceCounters {
        (**self).counters()
    }
    fn notices(&self) -> &[Notice] {
        (**self).notices()
    }
    fn key_logs(&self) -> &[KeyLog] {
        (**self).key_logs()
    }
}

/// What one [`Source::poll`] came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polled {
    /// So many frames were lent; at least one.
    Frames(usize),
    /// Nothing is ready; ask again.
    Idle,
    /// There will be no more.
    End,
}

/// Totals of a source.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct SourceCounters {
    /// Frames lent.
    pub frames: u64,
    /// Captured bytes of the frames lent.
    pub bytes: u64,
    /// Frames that reached the interface and found no room in its ring: lost before Weir could read them.
    pub dropped: u64,
    /// Frames that the card refused as damaged (checksum, length).
    pub damaged: u64,
    /// Bytes read from the inputs, compressed where they are: the position of a progress bar.
    pub read: u64,
    /// Bytes the inputs hold, where all of them are files: the length of a progress bar. Known after the first poll.
    pub total: Option<u64>,
}

/// A file was not read to its end, or not wholly kept; or something happened to a live source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// The file as it was named; `standard input` for `-`; a live source as it was named.
    pub file: Arc<str>,
    /// Offset in the capture (after decompression) of the record or block that could not be read; of a live source,
    /// the frames lent before.
    pub offset: u64,
    /// Why.
    pub cause: Break,
}

/// Why a file was not read to its end, or what happened to a live source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Break {
    /// The file ends inside a header, record or block.
    Truncated,
    /// A record contradicts itself or passes a bound; what follows cannot be found for sure.
    Corrupt(&'static str),
    /// Reading or decompressing failed; the operating system's or decompressor's words.
    Unreadable(String),
    /// Not a break: key logs past the bound of 16 MiB were not kept. Frames were.
    KeyLogsOverBound,
    /// A followed file was replaced by a new one of its name, which is read from its start.
    Replaced,
    /// A followed file became shorter than what was read of it, and is read again from its start.
    Shortened,
    /// The link of an interface is down; frames are awaited.
    LinkDown,
    /// It is up again.
    LinkUp,
    /// The interface was removed; one of its name is awaited.
    Gone,
    /// It is there again, and read.
    Back,
    /// It is there again, but cannot be opened, for this reason; that is tried on.
    NotReopened(String),
    /// The interface has no time stamps of its own, for this reason; the kernel's are used.
    NoHardwareTime(String),
    /// Not a break: something happened to a live source (a link went down, a buffer ran out), told in its own words; the
    /// offset is the number of frames lent before.
    Told {
        /// In English.
        en: String,
        /// In Chinese.
        zh: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Notice { file, offset, cause } = self;
        match cause {
            Break::Truncated => {
                write!(f, "{file}: ends inside the record at byte {offset}; read up to there")
            }
            Break::Corrupt(what) => write!(f, "{file}: corrupt at byte {offset} ({what}); read up to there"),
            Break::Unreadable(why) => {
                write!(f, "{file}: not readable behind byte {offset} ({why}); read up to there")
            }
            Break::KeyLogsOverBound => {
                write!(
                    f,
                    "{file}: TLS key logs from byte {offset} on pass the bound of 16 MiB and were not kept"
                )
            }
            Break::Replaced => {
                write!(f, "{file}: was replaced after byte {offset}; the new file is read from its start")
            }
            Break::Shortened => {
                write!(f, "{file}: was cut short of byte {offset}, which was read; read again from its start")
            }
            Break::LinkDown => write!(f, "{file}: the link is down after {offset} frames; waiting for it"),
            Break::LinkUp => write!(f, "{file}: the link is up again"),
            Break::Gone => write!(
                f,
                "{file}: the interface was removed after {offset} frames; waiting for one of its name"
            ),
            Break::Back => write!(f, "{file}: the interface is back and read again"),
            Break::NotReopened(why) => {
                write!(f, "{file}: the interface is back but cannot be opened ({why}); trying on")
            }
            Break::NoHardwareTime(why) => {
                write!(f, "{file}: no hardware time stamps ({why}); the kernel's are used")
            }
            Break::Told { en, .. } => write!(f, "{file}: {en}"),
        }
    }
}

impl Notice {
    /// The notice in Chinese; `Display` gives it in English. What a decompressor or the operating system said stays as it is.
    pub fn zh(&self) -> String {
        let (file, offset) = (file_zh(&self.file), self.offset);
        match &self.cause {
            Break::Truncated => format!("{file}：在第 {offset} 字节处的记录中途结束；已读到该处"),
            Break::Corrupt(what) => {
                format!("{file}：第 {offset} 字节处损坏（{}）；已读到该处", corrupt_zh(what))
            }
            Break::Unreadable(why) => format!("{file}：第 {offset} 字节之后无法读取（{why}）；已读到该处"),
            Break::KeyLogsOverBound => {
                format!("{file}：第 {offset} 字节起的 TLS 密钥日志超出 16 MiB 上限，未予保留")
            }
            Break::Replaced => format!("{file}：读到第 {offset} 字节后被新文件替换；新文件从头读取"),
            Break::Shortened => format!("{file}：被截短到已读的第 {offset} 字节之前；从头重新读取"),
            Break::LinkDown => format!("{file}：收到 {offset} 帧后链路断开；等待恢复"),
            Break::LinkUp => format!("{file}：链路已恢复"),
            Break::Gone => format!("{file}：收到 {offset} 帧后接口被移除；等待同名接口出现"),
            Break::Back => format!("{file}：接口已恢复，继续读取"),
            Break::NotReopened(why) => format!("{file}：接口已恢复但无法打开（{why}）；将继续尝试"),
            Break::NoHardwareTime(why) => format!("{file}：无硬件时间戳（{why}）；使用内核时间戳"),
            Break::Told { zh, .. } => format!("{file}：{zh}"),
        }
    }
}

/// What a reader found corrupt, in Chinese.
fn corrupt_zh(what: &'static str) -> &'static str {
    match what {
        "a record claims more bytes than its bound" => "记录声称的长度超出上限",
        "a section header without its byte-order magic" => "节头缺少字节序标记",
        "a block length that is none" => "块长度无效",
        "a block claims more bytes than its bound" => "块声称的长度超出上限",
        "a block whose two lengths differ" => "块首尾两处长度不一致",
        "a packet block without its interface, or longer inside than outside" => {
            "数据包块没有对应的接口，或内部长度超过外部长度"
        }
        "an interface block too short for its fields" => "接口块过短，放不下其字段",
        "a section with more than 65,536 interfaces" => "一节中的接口超过 65,536 个",
        other => other,
    }
}

/// A TLS key log (the `SSLKEYLOGFILE` format, draft-ietf-tls-keylogfile) that travelled inside a capture. Its `Debug` shows no secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyLog {
    /// The file that held it.
    pub file: Arc<str>,
    /// The log as it stood there: lines of label, client random and secret.
    pub text: Vec<u8>,
}

impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyLog {{ file: {:?}, {} bytes }}", self.file, self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_told_in_both_languages() {
        let cause = Break::Corrupt("a block length that is none");
        let notice = Notice { file: "standard input".into(), offset: 28, cause };
        assert_eq!(
            notice.to_string(),
            "standard input: corrupt at byte 28 (a block length that is none); read up to there"
        );
        assert_eq!(notice.zh(), "标准输入：第 28 字节处损坏（块长度无效）；已读到该处");
    }
}
