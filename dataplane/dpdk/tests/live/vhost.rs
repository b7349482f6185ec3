//! The other end of a vhost-user socket, in another process.

use crate::{
    place::again,
    send::Sender,
    traffic::{case, config, start, wait_for},
};
use std::{
    env,
    process::{Child, Stdio},
    time::Duration,
};

const DEVICE: &str = "WEIR_DPDK_TEST_VHOST";
const SENDER: &str = "vhost::the_other_process";

/// What it sends.
pub const CASE: &str = "office";

/// Ends with its owner.
pub struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        // One that has ended by itself is none to kill.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the process that sends a case through `device` and then stays.
pub fn sender(device: &str) -> Other {
    let mut command = again(SENDER, None);
    command.env(DEVICE, device).stdout(Stdio::null()).stderr(Stdio::inherit());
    Other(command.spawn().unwrap())
}

/// Not a test of its own: the sending process of those in `findings`.
#[test]
fn the_other_process() {
    let Ok(device) = env::var(DEVICE) else { return };
    let frames = case(CASE);
    let runtime = start(&config(&[&device]));
    let up = || wait_for(|| runtime.port_report()[0].link.is_some_and(|l| l.up));
    assert!((0..4).any(|_| up()), "the other end did not come");
    let port = device.split(',').next().unwrap();
    assert_eq!(Sender::over(port).send(frames.iter().map(|f| f.data.as_slice())), frames.len());
    std::thread::sleep(Duration::from_secs(60));
}
