use crate::recorder::cut_anywhere;
use weir_wire::Side::{Client, Server};

#[test]
fn commands_logins_and_replies() {
    let seen = cut_anywhere(&[
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
    ]);
    assert_eq!(
        seen,
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
