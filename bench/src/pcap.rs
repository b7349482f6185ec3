//! Frames as a capture file.

use crate::workload::Workload;
use std::io::{self, Write};

/// Writes a workload as classic pcap with nanoseconds, little-endian. Returns frames and their bytes.
pub fn write(workload: Workload, connections: usize, out: &mut dyn Write) -> io::Result<(u64, u64)> {
    begin(out)?;
    let (mut frames, mut bytes, mut failed) = (0, 0, Ok(()));
    workload.frames(connections, |time, f| {
        if failed.is_ok() {
            frames += 1;
            bytes += f.len() as u64;
            failed = record(out, time.nanos(), f);
        }
    });
    failed.map(|()| (frames, bytes))
}

/// Writes what a file begins with.
///
/// # Errors
/// What writing says.
pub fn begin(out: &mut dyn Write) -> io::Result<()> {
    let mut h = 0xa1b2_3c4du32.to_le_bytes().to_vec();
    h.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    h.extend(262_144u32.to_le_bytes());
    h.extend(1u32.to_le_bytes());
    out.write_all(&h)
}

/// Writes a frame, with its time in nanoseconds since 1970.
///
/// # Errors
/// What writing says.
pub fn record(out: &mut dyn Write, nanos: u64, frame: &[u8]) -> io::Result<()> {
    let len = (frame.len() as u32).to_le_bytes();
    out.write_all(&((nanos / 1_000_000_000) as u32).to_le_bytes())?;
    out.write_all(&((nanos % 1_000_000_000) as u32).to_le_bytes())?;
    out.write_all(&len)?;
    out.write_all(&len)?;
    out.write_all(frame)
}
