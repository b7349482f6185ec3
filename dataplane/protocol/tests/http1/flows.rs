//! What flows speak.

use crate::recorder::{Event, c, run, run_from, s};
use weir_wire::{Account, EndReason, Side};

const GET: &str = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn encrypted_flows_are_shunted() {
    let o = run(&[c([22]), c([3, 1, 0, 200, 1]), s([22, 3, 3, 0, 50, 2])]);
    assert!(o.shunted);
    assert_eq!(o.bytes(Account::MessageEncrypted), 12);
    let o = run(&[s("SSH-2.0-OpenSSH_9\r\n"), c("SSH-2.0-x\r\n")]);
    assert_eq!(o.bytes(Account::MessageEncrypted), 30);
    let o = run_from(false, &[c([0x9a; 40]), c([23, 3, 3, 0, 60, 9, 9])]);
    assert_eq!(o.bytes(Account::MessageEncrypted), 47);
    // STARTTLS: what came before was clear.
    let o = run(&[s("220 mail\r\n"), c("STARTTLS\r\n"), s("220 go\r\n"), c([22, 3, 1, 0, 200, 1])]);
    assert_eq!((o.bytes(Account::MessageEncrypted), o.bytes(Account::MessageNotInterface)), (6, 28));
}

#[test]
fn other_protocols_are_no_interface() {
    let o = run(&[s("220 mail ready\r\n"), c("QUIT\r\n")]);
    assert_eq!(o.bytes(Account::MessageNotInterface), 22);
    assert!(!o.shunted);
    let o = run(&[s("220 mail ready\r\n"), c("EHLO x\r\n")]);
    assert_eq!(o.bytes(Account::MessageNotRead), 24);
    assert!(!o.shunted);
    let o = run(&[c([b'*'; 9000]), s([b'+'; 9000]), c("more")]);
    assert!(o.shunted);
    assert_eq!(o.bytes(Account::MessageNotInterface), 18_004);
    let o = run(&[c("GE"), Event::End(Side::Client, EndReason::Fin)]);
    assert_eq!(o.bytes(Account::MessageNotInterface), 2);
}

#[test]
fn http_behind_something_else() {
    let o = run(&[c(format!("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n{GET}")), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+"]);
    assert_eq!(o.bytes(Account::MessageSkipped), 36);
    let o = run(&[c("\r\n\r\n"), c(GET), s(OK)]);
    assert_eq!(o.lines(), ["GET /a+ -> 200 \"ok\"+"]);
}

#[test]
fn one_way_mirrors() {
    let o = run(&[c(GET), c(GET), c(GET)]);
    assert_eq!(o.lines(), ["GET /a+ ->  no-response"; 3]);
    let o = run_from(false, &[s(OK), s(OK)]);
    assert_eq!(o.lines(), ["-> 200 \"ok\"+ lone-response"; 2]);
}
