//! Inputs: files, standard input and streams, decompressed where their first bytes say so.

use crate::SourceError;
use flate2::bufread::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::PathBuf,
    sync::Arc,
};

/// Compressed bytes read at a time.
const PACKED: usize = 256 << 10;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Where a capture comes from.
pub enum Input {
    /// A file, opened when its turn comes.
    Path(PathBuf),
    /// Standard input.
    Stdin,
    /// Any reader, under a name for messages.
    Stream(String, Box<dyn Read + Send>),
}

impl Input {
    /// From a command line: `-` is standard input, anything else a path.
    pub fn from_arg(arg: &str) -> Self {
        if arg == "-" { Input::Stdin } else { Input::Path(arg.into()) }
    }

    /// The name used in messages.
    pub(crate) fn name(&self) -> Arc<str> {
        match self {
            Input::Path(p) => p.to_string_lossy().into(),
            Input::Stdin => "standard input".into(),
            Input::Stream(name, _) => name.as_str().into(),
        }
    }

    /// Bytes it holds, where it is a regular file: such a file can also be opened again.
    pub(crate) fn size(&self) -> Option<u64> {
        let Input::Path(path) = self else { return None };
        path.metadata().ok().filter(|m| m.is_file()).map(|m| m.len())
    }

    /// Opens it for reading.
    pub(crate) fn open(self) -> Result<Unpacked, SourceError> {
        let file = self.name();
        let from: Box<dyn Read + Send> = match self {
            Input::Path(path) => match File::open(path) {
                Ok(opened) => Box::new(opened),
                Err(cause) => return Err(SourceError::Open { file, cause }),
            },
            Input::Stdin => Box::new(io::stdin()),
            Input::Stream(_, from) => from,
        };
        Unpacked::new(from).map_err(|cause| SourceError::Read { file, offset: 0, cause })
    }
}

/// An opened input that counts what it hands out and can be looked into before it is read.
pub(crate) struct Raw {
    from: Box<dyn Read + Send>,
    head: [u8; 4],
    head_len: usize,
    head_at: usize,
    read: u64,
}

impl Raw {
    fn new(mut from: Box<dyn Read + Send>) -> io::Result<Self> {
        let (mut head, mut head_len) = ([0; 4], 0);
        while head_len < head.len() {
            match from.read(&mut head[head_len..]) {
                Ok(0) => break,
                Ok(n) => head_len += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(Raw { from, head, head_len, head_at: 0, read: 0 })
    }
}

impl Read for Raw {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = &self.head[self.head_at..self.head_len];
        let n = if left.is_empty() {
            self.from.read(buf)?
        } else {
            let n = left.len().min(buf.len());
            buf[..n].copy_from_slice(&left[..n]);
            self.head_at += n;
            n
        };
        self.read += n as u64;
        Ok(n)
    }
}

/// An input behind its decompressor.
pub(crate) enum Unpacked {
    Plain(Raw),
    Gzip(Box<MultiGzDecoder<BufReader<Raw>>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, BufReader<Raw>>>),
}

impl Unpacked {
    fn new(from: Box<dyn Read + Send>) -> io::Result<Self> {
        let raw = Raw::new(from)?;
        let packed = |raw| BufReader::with_capacity(PACKED, raw);
        Ok(if raw.head[..raw.head_len].starts_with(&GZIP) {
            Unpacked::Gzip(Box::new(MultiGzDecoder::new(packed(raw))))
        } else if raw.head[..raw.head_len] == ZSTD {
            Unpacked::Zstd(Box::new(zstd::stream::read::Decoder::with_buffer(packed(raw))?))
        } else {
            Unpacked::Plain(raw)
        })
    }

    /// Bytes read from the input so far, before decompression.
    pub(crate) fn position(&self) -> u64 {
        match self {
            Unpacked::Plain(raw) => raw.read,
            Unpacked::Gzip(d) => d.get_ref().get_ref().read,
            Unpacked::Zstd(d) => d.get_ref().get_ref().read,
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacked::Plain(raw) => raw.read(buf),
            Unpacked::Gzip(d) => d.read(buf),
            Unpacked::Zstd(d) => d.read(buf),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn unpack(bytes: Vec<u8>) -> (Vec<u8>, u64) {
        let mut u = Input::Stream("t".into(), Box::new(io::Cursor::new(bytes))).open().unwrap();
        let mut out = Vec::new();
        u.read_to_end(&mut out).unwrap();
        (out, u.position())
    }

    #[test]
    fn unpacks_by_magic_and_counts_packed_bytes() {
        let plain = b"0123456789".repeat(1000);
        assert_eq!(unpack(plain.clone()), (plain.clone(), plain.len() as u64));
        assert_eq!(unpack(vec![1, 2]), (vec![1, 2], 2));

        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&plain).unwrap();
        let gz = gz.finish().unwrap();
        assert_eq!(unpack(gz.clone()), (plain.clone(), gz.len() as u64));
        let (twice, _) = unpack([gz.clone(), gz].concat());
        assert_eq!(twice.len(), 2 * plain.len(), "members follow one another");

        let zst = zstd::encode_all(&plain[..], 1).unwrap();
        assert_eq!(unpack(zst.clone()), (plain, zst.len() as u64));
    }

    #[test]
    fn a_dash_is_standard_input() {
        assert!(matches!(Input::from_arg("-"), Input::Stdin));
        assert_eq!(&*Input::from_arg("-").name(), "standard input");
        assert_eq!(&*Input::from_arg("a/b.pcap").name(), "a/b.pcap");
        assert_eq!(Input::Stdin.size(), None);
    }

    #[test]
    fn a_missing_file_is_named() {
        let e = Input::from_arg("no/such/file.pcap").open().err().unwrap();
        assert!(e.to_string().starts_with("no/such/file.pcap: cannot be opened"), "{e}");
    }
}
