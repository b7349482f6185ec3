//! An interface by its name: what it is, whether it is up, and the settings of its driver.
#![allow(unsafe_code)]

use super::{block::Begin, socket::Socket};
use std::{
    ffi::{CString, c_char},
    fs, io, mem,
    path::PathBuf,
};
use weir_wire::LinkType;

/// An interface as it is now: one that was removed and made again has another index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Interface {
    pub(crate) index: i32,
}

/// Index of the interface that bears `name` in this network namespace.
pub(crate) fn find(name: &str) -> Option<Interface> {
    let name = CString::new(name).ok()?;
    // SAFETY: a live, terminated string is passed and not kept.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    i32::try_from(index).ok().filter(|i| *i > 0).map(|index| Interface { index })
}

/// Names of the interfaces there are, for messages.
pub(crate) fn names() -> Vec<String> {
    let table = fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
    let mut names: Vec<_> =
        table.lines().filter_map(|l| l.split_once(':')).map(|(name, _)| name.trim().to_owned()).collect();
    names.sort_unstable();
    names
}

/// The value of one file that the kernel keeps of an interface.
pub(crate) fn sysfs(name: &str, file: &str) -> Option<String> {
    let path: PathBuf = ["/sys/class/net", name, file].iter().collect();
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

/// One request about an interface (netdevice(7)).
fn request(name: &str) -> Option<libc::ifreq> {
    // SAFETY: a structure of integers and bytes, for which zero is valid.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    // The last byte stays zero.
    let room = request.ifr_name.len() - 1;
    if name.len() > room {
        return None;
    }
    request.ifr_name.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from as c_char);
    Some(request)
}

fn ask(socket: &Socket, code: libc::c_ulong, request: &mut libc::ifreq) -> io::Result<()> {
    // SAFETY: `request` is live, and the codes passed here read and write an `ifreq` and what its data pointer leads
    // to, which each caller keeps live and large enough.
    let done = unsafe { libc::ioctl(socket.raw(), code as _, request) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether `name` is up and has its carrier.
pub(crate) fn running(socket: &Socket, name: &str) -> bool {
    let Some(mut request) = request(name) else { return false };
    let wanted = libc::IFF_UP | libc::IFF_RUNNING;
    // SAFETY: the kernel filled the flags, of which any content is valid.
    ask(socket, libc::SIOCGIFFLAGS, &mut request).is_ok()
        && i32::from(unsafe { request.ifr_ifru.ifru_flags }) & wanted == wanted
}

/// Whether `name` is set up, with or without a carrier: sockets of an interface that is not cannot share it.
pub(crate) fn is_up(socket: &Socket, name: &str) -> bool {
    let Some(mut request) = request(name) else { return false };
    // SAFETY: the kernel filled the flags, of which any content is valid.
    ask(socket, libc::SIOCGIFFLAGS, &mut request).is_ok()
        && i32::from(unsafe { request.ifr_ifru.ifru_flags }) & libc::IFF_UP != 0
}

/// What frames of `name` begin with, and whether it is the loopback.
pub(crate) fn kind(socket: &Socket, name: &str) -> io::Result<(Begin, bool)> {
    let mut request = request(name).ok_or(io::ErrorKind::InvalidInput)?;
    ask(socket, libc::SIOCGIFHWADDR, &mut request)?;
    // SAFETY: the kernel filled the address, of which any content is valid.
    let hardware = unsafe { request.ifr_ifru.ifru_hwaddr.sa_family };
    let begin = match hardware {
        libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => Begin::Link(LinkType::ETHERNET),
        libc::ARPHRD_IEEE80211 => Begin::Link(LinkType::IEEE80211),
        libc::ARPHRD_IEEE80211_RADIOTAP => Begin::Link(LinkType::IEEE80211_RADIOTAP),
        // Tunnels, PPP and whatever else carries IP: the kernel takes the link header off.
        _ => Begin::Network,
    };
    Ok((begin, hardware == libc::ARPHRD_LOOPBACK))
}

/// Lets the card stamp every frame it receives.
pub(crate) fn stamp(socket: &Socket, name: &str) -> io::Result<()> {
    /// HWTSTAMP_FILTER_ALL.
    const EVERY: i32 = 1;
    let mut request = request(name).ok_or(io::ErrorKind::InvalidInput)?;
    let mut config = libc::hwtstamp_config { flags: 0, tx_type: 0, rx_filter: EVERY };
    let at: *mut libc::hwtstamp_config = &mut config;
    request.ifr_ifru.ifru_data = at.cast();
    ask(socket, libc::SIOCSHWTSTAMP, &mut request)
}

/// Room for the longest answer asked for, in 32-bit words: a receive hash of 512 entries and a key of 64 bytes.
pub(crate) const ANSWER: usize = 1024;

/// Asks the driver (ethtool). `words` holds the command and its arguments and takes the answer; commands whose answer
/// has a length state it in their arguments, and callers state no more than [`ANSWER`].
pub(crate) fn ethtool(socket: &Socket, name: &str, words: &mut [u32; ANSWER]) -> io::Result<()> {
    let mut request = request(name).ok_or(io::ErrorKind::InvalidInput)?;
    request.ifr_ifru.ifru_data = words.as_mut_ptr().cast();
    ask(socket, libc::SIOCETHTOOL as _, &mut request)
}
