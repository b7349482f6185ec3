//! The metrics endpoint: as much of HTTP/1.1 as a scraper needs, and no more time for others than they may cost.
//!
//! `GET /metrics` and `GET /healthz` (503 while a lane is stuck or dead). At most [`CLIENTS`] at a time, each for at most [`PATIENCE`] and
//! [`LONGEST`] bytes; whoever comes beyond is hung up on.

use super::metrics;
use super::state::{Health, Shared};
use crate::clock::WallClock;
use crate::failure::Failure;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Clients served at a time.
const CLIENTS: usize = 8;
/// Time a client has for its request, and for taking the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of a request's head.
const LONGEST: usize = 8 << 10;

/// Starts serving. An address nobody asked for that is taken is said and done without.
pub fn serve(address: SocketAddr, asked: bool, shared: Arc<Shared>) -> Result<(), Failure> {
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(e) if !asked => {
            shared.log.warn(
                "metrics.off",
                &[("address", &address), ("why", &e)],
                "指标端点未开启：缺省地址不可用；可用 run.metrics 指定",
                "no metrics are served: the default address cannot be had; name one by run.metrics",
            );
            return Ok(());
        }
        Err(e) => {
            return Err(Failure::new(
                format!("无法在 {address} 提供指标：{e}；请更换 run.metrics 的地址，或设为 off"),
                format!(
                    "cannot serve metrics at {address}: {e}; change the address of run.metrics, or set it to off"
                ),
            ));
        }
    };
    let at = listener.local_addr().unwrap_or(address);
    shared.log.info("metrics.on", &[("address", &at)], "指标端点已开启", "metrics are served");
    let started = thread::Builder::new().name("metrics".into()).spawn(move || accept(&listener, &shared));
    started.map(drop).map_err(|e| Failure::because("无法启动线程", "cannot start a thread", &e))
}

/// One client less when dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let clients = Arc::new(AtomicUsize::new(0));
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Out of descriptors, or a client that left: no reason to spin.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        if clients.fetch_add(1, Ordering::AcqRel) >= CLIENTS {
            clients.fetch_sub(1, Ordering::AcqRel);
            continue;
        }
        let (place, shared) = (Place(clients.clone()), shared.clone());
        // Where no thread can be had, the client is hung up on.
        drop(thread::Builder::new().name("metrics".into()).spawn(move || {
            let _place = place;
            // A client that fails has failed itself alone.
            drop(answer(stream, &shared));
        }));
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let head = request(&mut stream)?;
    let mut line =
        head.split(|b| *b == b'\r' || *b == b'\n').next().unwrap_or_default().split(|b| *b == b' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let path = target.split(|b| *b == b'?').next().unwrap_or_default();
    const PLAIN: &str = "text/plain; charset=utf-8";
    let (status, kind, body) = match (method, path) {
        (b"GET" | b"HEAD", b"/metrics") => {
            ("200 OK", "text/plain; version=0.0.4; charset=utf-8", metrics::render(shared))
        }
        (b"GET" | b"HEAD", b"/healthz") => {
            let bad = shared.lanes.iter().any(|l| matches!(l.health(), Health::Stuck | Health::Dead));
            let status = if bad { "503 Service Unavailable" } else { "200 OK" };
            (status, PLAIN, if bad { "a lane is stuck or dead\n" } else { "ok\n" }.to_string())
        }
        (b"GET" | b"HEAD", _) => ("404 Not Found", PLAIN, "see /metrics and /healthz\n".to_string()),
        _ => ("405 Method Not Allowed", PLAIN, "GET only\n".to_string()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\nAllow: GET, HEAD\r\n\r\n",
        body.len()
    );
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(head.as_bytes())?;
    if method == b"HEAD" { Ok(()) } else { stream.write_all(body.as_bytes()) }
}

/// The head of a request, as far as the bounds let it come.
fn request(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (clock, mut head, mut block) = (WallClock::start(), Vec::new(), [0; 1024]);
    loop {
        let left = PATIENCE.saturating_sub(clock.elapsed());
        if left.is_zero() || head.len() > LONGEST {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        let n = stream.read(&mut block)?;
        head.extend_from_slice(block.get(..n).unwrap_or_default());
        let whole = head.windows(4).any(|w| w == b"\r\n\r\n") || head.windows(2).any(|w| w == b"\n\n");
        if whole || n == 0 {
            return Ok(head);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lang::Lang;
    use crate::log::Log;

    fn asked(at: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn serves_scrapers_and_bounds_the_rest() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::new(Log::new(Lang::En, false), 1));
        let side = shared.clone();
        thread::spawn(move || accept(&listener, &side));
        // Seven that connect and say nothing, or endlessly the same, leave a place for a scraper.
        let idle: Vec<_> = (0..CLIENTS - 1).map(|_| TcpStream::connect(at).unwrap()).collect();
        let text = asked(at, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(
            text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("\nweir_lane_flows{lane=\"0\"} 0\n"),
            "{text}"
        );
        drop(idle);
        assert!(asked(at, "GET /healthz HTTP/1.0\n\n").contains("\r\n\r\nok\n"));
        shared.lanes[0].set_health(Health::Dead);
        assert!(asked(at, "GET /healthz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 503"));
        assert!(asked(at, "GET /secret HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(asked(at, "POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        let mut endless = TcpStream::connect(at).unwrap();
        let junk = vec![b'x'; LONGEST * 4];
        let _ = endless.write_all(&junk);
        let mut rest = Vec::new();
        let _ = endless.read_to_end(&mut rest);
        assert!(rest.is_empty(), "hung up on");
    }
}
