use crate::recorder::{Fed, cut_anywhere, talk};
use weir_wire::Account;
use weir_wire::Side::{self, Client, Server};

const LOW: u32 = 0x8000 | 8 | 0x200;

fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let n = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&n[..3], &[sequence], payload].concat()
}

fn greeting(capabilities: u32) -> Vec<u8> {
    let c = capabilities.to_le_bytes();
    let text = b"\x0a8.0.36\0\x01\0\0\0saltsalt\0";
    packet(0, &[&text[..], &c[..2], b"\x21\x02\0", &c[2..], &[21], &[0; 10], b"saltsaltsalt\0"].concat())
}

fn answer(capabilities: u32) -> Vec<u8> {
    let c = capabilities.to_le_bytes();
    packet(1, &[&c[..], &[0; 28], b"app\0", &[2, 0xab, 0xcd], b"crm\0mysql_native_password\0"].concat())
}

fn ok(sequence: u8) -> Vec<u8> {
    packet(sequence, &[0, 0, 0, 2, 0, 0, 0])
}

fn column(sequence: u8, name: &str, kind: u8) -> Vec<u8> {
    let text = |t: &str| [&[t.len() as u8][..], t.as_bytes()].concat();
    let texts: Vec<u8> = ["def", "crm", "c", "c", name, name].iter().flat_map(|t| text(t)).collect();
    packet(sequence, &[&texts[..], &[12, 33, 0, 255, 0, 0, 0, kind, 0, 0, 0, 0, 0]].concat())
}

fn end(sequence: u8) -> Vec<u8> {
    packet(sequence, &[0xfe, 0, 0, 2, 0])
}

fn login() -> Vec<(Side, Vec<u8>)> {
    vec![(Server, greeting(LOW)), (Client, answer(LOW)), (Server, ok(2))]
}

fn lent(turns: &[(Side, Vec<u8>)]) -> Vec<(Side, &[u8])> {
    turns.iter().map(|(s, b)| (*s, &b[..])).collect()
}

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, Vec<u8>)> {
    let mut turns = login();
    turns.push((Client, packet(0, b"\x03select id, phone from c where id=7")));
    let rows = [
        packet(1, &[2]),
        column(2, "id", 3),
        column(3, "phone", 0xfd),
        end(4),
        packet(5, b"\x011\x0b13800138000"),
        packet(6, b"\x012\xfb"),
        end(7),
    ];
    turns.push((Server, rows.concat()));
    turns.push((Client, packet(0, b"\x03delete from nosuch")));
    turns.push((Server, packet(1, b"\xff\x7a\x04#42S02no table")));
    turns.push((Client, packet(0, b"\x0e")));
    turns.push((Server, ok(1)));
    turns.push((Client, packet(0, b"\x03commit")));
    turns.push((Server, ok(1)));
    turns
}

#[test]
fn statements_rows_and_errors() {
    assert_eq!(
        cut_anywhere(&lent(&conversation())),
        [
            "LOGIN / login app/abcd -> 200",
            "SELECT /crm/c as app <select id, phone from c where id=7> -> 200 \
             <[{\"id\":\"1\",\"phone\":\"13800138000\"},\n{\"id\":\"2\",\"phone\":null}]>",
            "DELETE /crm/nosuch as app <delete from nosuch> -> 404",
            "COMMIT /crm as app <commit> -> 200",
        ]
    );
}

#[test]
fn prepared_statements() {
    let mut turns = login();
    turns.push((Client, packet(0, b"\x16select phone, n from c where id=?")));
    let prepared = [
        packet(1, &[0, 9, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0]),
        column(2, "?", 0xfd),
        end(3),
        column(4, "phone", 0xfd),
        column(5, "n", 8),
        end(6),
    ];
    turns.push((Server, prepared.concat()));
    turns.push((Client, packet(0, b"\x17\x09\0\0\0\0\x01\0\0\0")));
    let row = [&[0, 0][..], b"\x0b13800138000", &[5, 0, 0, 0, 0, 0, 0, 0]].concat();
    let rows =
        [packet(1, &[2]), column(2, "phone", 0xfd), column(3, "n", 8), end(4), packet(5, &row), end(6)];
    turns.push((Server, rows.concat()));
    let seen = cut_anywhere(&lent(&turns));
    assert!(seen[1].ends_with("-> 200 <[{\"phone\":\"13800138000\",\"n\":\"5\"}]>"), "{}", seen[1]);
}

#[test]
fn refused_logins_and_encryption() {
    let refused = vec![
        (Server, greeting(LOW)),
        (Client, answer(LOW)),
        (Server, packet(2, b"\xff\x15\x04#28000Access denied")),
    ];
    assert_eq!(cut_anywhere(&lent(&refused)), ["LOGIN / login app/abcd -> 401"]);
    let capabilities = LOW | 0x800;
    let ssl = packet(1, &[&capabilities.to_le_bytes()[..], &[0; 28]].concat());
    let turns = vec![(Server, greeting(capabilities)), (Client, ssl), (Client, b"\x16\x03\x01".to_vec())];
    let fed = talk(&lent(&turns), usize::MAX);
    assert!(fed.shunted && fed.seen.done.is_empty());
    assert_eq!(fed.booked(Account::MessageEncrypted), 3);
}

#[test]
fn goes_on_behind_a_gap() {
    let mut fed = Fed::new();
    for (side, bytes) in login() {
        fed.data(side, &bytes);
    }
    fed.data(Client, &packet(0, b"\x03select 1"));
    fed.gap(Server);
    fed.data(Server, &[7; 30]);
    fed.data(Client, &packet(0, b"\x03commit"));
    fed.data(Server, &ok(1));
    assert_eq!(
        fed.finish().seen.done[1..],
        ["SELECT /crm as app <select 1> -> ", "COMMIT /crm as app <commit> -> 200"]
    );
}
