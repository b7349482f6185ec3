//! `net_memif` between two processes.

use crate::{
    place::{again, alone},
    send::Sender,
    traffic::{case, config, start, take, told, wait_for},
};
use std::{env, process::Stdio, time::Duration};
use weir_capture::Source;
use weir_dpdk::Runtime;

const SOCKET: &str = "WEIR_DPDK_TEST_SOCKET";
const SENDER: &str = "memif::the_other_process";

/// What the sender sends.
pub const CASE: &str = "office";

/// Starts the process that sends a case over memif at `socket` and then stays until it is killed.
pub fn sender(socket: &std::path::Path) -> std::process::Child {
    let mut command = again(SENDER, None);
    command.env(SOCKET, socket).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Not a test of its own: the sending process of those below.
#[test]
fn the_other_process() {
    let Some(socket) = env::var_os(SOCKET) else { return };
    let frames = case(CASE);
    let runtime = start(&config(&[&format!(
        "net_memif0,role=client,id=0,socket={},socket-abstract=no",
        socket.display()
    )]));
    assert!(wait_for(|| runtime.port_report()[0].link.is_some_and(|l| l.up)));
    assert_eq!(Sender::over("net_memif0").send(frames.iter().map(|f| f.data.as_slice())), frames.len());
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn frames_of_another_process_arrive_and_its_end_is_told() {
    alone("memif::frames_of_another_process_arrive_and_its_end_is_told", || {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("memif.sock");
        let device = format!("net_memif0,role=server,id=0,socket={},socket-abstract=no", socket.display());
        let runtime = start(&config(&[&device]));
        let other = sender(&socket);
        let frames = case(CASE);
        let mut queue = runtime.queues().pop().unwrap();
        let got = take(&mut queue, frames.len());
        assert!(
            got.iter().map(|k| &k.data).eq(frames.iter().map(|k| &k.data)),
            "{} of {}",
            got.len(),
            frames.len()
        );
        end(other, &runtime, &mut queue);
        // Another one connects.
        let other = sender(&socket);
        let again = take(&mut queue, frames.len());
        assert!(wait_for(|| told(&mut queue).last().is_some_and(|n| n.contains("the link came up"))));
        assert_eq!(again.len(), frames.len());
        end(other, &runtime, &mut queue);
        let report = &runtime.port_report()[0];
        assert_eq!(report.buffers_free, report.buffers);
    });
}

/// Kills the other process and waits until its end was told. (The driver does not bear that its port is closed meanwhile.)
pub fn end(mut other: std::process::Child, runtime: &Runtime, queue: &mut dyn Source) {
    assert!(wait_for(|| runtime.port_report()[0].link.is_some_and(|l| l.up)));
    // The port's keeper looks once a second.
    std::thread::sleep(Duration::from_millis(1200));
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(
        wait_for(|| told(queue).last().is_some_and(|n| n.contains("the link went down"))),
        "{:?}",
        told(queue)
    );
}
