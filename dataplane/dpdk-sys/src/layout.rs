//! The guard: do Rust, the C compiler and the library that was loaded mean the same structures?

use super::*;
use std::{ffi::CStr, fmt, mem};

/// Something of DPDK is laid out otherwise than this build believes: it was built against other headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The structure, or `structure.field`, or `release`.
    pub what: String,
    /// Size or offset here; the release (year * 100 + month) of the headers.
    pub built: usize,
    /// Size or offset as the C compiler saw it; the release of the library that was loaded.
    pub found: usize,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: built for {}, found {}", self.what, self.built, self.found)
    }
}

/// Sizes and offsets of the generated declarations, in the shim's order.
macro_rules! layout {
    ($($ty:ident { $($field:ident),* })*) => {
        &[$((stringify!($ty), mem::size_of::<$ty>()),
            $((concat!(stringify!($ty), ".", stringify!($field)), mem::offset_of!($ty, $field)),)*)*]
    };
}

const LAYOUT: &[(&str, usize)] = layout! {
    weir_frame { stamp, segments }
    rte_eth_conf { rxmode, rx_adv_conf, intr_conf }
    rte_eth_rxmode { mtu, offloads }
    rte_eth_rss_conf { rss_key_len, rss_hf }
    rte_eth_rss_reta_entry64 { reta }
    rte_eth_rxconf { offloads }
    rte_eth_txconf {}
    rte_eth_dev_info { driver_name, max_mtu, max_rx_queues, rx_offload_capa, reta_size, flow_type_rss_offloads,
        default_rxconf, rx_desc_lim }
    rte_eth_stats { imissed, ierrors, rx_nombuf }
    rte_eth_xstat {}
    rte_eth_xstat_name {}
};

/// Compares every structure that both sides touch, and the release of the library with that of the headers.
///
/// # Errors
/// The first difference. A library newer than the headers is none: releases of one ABI carry one soname.
pub fn check_layout() -> Result<(), Mismatch> {
    let mut seen = 0;
    loop {
        let mut found = 0;
        // SAFETY: the shim's table is static; behind its end it returns NULL and writes nothing.
        let name = unsafe { weir_layout(seen, &mut found) };
        if name.is_null() {
            break;
        }
        // SAFETY: not NULL, so a string literal of the shim.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        compare(&name, LAYOUT.get(seen), found)?;
        seen += 1;
    }
    if seen != LAYOUT.len() {
        return Err(Mismatch { what: "structures".into(), built: LAYOUT.len(), found: seen });
    }
    let built = (RTE_VER_YEAR * 100 + RTE_VER_MONTH) as usize;
    // SAFETY: both return constants of the library.
    let found = unsafe { rte_version_year() * 100 + rte_version_month() } as usize;
    if found < built { Err(Mismatch { what: "release".into(), built, found }) } else { Ok(()) }
}

fn compare(name: &str, ours: Option<&(&str, usize)>, found: usize) -> Result<(), Mismatch> {
    match ours {
        Some((what, built)) if *what == name && *built == found => Ok(()),
        Some((_, built)) => Err(Mismatch { what: name.into(), built: *built, found }),
        None => Err(Mismatch { what: name.into(), built: 0, found }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_compilers_see_the_same_structures() {
        assert_eq!(check_layout(), Ok(()));
    }

    #[test]
    fn a_difference_is_named() {
        let wrong = compare("rte_eth_conf", Some(&("rte_eth_conf", 8)), 16);
        assert_eq!(wrong.map_err(|m| m.to_string()), Err("rte_eth_conf: built for 8, found 16".into()));
        assert!(compare("rte_eth_conf", None, 16).is_err());
    }
}
