//! Version lines and binary packets (RFC 4253, 4.2 and 6), while they are in clear.

/// Longest line before packets begin (RFC 4253, 4.2: 255 bytes), with room for those who say more.
const MAX_LINE: usize = 1024;
/// Lines that may stand before the version.
const MAX_LINES: u32 = 64;
/// Longest packet: RFC 4253, 6.1 asks for 35,000 bytes at least, and hybrid key exchanges are longer.
const MAX_PACKET: usize = 256 * 1024;

/// One direction, cut into its parts.
#[derive(Default)]
pub(super) struct Cut {
    held: Vec<u8>,
    lines: u32,
    version: bool,
    closed: bool,
}

/// A part of a direction.
pub(super) enum Part {
    /// The version line, without its end.
    Version(Vec<u8>),
    /// The payload of a packet: its message number and what follows.
    Packet(Vec<u8>),
}

impl Cut {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if !self.closed {
            self.held.extend_from_slice(bytes);
        }
    }
    /// Nothing more of it is wanted, or can be read.
    pub(super) fn close(&mut self) {
        (self.closed, self.held) = (true, Vec::new());
    }
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The next part, where it is whole.
    pub(super) fn next(&mut self) -> Option<Part> {
        while !self.closed {
            if self.version {
                return self.packet().map(Part::Packet);
            }
            let Some(end) = self.held.iter().take(MAX_LINE).position(|b| *b == b'\n') else {
                if self.held.len() >= MAX_LINE {
                    self.close();
                }
                return None;
            };
            let line: Vec<u8> = self.held.drain(..=end).collect();
            self.lines += 1;
            if line.starts_with(super::BEGIN) {
                self.version = true;
                return Some(Part::Version(line.trim_ascii_end().to_vec()));
            }
            if self.lines >= MAX_LINES {
                self.close();
            }
        }
        None
    }

    fn packet(&mut self) -> Option<Vec<u8>> {
        let len = usize::try_from(u32::from_be_bytes(*self.held.first_chunk()?)).unwrap_or(usize::MAX);
        if !(2..=MAX_PACKET).contains(&len) {
            self.close();
            return None;
        }
        let packet = self.held.get(4..4 + len)?;
        let padding = usize::from(packet[0]);
        let payload = packet.get(1..len.saturating_sub(padding)).map(<[u8]>::to_vec);
        match payload {
            Some(payload) if !payload.is_empty() => {
                self.held.drain(..4 + len);
                Some(payload)
            }
            _ => {
                self.close();
                None
            }
        }
    }
}
