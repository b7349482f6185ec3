//! Ports: what they are, how they are set up, what they count. DPDK checks port numbers itself and answers with an error.

use super::{eal, pool::Pool};
use crate::rss::{KEY, Redirection};
use dpdk_sys as sys;
use std::{
    ffi::{CStr, CString, c_char, c_int},
    ptr,
};

/// Entries of a redirection table in one of DPDK's groups.
const GROUP: usize = 64;
/// Largest redirection table of any card, with room to spare.
const MOST_ENTRIES: u16 = 4096;
/// Bytes DPDK takes a frame to be longer than its payload where a driver does not say: header and check sequence.
const FRAMING: u32 = 18;
/// Extended counters read at most.
const MOST_COUNTERS: usize = 4096;

/// What a driver says of its port.
#[derive(Clone)]
pub(crate) struct Info {
    pub driver: String,
    pub mtu: (u16, u16),
    pub queues: u16,
    pub transmit_queues: u16,
    pub offloads: u64,
    pub reta: u16,
    pub key: u8,
    pub kinds: u64,
    pub lsc: bool,
    pub removal: bool,
    raw: sys::rte_eth_dev_info,
}

// SAFETY: the pointers inside lead to constants of drivers, which live as long as EAL, and are not followed here.
unsafe impl Send for Info {}

/// How a port is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub queues: u16,
    pub transmit_queues: u16,
    pub mtu: u16,
    pub offloads: u64,
    /// Spread by hash.
    pub spread: bool,
    /// Let the card itself make the hash symmetric.
    pub card_symmetry: bool,
}

/// State of a link.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Link {
    /// Whether it is up.
    pub up: bool,
    /// Mbit/s; 0 where the driver does not know.
    pub mbps: u32,
}

/// Losses a port counted since it was started.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Losses {
    pub missed: u64,
    pub errors: u64,
    pub no_buffer: u64,
}

fn check(rc: c_int) -> Result<(), i32> {
    if rc < 0 { Err(-rc) } else { Ok(()) }
}

/// All ports there are.
pub(crate) fn ports() -> Vec<u16> {
    let mut ports = Vec::new();
    let mut at = 0;
    loop {
        // SAFETY: asks DPDK's own table; behind the last it returns RTE_MAX_ETHPORTS.
        at = unsafe { sys::rte_eth_find_next(at) };
        if u32::from(at) >= sys::RTE_MAX_ETHPORTS {
            return ports;
        }
        ports.push(at);
        at += 1;
    }
}

/// A port's name: a PCI address or the virtual device's.
pub(crate) fn name(port: u16) -> String {
    let mut text: [c_char; sys::RTE_ETH_NAME_MAX_LEN as usize] = [0; sys::RTE_ETH_NAME_MAX_LEN as usize];
    // SAFETY: DPDK writes at most RTE_ETH_NAME_MAX_LEN characters, terminated.
    match unsafe { sys::rte_eth_dev_get_name_by_port(port, text.as_mut_ptr()) } {
        // SAFETY: terminated, as it was filled.
        0 => unsafe { CStr::from_ptr(text.as_ptr()) }.to_string_lossy().into_owned(),
        _ => format!("port {port}"),
    }
}

/// The port of a name.
pub(crate) fn by_name(name: &str) -> Option<u16> {
    let text = CString::new(name).ok()?;
    let mut port = 0;
    // SAFETY: a terminated string and a place for the answer.
    (unsafe { sys::rte_eth_dev_get_port_by_name(text.as_ptr(), &mut port) } == 0).then_some(port)
}

/// The NUMA node a port is on.
pub(crate) fn node(port: u16) -> Option<u32> {
    // SAFETY: checked by the callee.
    u32::try_from(unsafe { sys::rte_eth_dev_socket_id(port) }).ok()
}

pub(crate) fn info(port: u16) -> Result<Info, i32> {
    let mut raw = sys::rte_eth_dev_info::default();
    // SAFETY: filled by the callee; its layout was compared at the start.
    check(unsafe { sys::rte_eth_dev_info_get(port, &mut raw) })?;
    let driver = if raw.driver_name.is_null() {
        String::new()
    } else {
        // SAFETY: a driver's constant name.
        unsafe { CStr::from_ptr(raw.driver_name) }.to_string_lossy().into_owned()
    };
    // SAFETY: NULL or a field of the port, which is not closed here.
    let flags = unsafe { raw.dev_flags.as_ref() }.copied().unwrap_or(0);
    Ok(Info {
        driver,
        mtu: (raw.min_mtu, most_mtu(&raw)),
        queues: raw.max_rx_queues,
        transmit_queues: raw.max_tx_queues,
        offloads: raw.rx_offload_capa,
        reta: raw.reta_size.min(MOST_ENTRIES),
        key: raw.hash_key_size,
        kinds: raw.flow_type_rss_offloads & sys::WEIR_RSS_KINDS,
        lsc: flags & sys::WEIR_DEV_LSC != 0,
        removal: flags & sys::WEIR_DEV_RMV != 0,
        raw,
    })
}

/// The largest payload DPDK lets a port be configured for: some drivers name only the largest frame.
fn most_mtu(raw: &sys::rte_eth_dev_info) -> u16 {
    match raw.max_mtu {
        u16::MAX => u16::try_from(raw.max_rx_pktlen.saturating_sub(FRAMING)).unwrap_or(u16::MAX),
        mtu => mtu,
    }
}

/// The hash's settings: the symmetric key where the card takes one of ours.
fn hash(info: &Info, card_symmetry: bool) -> sys::rte_eth_rss_conf {
    let mut conf = sys::rte_eth_rss_conf { rss_hf: info.kinds, ..Default::default() };
    if usize::from(info.key) <= KEY.len() && info.key > 0 {
        // Drivers read it when the port starts, long after the call: the key is static, and none writes it.
        conf.rss_key = KEY.as_ptr().cast_mut();
        conf.rss_key_len = info.key;
    }
    if card_symmetry {
        // SAFETY: both live during the call.
        unsafe { sys::weir_symmetric(&mut conf, &info.raw) };
    }
    conf
}

/// Whether the card can make the hash symmetric by itself.
pub(crate) fn has_card_symmetry(info: &Info) -> bool {
    let mut conf = sys::rte_eth_rss_conf::default();
    // SAFETY: both live during the call.
    unsafe { sys::weir_symmetric(&mut conf, &info.raw) == 0 }
}

pub(crate) fn configure(port: u16, info: &Info, setup: &Setup) -> Result<(), i32> {
    let mut conf = sys::rte_eth_conf::default();
    conf.rxmode.mtu = setup.mtu.into();
    conf.rxmode.offloads = setup.offloads;
    conf.intr_conf.set_lsc(info.lsc.into());
    conf.intr_conf.set_rmv(info.removal.into());
    if setup.spread {
        conf.rxmode.mq_mode = sys::RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf = hash(info, setup.card_symmetry);
    }
    // SAFETY: copied by the callee; the key it points to is static.
    check(unsafe { sys::rte_eth_dev_configure(port, setup.queues, setup.transmit_queues, &conf) })
}

/// Descriptors a queue gets: what the driver takes that is nearest.
pub(crate) fn descriptors(port: u16, asked: u16) -> Result<(u16, u16), i32> {
    let (mut receive, mut transmit) = (asked, asked.min(512));
    // SAFETY: both are read and written during the call.
    check(unsafe { sys::rte_eth_dev_adjust_nb_rx_tx_desc(port, &mut receive, &mut transmit) })?;
    Ok((receive, transmit))
}

pub(crate) fn receive_queue(
    port: u16,
    queue: u16,
    descriptors: u16,
    node: i32,
    info: &Info,
    setup: &Setup,
    pool: &Pool,
) -> Result<(), i32> {
    let mut conf = info.raw.default_rxconf;
    conf.offloads = setup.offloads;
    // SAFETY: the configuration is copied; the pool lives as long as EAL, longer than the port.
    check(unsafe { sys::rte_eth_rx_queue_setup(port, queue, descriptors, node as u32, &conf, pool.raw()) })
}

pub(crate) fn transmit_queue(port: u16, queue: u16, descriptors: u16, node: i32) -> Result<(), i32> {
    // SAFETY: NULL asks for the driver's defaults.
    check(unsafe { sys::rte_eth_tx_queue_setup(port, queue, descriptors, node as u32, ptr::null()) })
}

pub(crate) fn promiscuous(port: u16) -> Result<(), i32> {
    // SAFETY: checked by the callee.
    check(unsafe { sys::rte_eth_promiscuous_enable(port) })
}

pub(crate) fn is_promiscuous(port: u16) -> bool {
    // SAFETY: checked by the callee.
    unsafe { sys::rte_eth_promiscuous_get(port) == 1 }
}

pub(crate) fn start(port: u16) -> Result<(), i32> {
    // SAFETY: under the runtime's lock, with the gate shut.
    check(unsafe { sys::rte_eth_dev_start(port) })
}

/// Nobody may be receiving: the gate is shut.
pub(crate) fn stop(port: u16) -> Result<(), i32> {
    // SAFETY: under the runtime's lock, with the gate shut.
    check(unsafe { sys::rte_eth_dev_stop(port) })
}

pub(crate) fn reset(port: u16) -> Result<(), i32> {
    // SAFETY: as for `stop`.
    check(unsafe { sys::rte_eth_dev_reset(port) })
}

pub(crate) fn close(port: u16) -> Result<(), i32> {
    // SAFETY: as for `stop`; the port is not used again.
    check(unsafe { sys::rte_eth_dev_close(port) })
}

pub(crate) fn link(port: u16) -> Option<Link> {
    let (mut mbps, mut up) = (0, 0);
    // SAFETY: both are written during the call.
    let rc = unsafe { sys::weir_link(port, &mut mbps, &mut up) };
    (rc == 0).then_some(Link { up: up == 1, mbps })
}

pub(crate) fn losses(port: u16) -> Option<Losses> {
    let mut stats = sys::rte_eth_stats::default();
    // SAFETY: filled by the callee; its layout was compared at the start.
    let rc = unsafe { sys::rte_eth_stats_get(port, &mut stats) };
    (rc == 0).then_some(Losses { missed: stats.imissed, errors: stats.ierrors, no_buffer: stats.rx_nombuf })
}

/// The driver's own counters that are not zero.
pub(crate) fn counters(port: u16) -> Vec<(String, u64)> {
    // SAFETY: without room, DPDK tells how many there are.
    let n = unsafe { sys::rte_eth_xstats_get(port, ptr::null_mut(), 0) };
    let n = usize::try_from(n).unwrap_or(0).min(MOST_COUNTERS);
    let mut values = vec![sys::rte_eth_xstat::default(); n];
    let mut names = vec![sys::rte_eth_xstat_name::default(); n];
    // SAFETY: both have `n` places; DPDK writes nothing where that is too few.
    let (v, m) = unsafe {
        (
            sys::rte_eth_xstats_get(port, values.as_mut_ptr(), n as u32),
            sys::rte_eth_xstats_get_names(port, names.as_mut_ptr(), n as u32),
        )
    };
    if v < 0 || m < 0 || v as usize > n || m as usize > n {
        return Vec::new();
    }
    let counted = values.iter().take(v as usize).filter(|x| x.value > 0);
    let named = counted.filter_map(|x| {
        let name = names.get(usize::try_from(x.id).ok()?)?;
        // SAFETY: DPDK terminates names within their 64 places.
        let name = unsafe { CStr::from_ptr(name.name.as_ptr()) };
        Some((name.to_string_lossy().into_owned(), x.value))
    });
    named.collect()
}

/// The hash key in use, read back from the card.
pub(crate) fn key(port: u16, info: &Info) -> Option<Vec<u8>> {
    let mut key = vec![0u8; usize::from(info.key).max(KEY.len())];
    let mut conf =
        sys::rte_eth_rss_conf { rss_key: key.as_mut_ptr(), rss_key_len: info.key, ..Default::default() };
    // SAFETY: the key has room for what the driver said its length is, and for 64 bytes at least.
    check(unsafe { sys::rte_eth_dev_rss_hash_conf_get(port, &mut conf) }).ok()?;
    key.truncate(info.key.into());
    (info.key > 0).then_some(key)
}

/// The redirection table in use, read back from the card.
pub(crate) fn redirection(port: u16, info: &Info) -> Option<Redirection> {
    let size = usize::from(info.reta);
    let mut groups =
        vec![sys::rte_eth_rss_reta_entry64 { mask: u64::MAX, ..Default::default() }; size.div_ceil(GROUP)];
    mask_tail(&mut groups, size);
    if size == 0 {
        return None;
    }
    // SAFETY: there are groups for all `reta` entries.
    check(unsafe { sys::rte_eth_dev_rss_reta_query(port, groups.as_mut_ptr(), info.reta) }).ok()?;
    let entries = (0..size).map(|i| groups[i / GROUP].reta[i % GROUP]).collect();
    Some(Redirection { entries })
}

pub(crate) fn redirect(port: u16, table: &Redirection) -> Result<(), i32> {
    let size = table.entries.len();
    let mut groups =
        vec![sys::rte_eth_rss_reta_entry64 { mask: u64::MAX, ..Default::default() }; size.div_ceil(GROUP)];
    mask_tail(&mut groups, size);
    for (i, queue) in table.entries.iter().enumerate() {
        groups[i / GROUP].reta[i % GROUP] = *queue;
    }
    // SAFETY: there are groups for all entries.
    check(unsafe { sys::rte_eth_dev_rss_reta_update(port, groups.as_mut_ptr(), size as u16) })
}

fn mask_tail(groups: &mut [sys::rte_eth_rss_reta_entry64], size: usize) {
    if let (Some(last), tail @ 1..) = (groups.last_mut(), size % GROUP) {
        last.mask = (1 << tail) - 1;
    }
}

/// The card's own clock.
pub(crate) fn clock(port: u16) -> Option<u64> {
    let mut ticks = 0;
    // SAFETY: written during the call.
    (unsafe { sys::rte_eth_read_clock(port, &mut ticks) } == 0).then_some(ticks)
}

/// Frames that wait in a queue; none where the driver cannot tell. The gate must be entered: DPDK does not check here.
pub(crate) fn waiting(port: u16, queue: u16) -> Option<u32> {
    // SAFETY: the port is started while the gate is entered, and the queue is one of its own.
    u32::try_from(unsafe { sys::weir_waiting(port, queue) }).ok()
}

/// Ticks of the processor's clock, and how many there are a second.
pub(crate) fn ticks() -> u64 {
    // SAFETY: reads a register.
    unsafe { sys::weir_tsc() }
}

pub(crate) fn ticks_per_second() -> u64 {
    // SAFETY: a figure EAL measured at its start.
    unsafe { sys::rte_get_tsc_hz() }
}

pub(crate) use sys::{
    WEIR_RX_CHECKSUM as CHECKSUM, WEIR_RX_SCATTER as SCATTER, WEIR_RX_TIMESTAMP as TIMESTAMP,
    WEIR_RX_VLAN_STRIP as VLAN_STRIP,
};

/// The words of an error number.
pub(crate) fn words(errno: i32) -> String {
    eal::describe(errno)
}
