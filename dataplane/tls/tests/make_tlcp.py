#!/usr/bin/env python3
"""Makes connections/tlcp-*.txt: TLCP connections (GB/T 38636) between the client and the server of Tongsuo in memory, with their keys.

  make_tlcp.py       needs python3, openssl 3 and the package tongsuopy (1.0.1, a library of Tongsuo 8.4): pip install tongsuopy

Lines as `make.py` writes them, and `P`: a private key of the server, base64 of its PEM. Keys and certificates are made anew.
The server has two certificates, one for signing and one for encryption. Tongsuo is called by ctypes: its Python package has no TLCP.
"""
import base64, ctypes as c, importlib.util, os, pathlib, subprocess, tempfile
from make import REQUEST, ANSWER, HERE

CASES = {
    "tlcp-ecc-cbc": "ECC-SM2-SM4-CBC-SM3",
    "tlcp-ecc-gcm": "ECC-SM2-SM4-GCM-SM3",
    "tlcp-ecdhe-cbc": "ECDHE-SM2-SM4-CBC-SM3",
    "tlcp-ecdhe-gcm": "ECDHE-SM2-SM4-GCM-SM3",
}
package = pathlib.Path(importlib.util.find_spec("tongsuopy").origin).parent
lib = c.PyDLL(str(package / "backends/_tongsuo.abi3.so"))
for name in ("NTLS_method", "SSL_CTX_new", "SSL_new", "BIO_s_mem", "BIO_new", "SSL_get_current_cipher", "SSL_CIPHER_get_name"):
    getattr(lib, name).restype = c.c_void_p
lib.SSL_CIPHER_get_name.restype = c.c_char_p
P, I = c.c_void_p, c.c_int
LOG = c.CFUNCTYPE(None, P, c.c_char_p)
BELIEVE = c.CFUNCTYPE(I, I, P)(lambda _ok, _store: 1)


def run(*command):
    env = {k: v for k, v in os.environ.items() if k != "OPENSSL_CONF"}
    subprocess.run(command, check=True, capture_output=True, env=env)


def certificates(directory):
    for name, usage in (("sign", "digitalSignature"), ("enc", "keyEncipherment,dataEncipherment,keyAgreement")):
        key = f"{directory}/{name}.key"
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-pkeyopt", "ec_param_enc:named_curve", "-out", key)
        run("openssl", "req", "-x509", "-new", "-key", key, "-sm3", "-sigopt", "distid:1234567812345678", "-days", "3650",
            "-subj", f"/CN=a.example/OU={name}", "-addext", "subjectAltName=DNS:a.example", "-addext", f"keyUsage=critical,{usage}",
            "-out", f"{directory}/{name}.pem")


def context(directory, suite):
    ctx = P(lib.SSL_CTX_new(P(lib.NTLS_method())))
    lib.SSL_CTX_enable_ntls(ctx)
    assert lib.SSL_CTX_set_cipher_list(ctx, suite.encode()) == 1
    for name in ("sign", "enc"):
        for what in ("certificate", "PrivateKey"):
            path = f"{directory}/{name}.{'pem' if what == 'certificate' else 'key'}".encode()
            assert getattr(lib, f"SSL_CTX_use_{name}_{what}_file")(ctx, path, 1) == 1, path
    # ECDHE asks the client for certificates as well: both ends send theirs and believe the other's.
    lib.SSL_CTX_set_verify(ctx, I(1), BELIEVE)
    return ctx


class End:
    def __init__(self, ctx, server):
        self.ssl = P(lib.SSL_new(ctx))
        self.into, self.out = (P(lib.BIO_new(P(lib.BIO_s_mem()))) for _ in range(2))
        lib.SSL_set_bio(self.ssl, self.into, self.out)
        (lib.SSL_set_accept_state if server else lib.SSL_set_connect_state)(self.ssl)
        if not server:
            # SSL_set_tlsext_host_name is a macro.
            lib.SSL_ctrl(self.ssl, I(55), c.c_long(0), c.c_char_p(b"a.example"))

    def take(self):
        data = c.create_string_buffer(65536)
        n = lib.BIO_read(self.out, data, I(65536))
        return data.raw[:max(n, 0)]


def make(name, suite):
    with tempfile.TemporaryDirectory() as directory:
        certificates(directory)
        client_ctx, server_ctx = context(directory, suite), context(directory, suite)
        secrets = []
        log = LOG(lambda _, line: secrets.append(line.decode()))
        lib.SSL_CTX_set_keylog_callback(client_ctx, log)
        client, server = End(client_ctx, False), End(server_ctx, True)
        flights = []

        def pump():
            moved = True
            while moved:
                moved = False
                for side, end, peer in (("C", client, server), ("S", server, client)):
                    data = end.take()
                    if data:
                        flights.append((side, data))
                        lib.BIO_write(peer.into, data, I(len(data)))
                        moved = True

        for _ in range(10):
            results = [lib.SSL_do_handshake(client.ssl)]
            pump()
            results.append(lib.SSL_do_handshake(server.ssl))
            pump()
            if results == [1, 1]:
                break
        else:
            lib.ERR_print_errors_fp(P.in_dll(c.CDLL(None), "stderr"))
            raise SystemExit("no handshake")
        assert lib.SSL_CIPHER_get_name(P(lib.SSL_get_current_cipher(client.ssl))).decode() == suite
        for _ in range(2):
            for end, peer, text in ((client, server, REQUEST), (server, client, ANSWER)):
                assert lib.SSL_write(end.ssl, text, I(len(text))) == len(text)
                pump()
                got = c.create_string_buffer(65536)
                assert lib.SSL_read(peer.ssl, got, I(65536)) == len(text) and got.raw[:len(text)] == text
        for end in (client, server):
            lib.SSL_shutdown(end.ssl)
            pump()
        pems = [base64.b64encode(pathlib.Path(f"{directory}/{k}.key").read_bytes()).decode() for k in ("sign", "enc")]
    with open(f"{HERE}/connections/{name}.txt", "w", encoding="ascii") as out:
        out.writelines(f"{side} {data.hex()}\n" for side, data in flights)
        out.writelines(f"K {line}\n" for line in secrets)
        out.writelines(f"P {pem}\n" for pem in pems)
    print(name, len(flights), [s[:20] for s in secrets])


if __name__ == "__main__":
    for case in CASES.items():
        make(*case)
