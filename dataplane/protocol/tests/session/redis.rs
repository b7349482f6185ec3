use crate::recorder::{Fed, cut_anywhere, talk};
use weir_wire::Side::{self, Client, Server};

/// Turns that show what is read.
pub fn conversation() -> Vec<(Side, &'static [u8])> {
    vec![
        (Client, b"*2\r\n$4\r\nauth\r\n$3\r\nbad\r\n"),
        (Server, b"-WRONGPASS invalid\r\n"),
        (Client, b"*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$2\r\npw\r\n*1\r\n$4\r\nPING\r\n"),
        (Server, b"+OK\r\n+PONG\r\n"),
        (Client, b"*4\r\n$4\r\nHSET\r\n$6\r\ncust:1\r\n$6\r\nmobile\r\n$11\r\n13800138000\r\n"),
        (Server, b":1\r\n"),
        (Client, b"*2\r\n$7\r\nHGETALL\r\n$6\r\ncust:1\r\n*2\r\n$3\r\nGET\r\n$1\r\nx\r\n"),
        (Server, b"*2\r\n$6\r\nmobile\r\n$11\r\n13800138000\r\n$-1\r\n"),
        (Server, b">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n"),
        (Client, b"*2\r\n$4\r\nKEYS\r\n$1\r\n*\r\n"),
        (Server, b"*2\r\n$1\r\na\r\n$1\r\nb\r\n"),
    ]
}

#[test]
fn commands_logins_and_replies() {
    assert_eq!(
        cut_anywhere(&conversation()),
        [
            "AUTH / login default/bad -> 401",
            "AUTH / login app/pw -> 200",
            "HSET /cust/1 as app <{\"mobile\":\"13800138000\"}> -> 200",
            "HGETALL /cust/1 as app -> 200 <{\"mobile\":\"13800138000\"}>",
            "GET /x as app -> 200",
            "KEYS / as app <*> -> 200 <[\"a\",\"b\"]>",
        ]
    );
}

fn set(n: usize) -> Vec<u8> {
    format!("*3\r\n$3\r\nSET\r\n$5\r\n{n:05}\r\n$3\r\nval\r\n").into_bytes()
}

#[test]
fn long_pipelines_are_whole() {
    let commands: Vec<u8> = (0..5000).flat_map(set).collect();
    let replies = b"+OK\r\n".repeat(5000);
    let seen = talk(&[(Client, &commands), (Server, &replies)], 1400).seen.done;
    assert_eq!((seen.len(), &*seen[4999]), (5000, "SET /04999 <val> -> 200"));
}

#[test]
fn longer_ones_are_given_up_in_part_and_the_rest_is_paired_rightly() {
    // 2 MiB, of which each takes 12 bytes and 128 for itself.
    const FIT: usize = (2 << 20) / 140;
    let commands: Vec<u8> = (0..20_000).flat_map(set).collect();
    let replies = [&b"+OK\r\n".repeat(FIT)[..], &b"-ERR x\r\n".repeat(20_000 - FIT)].concat();
    let seen = talk(&[(Client, &commands), (Server, &replies)], usize::MAX).seen.done;
    assert_eq!((seen.len(), &*seen[FIT - 1]), (20_000, "SET /14978 <val> -> "));
    assert_eq!(seen[FIT], "SET /14979 <val> -> 400 <ERR x>");
}

#[test]
fn goes_on_behind_a_gap() {
    let mut fed = Fed::new();
    fed.data(Client, &[set(1), set(2)].concat());
    fed.gap(Server);
    fed.data(Server, b"+OK\r\n");
    fed.data(Client, &set(3));
    fed.data(Server, b"-ERR x\r\n");
    fed.gap(Client);
    fed.data(Client, b"tail\r\n");
    fed.data(Client, &set(4));
    fed.data(Server, b"+OK\r\n");
    assert_eq!(
        fed.finish().seen.done,
        [
            "SET /00001 <val> -> ",
            "SET /00002 <val> -> ",
            "SET /00003 <val> -> 400 <ERR x>",
            "SET /00004 <val> -> 200"
        ]
    );
}
