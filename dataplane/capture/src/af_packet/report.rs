//! What an interface is set to, for those who tell people what to change.

use super::{
    interface::{self, ANSWER, ethtool, sysfs},
    socket::Socket,
};
use crate::{Doing, SourceError};

/// Commands of ethtool (`linux/ethtool.h`); each answer begins with its command.
mod command {
    pub(super) const DRIVER: u32 = 0x03;
    pub(super) const RING: u32 = 0x10;
    pub(super) const SEGMENTATION: u32 = 0x1e;
    pub(super) const GENERIC_SEGMENTATION: u32 = 0x23;
    pub(super) const FLAGS: u32 = 0x25;
    pub(super) const GENERIC_RECEIVE: u32 = 0x2b;
    pub(super) const CHANNELS: u32 = 0x3c;
    pub(super) const STAMPS: u32 = 0x41;
    pub(super) const RECEIVE_HASH: u32 = 0x46;
}

/// Whether the driver has something switched on.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum OffloadState {
    /// It is.
    On,
    /// It is not.
    Off,
    /// The driver does not say.
    #[default]
    Unknown,
}

/// An interface and its settings; what the driver does not tell is `None`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct InterfaceReport {
    /// Its name.
    pub name: String,
    /// Name of the driver.
    pub driver: Option<String>,
    /// Where the card is, as a PCI address.
    pub bus: Option<String>,
    /// Megabits a second of the link.
    pub speed: Option<u32>,
    /// Whether it is up and has its carrier.
    pub link: bool,
    /// Bytes of the longest packet behind the link header.
    pub mtu: Option<u32>,
    /// Queues it receives by now.
    pub queues: Option<u32>,
    /// Queues it could receive by.
    pub most_queues: Option<u32>,
    /// Descriptors of a receive ring now.
    pub ring: Option<u32>,
    /// Descriptors a receive ring could have.
    pub most_ring: Option<u32>,
    /// Generic receive offload: the kernel merges received segments, so that frames are longer than on the wire.
    pub generic_receive: OffloadState,
    /// Large receive offload: the card merges them.
    pub large_receive: OffloadState,
    /// TCP segmentation offload: what this machine sends is seen before it is cut into segments.
    pub segmentation: OffloadState,
    /// Generic segmentation offload: the same, done by the kernel.
    pub generic_segmentation: OffloadState,
    /// Whether the card takes VLAN tags off; they are read all the same.
    pub vlan_strip: OffloadState,
    /// Key of the receive hash that spreads flows over queues.
    pub hash_key: Option<Vec<u8>>,
    /// Entries of the table from hash to queue.
    pub hash_table: Option<u32>,
    /// The memory node that the card is nearest to.
    pub numa_node: Option<u32>,
    /// Whether the card can stamp every frame.
    pub hardware_time: Option<bool>,
    /// Frames the card lost for lack of room since it is there.
    pub missed: Option<u64>,
}

impl InterfaceReport {
    /// Whether the key gives both directions of a flow the same hash: a repetition of two bytes.
    /// (S. Woo, K. Park: Scalable TCP Session Monitoring with Symmetric Receive-side Scaling, 2012.)
    pub fn symmetric_hash(&self) -> Option<bool> {
        let key = self.hash_key.as_deref()?;
        key.first_chunk::<2>().map(|first| key.chunks(2).all(|pair| first.starts_with(pair)))
    }
}

/// Reads the settings of the interface `name`. Takes no privilege but that of opening a socket.
///
/// # Errors
/// Where there is no such interface.
pub fn interface_report(name: &str) -> Result<InterfaceReport, SourceError> {
    if interface::find(name).is_none() {
        let known = interface::names().join(", ");
        return Err(SourceError::NoInterface { interface: name.into(), known });
    }
    let socket = Socket::plain().map_err(|cause| super::refusal(name, Doing::Socket, cause))?;
    let number = |file: &str| sysfs(name, file)?.parse::<u64>().ok();
    let small = |file: &str| number(file).and_then(|n| u32::try_from(n).ok());
    let ask = |command| answer(&socket, name, command);
    let mut report = InterfaceReport {
        name: name.into(),
        speed: small("speed").filter(|s| *s != 0),
        link: interface::running(&socket, name),
        mtu: small("mtu"),
        numa_node: small("device/numa_node"),
        missed: number("statistics/rx_missed_errors"),
        generic_receive: switch(&socket, name, command::GENERIC_RECEIVE, 1),
        large_receive: switch(&socket, name, command::FLAGS, 1 << 15),
        segmentation: switch(&socket, name, command::SEGMENTATION, 1),
        generic_segmentation: switch(&socket, name, command::GENERIC_SEGMENTATION, 1),
        vlan_strip: switch(&socket, name, command::FLAGS, 1 << 8),
        ..InterfaceReport::default()
    };
    if let Some(a) = ask(command::DRIVER) {
        report.driver = text(&a[1..9]);
        report.bus = text(&a[25..33]);
    }
    if let Some(a) = ask(command::RING) {
        (report.most_ring, report.ring) = (Some(a[1]), Some(a[5]));
    }
    match ask(command::CHANNELS) {
        Some(a) => (report.most_queues, report.queues) = (Some(a[1] + a[4]), Some(a[5] + a[8])),
        None => report.queues = queues(name),
    }
    // A filter for all frames, and the raw stamps of received ones.
    report.hardware_time = ask(command::STAMPS).map(|a| a[7] & 1 << 1 != 0 && a[1] & 1 << 6 != 0);
    if let Some((key, table)) = receive_hash(&socket, name) {
        (report.hash_key, report.hash_table) = (Some(key), Some(table));
    }
    Ok(report)
}

fn answer(socket: &Socket, name: &str, command: u32) -> Option<[u32; ANSWER]> {
    let mut words = [0; ANSWER];
    words[0] = command;
    ethtool(socket, name, &mut words).ok()?;
    Some(words)
}

fn switch(socket: &Socket, name: &str, command: u32, bit: u32) -> OffloadState {
    match answer(socket, name, command) {
        None => OffloadState::Unknown,
        Some(a) if a[1] & bit != 0 => OffloadState::On,
        Some(_) => OffloadState::Off,
    }
}

/// A zero-terminated string.
fn text(words: &[u32]) -> Option<String> {
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_ne_bytes()).take_while(|b| *b != 0).collect();
    String::from_utf8(bytes).ok().filter(|t| !t.is_empty())
}

/// Receive queues as the kernel lists them.
fn queues(name: &str) -> Option<u32> {
    let listed = std::fs::read_dir(format!("/sys/class/net/{name}/queues")).ok()?;
    let receive = listed.flatten().filter(|q| q.file_name().to_string_lossy().starts_with("rx-"));
    u32::try_from(receive.count()).ok()
}

/// Key and table length of the receive hash: asked for their sizes first, then for themselves.
fn receive_hash(socket: &Socket, name: &str) -> Option<(Vec<u8>, u32)> {
    /// Words before the table and the key.
    const FIXED: usize = 6;
    let sizes = answer(socket, name, command::RECEIVE_HASH)?;
    let (table, key) = (sizes[2] as usize, sizes[3] as usize);
    if key == 0 || key > 256 || table > ANSWER - FIXED - 64 {
        return None;
    }
    let mut words = [0; ANSWER];
    words[..4].copy_from_slice(&[command::RECEIVE_HASH, 0, sizes[2], sizes[3]]);
    ethtool(socket, name, &mut words).ok()?;
    let bytes = words.get(FIXED + table..)?.iter().flat_map(|w| w.to_ne_bytes()).take(key).collect();
    Some((bytes, sizes[2]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_of_two_bytes_repeated_is_symmetric() {
        let with = |key: &[u8]| InterfaceReport { hash_key: Some(key.into()), ..InterfaceReport::default() };
        assert_eq!(with(&[0x6d, 0x5a].repeat(20)).symmetric_hash(), Some(true));
        assert_eq!(with(&[0x6d, 0x5a, 0x6d, 0x5b]).symmetric_hash(), Some(false));
        assert_eq!(InterfaceReport::default().symmetric_hash(), None);
    }

    #[test]
    fn the_loopback_is_told_of_and_a_missing_interface_is_named() {
        let lo = interface_report("lo").unwrap();
        assert!(lo.mtu.is_some() && lo.queues.is_some(), "{lo:?}");
        let e = interface_report("no-such-if").unwrap_err().to_string();
        assert!(e.contains("no such interface") && e.contains("lo"), "{e}");
    }
}
