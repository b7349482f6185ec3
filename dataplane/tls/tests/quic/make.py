#!/usr/bin/env python3
"""Makes the client's Initial packets of RFC 9001, A.2 and RFC 9369, A.2 from the frame that both print, with `cryptography`."""
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FRAME = bytes.fromhex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c0000000100"
    "00e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e0005000501000000000033002600"
    "24001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020"
    "3080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff080110010480007530090110"
    "0f088394c8f03e51570806048000ffff")
DESTINATION = bytes.fromhex("8394c8f03e515708")
VERSIONS = {
    "rfc9001": ("38762cf7f55934b34d179ae6a4c80cadccbb7f0a", b"quic ", "c300000001", "c000000001088394c8f03e5157080000449e7b9aec34"),
    "rfc9369": ("0dede3def700a6db819381be6e269dcbf9bd2ed9", b"quicv2 ", "d36b3343cf", "d76b3343cf088394c8f03e5157080000449ea0c95e82"),
}


def expand(secret, label, length):
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:length]


def packet(salt, prefix, first):
    secret = expand(hmac.new(bytes.fromhex(salt), DESTINATION, hashlib.sha256).digest(), b"client in", 32)
    key, iv, mask_key = (expand(secret, prefix + n, k) for n, k in ((b"key", 16), (b"iv", 12), (b"hp", 16)))
    header = bytes.fromhex(first) + bytes([8]) + DESTINATION + bytes.fromhex("0000449e00000002")
    nonce = iv[:-1] + bytes([iv[-1] ^ 2])
    sealed = AESGCM(key).encrypt(nonce, FRAME.ljust(1162, b"\0"), header)
    mask = Cipher(algorithms.AES(mask_key), modes.ECB()).encryptor().update(sealed[:16])
    shown = bytes([header[0] ^ mask[0] & 15]) + header[1:-4] + bytes(a ^ b for a, b in zip(header[-4:], mask[1:]))
    return shown + sealed


for name, (salt, prefix, first, begins) in VERSIONS.items():
    made = packet(salt, prefix, first)
    assert made.hex().startswith(begins) and len(made) == 1200, made.hex()[:80]
    with open(f"{name}-client-initial.bin", "wb") as out:
        out.write(made)
