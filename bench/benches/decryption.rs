//! Decryption of TLS 1.3 with AES-128-GCM beside what the crypto crate alone takes for the same records: I7.
//!
//! `cargo bench -p weir-bench --bench decryption [-- --json]`. The connection is made here: two hellos, and records under the traffic secret
//! that the key log gives. It is read in segments, as from reassembly; the crate gets every record as it is, in a buffer of its own, since it
//! decrypts in place.

#![allow(clippy::expect_used, reason = "a benchmark that cannot start has nothing to measure")]

use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aead::{AeadInPlace, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;
use weir_bench::measure::{PASSES, gbits, interleaved};
use weir_bench::row::Row;
use weir_exchange::TlsFacts;
use weir_tls::{Connection, Events, KeyStore, State};
use weir_wire::Side;

/// Bytes in clear of a pass.
const BYTES: usize = 32 << 20;
const SEGMENT: usize = 1448;
/// The random of the client's hello, and the server's secret of the data, as the key log has them.
const RANDOM: [u8; 32] = [7; 32];
const SECRET: [u8; 32] = [9; 32];

fn main() {
    for (size, name) in [(16_384, "records of 16 KiB"), (1_350, "records of 1,350 bytes")] {
        let sent = Sent::new(size);
        let (mut alone, mut whole) = (|| sent.by_crate(), || sent.by_connection());
        let times = interleaved(PASSES, &mut [&mut alone, &mut whole]);
        let [alone, whole] = times[..] else { return };
        let bytes = sent.clear as u64;
        Row::new("I7", format!("AES-128-GCM of the crate alone, {name}"), gbits(bytes, alone), "Gbit/s")
            .print();
        Row::new(
            "I7",
            format!("TLS 1.3 connection decrypted / the crate alone, {name}"),
            alone / whole.max(1e-9),
            "",
        )
        .at_least(0.5, 0.8)
        .print();
    }
}

/// What a server sent.
struct Sent {
    hellos: [Vec<u8>; 2],
    /// Records in a row.
    stream: Vec<u8>,
    cipher: Aes128Gcm,
    iv: [u8; 12],
    clear: usize,
    keys: KeyStore,
}

impl Sent {
    fn new(size: usize) -> Self {
        let (mut key, mut iv) = ([0; 16], [0; 12]);
        expand(b"key", &mut key);
        expand(b"iv", &mut iv);
        let cipher = Aes128Gcm::new(GenericArray::from_slice(&key));
        let keys = KeyStore::default();
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let log = format!("SERVER_TRAFFIC_SECRET_0 {} {}\n", hex(&RANDOM), hex(&SECRET));
        assert_eq!(keys.add_log(log.as_bytes()).secrets, 1, "the key log is read");
        let mut sent = Sent { hellos: hellos(), stream: Vec::new(), cipher, iv, clear: 0, keys };
        for n in 0..BYTES / size {
            sent.seal(n as u64, size);
        }
        sent
    }

    /// Adds a record of the data.
    fn seal(&mut self, number: u64, size: usize) {
        let mut text: Vec<u8> = (0..size).map(|i| (i * 31 + 7) as u8).collect();
        text.push(23);
        let head = header(23, text.len() + 16);
        let nonce = nonce(self.iv, number);
        let tag = self.cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), &head, &mut text);
        self.stream.extend(head);
        self.stream.extend(&text);
        self.stream.extend(tag.expect("a record is short enough"));
        self.clear += size;
    }

    /// Opens every record with nothing but the crate.
    fn by_crate(&self) -> u64 {
        let (mut rest, mut number, mut buffer, mut opened) = (&self.stream[..], 0, Vec::new(), 0);
        while let Some((head, behind)) = rest.split_at_checked(5) {
            let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
            let (sealed, after) = behind.split_at(length);
            let (text, tag) = sealed.split_at(length - 16);
            buffer.clear();
            buffer.extend_from_slice(text);
            let nonce = nonce(self.iv, number);
            let (nonce, tag) = (Nonce::from_slice(&nonce), Tag::from_slice(tag));
            self.cipher.decrypt_in_place_detached(nonce, head, &mut buffer, tag).expect("it opens");
            opened += buffer.len() as u64 - 1;
            (rest, number) = (after, number + 1);
        }
        assert_eq!(opened, self.clear as u64);
        opened
    }

    /// Reads the connection as a lane does.
    fn by_connection(&self) -> u64 {
        let (mut connection, mut count) = (Connection::default(), Count(0));
        let [client, server] = &self.hellos;
        connection.read(Side::Client, client, Some(&self.keys), &mut count);
        connection.read(Side::Server, server, Some(&self.keys), &mut count);
        for segment in self.stream.chunks(SEGMENT) {
            connection.read(Side::Server, segment, Some(&self.keys), &mut count);
        }
        assert_eq!((connection.state(), count.0), (State::Reading, self.clear as u64), "all of it is read");
        count.0
    }
}

/// Counts what is in clear.
struct Count(u64);

impl Events for Count {
    fn data(&mut self, _: &TlsFacts, _: Side, bytes: &[u8]) {
        self.0 += bytes.len() as u64;
    }
    fn gap(&mut self, _: Side, _: u64) {}
}

/// The hellos of both sides, as records: TLS 1.3, TLS_AES_128_GCM_SHA256.
fn hellos() -> [Vec<u8>; 2] {
    let versions = [(1, vec![0, 43, 0, 3, 2, 3, 4]), (2, vec![0, 43, 0, 2, 3, 4])];
    versions.map(|(kind, extension)| {
        let mut body = vec![3, 3];
        body.extend(if kind == 1 { RANDOM } else { [8; 32] });
        body.push(0);
        body.extend(if kind == 1 { &[0, 2, 0x13, 0x01, 1, 0][..] } else { &[0x13, 0x01, 0][..] });
        body.extend((extension.len() as u16).to_be_bytes());
        body.extend(extension);
        let mut record = header(22, body.len() + 4).to_vec();
        record.extend([kind, 0, 0, body.len() as u8]);
        record.extend(body);
        record
    })
}

fn header(kind: u8, length: usize) -> [u8; 5] {
    let [high, low] = (length as u16).to_be_bytes();
    [kind, 3, 3, high, low]
}

fn nonce(iv: [u8; 12], number: u64) -> [u8; 12] {
    let mut nonce = iv;
    nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(n, b)| *n ^= b);
    nonce
}

/// HKDF-Expand-Label (RFC 8446, 7.1).
fn expand(label: &[u8], out: &mut [u8]) {
    let length = (out.len() as u16).to_be_bytes();
    let info: [&[u8]; 5] = [&length, &[6 + label.len() as u8], b"tls13 ", label, &[0]];
    let secret = Hkdf::<Sha256>::from_prk(&SECRET).expect("a secret of the hash's length");
    secret.expand_multi_info(&info, out).expect("a length that HKDF gives");
}
