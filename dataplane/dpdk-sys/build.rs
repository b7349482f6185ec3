//! Finds DPDK, compiles the shim with DPDK's own flags and generates the declarations from the headers of this machine.

use std::{env, path::PathBuf, process};

/// Functions the layer above calls; all else in DPDK's headers stays undeclared.
const FUNCTIONS: &str = "rte_eal_(init|cleanup|has_hugepages)|rte_(strerror|version|version_year|version_month|get_tsc_hz)\
    |rte_(dev_probe|thread_register|thread_unregister|log_set_global_level)\
    |rte_eth_find_next|rte_eth_dev_(configure|start|stop|close|reset|info_get|socket_id|set_mtu)\
    |rte_eth_dev_(adjust_nb_rx_tx_desc|get_port_by_name|get_name_by_port|get_mtu)\
    |rte_eth_dev_(rss_hash_conf_get|rss_reta_query|rss_reta_update|callback_register|callback_unregister)\
    |rte_eth_(rx|tx)_queue_setup|rte_eth_promiscuous_(enable|get)|rte_eth_(stats_get|xstats_get|xstats_get_names|read_clock)\
    |rte_pktmbuf_pool_create|rte_mempool_(free|avail_count)|rte_mbuf_dyn_rx_timestamp_register|weir_.*";
/// Constants of the headers; those that are macros with arguments are repeated by the shim.
const VALUES: &str = "RTE_(MAX_ETHPORTS|ETH_NAME_MAX_LEN|PKTMBUF_HEADROOM|MAX_LCORE|VER_YEAR|VER_MONTH)|RTE_ETH_MQ_RX_.*|RTE_ETH_EVENT_.*|WEIR_.*";

fn main() {
    println!("cargo:rerun-if-changed=shim.c");
    println!("cargo:rerun-if-changed=shim.h");
    let dpdk = match pkg_config::Config::new().atleast_version("22.11").probe("libdpdk") {
        Ok(found) => found,
        Err(why) => {
            eprintln!(
                "weir: DPDK 22.11 or later is needed for the feature `dpdk` (Debian: apt-get install libdpdk-dev libclang-dev); {why}\n\
                 weir: 特性 dpdk 需要 DPDK 22.11 或更高版本（Debian：apt-get install libdpdk-dev libclang-dev）"
            );
            process::exit(1);
        }
    };
    let transmit = env::var_os("CARGO_FEATURE_TRANSMIT").is_some();

    // DPDK's headers choose inline code by instruction set; its own package says which one it was built for.
    let flags = compiler_flags();
    let mut shim = cc::Build::new();
    shim.file("shim.c").includes(&dpdk.include_paths).opt_level(3).warnings(true);
    for flag in &flags {
        shim.flag(flag);
    }
    if transmit {
        shim.define("WEIR_TRANSMIT", None);
    }
    shim.compile("weir_dpdk_shim");

    let mut headers = bindgen::Builder::default()
        .header("shim.h")
        .clang_args(dpdk.include_paths.iter().map(|p| format!("-I{}", p.display())))
        .clang_args(&flags)
        .allowlist_function(FUNCTIONS)
        .allowlist_var(VALUES)
        // Their layouts hold unions and bit fields; only the shim looks inside.
        .opaque_type("rte_mbuf|rte_mempool|rte_eth_link|rte_device|rte_eth_rxseg|rte_eth_rxseg_capa|rte_eth_switch_info")
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .derive_default(true)
        .layout_tests(false)
        .generate_comments(false)
        .rust_edition(bindgen::RustEdition::Edition2024);
    if transmit {
        headers = headers.clang_arg("-DWEIR_TRANSMIT");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("dpdk.rs");
    let written = headers
        .generate()
        .map_err(|e| e.to_string())
        .and_then(|b| b.write_to_file(&out).map_err(|e| e.to_string()));
    if let Err(why) = written {
        eprintln!("weir: DPDK's headers could not be read (libclang-dev is needed): {why}");
        process::exit(1);
    }
}

/// Flags of DPDK's package that are neither an include path nor a library: the instruction set and the forced header.
fn compiler_flags() -> Vec<String> {
    let out = process::Command::new(env::var_os("PKG_CONFIG").unwrap_or_else(|| "pkg-config".into()))
        .args(["--cflags-only-other", "libdpdk"])
        .output();
    let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}
