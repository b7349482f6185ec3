//! A process of its own for a test, and a network namespace where it needs one.

use std::{
    env, fs,
    process::{self, Command},
};

const WITHIN: &str = "WEIR_DPDK_TEST";

/// Whether this is a test's own process.
pub fn is_within() -> bool {
    env::var_os(WITHIN).is_some()
}

/// This program, set to run only the test `name`.
pub fn again(name: &str, namespace: Option<&str>) -> Command {
    let program = env::current_exe().unwrap();
    let mut command = match namespace {
        Some(space) => {
            let mut ip = Command::new("ip");
            ip.args(["netns", "exec", space]).arg(program);
            ip
        }
        None => Command::new(program),
    };
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(WITHIN, "1");
    command
}

fn run(name: &str, namespace: Option<&str>) {
    let ran = again(name, namespace).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{}: {said}", ran.status);
    for line in said.lines().filter(|l| l.contains("skipped")) {
        println!("{line}");
    }
}

/// Whether DPDK was installed with a driver; says so where it was not.
pub fn has_driver(name: &str, driver: &str) -> bool {
    let folders = || fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|e| e.path());
    let nested = folders().chain([std::path::PathBuf::from("/usr/lib"), "/usr/local/lib".into()]);
    let has = nested
        .filter_map(|f| fs::read_dir(f.join("dpdk")).ok())
        .flatten()
        .flatten()
        .any(|pmds| pmds.path().join(format!("librte_{driver}.so")).exists());
    if !has {
        println!("{name}: skipped, as DPDK has no driver {driver} here");
    }
    has
}

/// Runs `body` in a process of its own.
pub fn alone(name: &str, body: impl FnOnce()) {
    if is_within() { body() } else { run(name, None) }
}

/// Runs `ip` with words; whether it succeeded.
pub fn ip(words: &str) -> bool {
    Command::new("ip").args(words.split(' ')).output().is_ok_and(|o| o.status.success())
}

/// Runs `body` in a process and a network namespace of its own, in which what is sent on `out0` arrives at `in0`.
pub fn over_a_pair(name: &str, body: impl FnOnce()) {
    if is_within() {
        fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap_or_default();
        assert!(ip("link add in0 type veth peer name out0"));
        assert!(ip("link set in0 up") && ip("link set out0 up"));
        return body();
    }
    let space = format!("weir-dpdk{}{}", process::id(), name.replace("::", "-"));
    if !ip(&format!("netns add {space}")) {
        println!("{name}: skipped, as making a network namespace takes root and iproute2");
        return;
    }
    let ran = std::panic::catch_unwind(|| run(name, Some(&space)));
    ip(&format!("netns delete {space}"));
    ran.unwrap();
}
