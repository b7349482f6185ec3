//! A network namespace with two joined interfaces: what is sent on `out0` arrives at `in0`.

use std::{
    env, fs,
    process::{self, Command},
    thread,
    time::Duration,
};
use weir_capture::interface_report;

const WITHIN: &str = "WEIR_TEST_NAMESPACE";

/// Runs `ip` with words; whether it succeeded.
pub fn ip(words: &str) -> bool {
    let done = Command::new("ip").args(words.split(' ')).output();
    done.is_ok_and(|o| o.status.success())
}

/// Makes the pair, both ends up and silent: without IPv6 nothing is sent but what a test sends.
pub fn pair() {
    fs::write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1").unwrap_or_default();
    assert!(ip("link add in0 type veth peer name out0"));
    assert!(ip("link set in0 up") && ip("link set out0 up"));
    joined();
}

/// Waits until both ends have their carrier, which the kernel sees to in its own time; what is sent before is lost.
pub fn joined() {
    for _ in 0..500 {
        if ["in0", "out0"].iter().all(|end| interface_report(end).is_ok_and(|r| r.link)) {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_millis(20));
}

/// Runs `body` in a namespace of its own, by running the test `name` (its path in this program) again inside one.
pub fn within(name: &str, body: impl FnOnce()) {
    if env::var_os(WITHIN).is_some() {
        return body();
    }
    let space = format!("weir{}{}", process::id(), name.replace("::", "-"));
    if !ip(&format!("netns add {space}")) {
        println!("{name}: skipped, as making a network namespace takes root and iproute2");
        return;
    }
    let ran = Command::new("ip")
        .args(["netns", "exec", &space])
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(WITHIN, "1")
        .output();
    ip(&format!("netns delete {space}"));
    let ran = ran.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout) + String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
}
