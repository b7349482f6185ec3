#!/usr/bin/env python3
"""Makes connections/*.txt: TLS connections between OpenSSL's client and server in memory, with their key logs.

  make.py            needs python3 and openssl 3; the keys and certificates are made anew and kept nowhere

A line a flight: `C` or `S` (who sent it) and the bytes in hexadecimal; then `K` and the lines of the key log; where the client encrypts for
the server's key, `P` and that key, base64 of its PEM.
The client says REQUEST, the server ANSWER, twice each; what they are stands in `tests/tls/connection.rs` too.
"""
import base64, os, ssl, subprocess, sys, tempfile

REQUEST = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + b"0123456789" * 60
HERE = os.path.dirname(os.path.abspath(__file__))

# name: (version, suite, resumed, client certificate, key)
CASES = {
    "tls10-aes128-cbc-sha": ("TLSv1", "ECDHE-RSA-AES128-SHA", "rsa"),
    "tls11-aes256-cbc-sha": ("TLSv1.1", "ECDHE-RSA-AES256-SHA", "rsa"),
    "tls10-rsa-aes128-cbc-sha": ("TLSv1", "AES128-SHA", "rsa"),
    "tls11-rsa-aes256-cbc-sha": ("TLSv1.1", "AES256-SHA", "rsa"),
    "tls12-rsa-aes128-gcm-no-extended": ("TLSv1.2", "AES128-GCM-SHA256", "rsa"),
    "tls12-rsa-aes128-cbc-sha": ("TLSv1.2", "AES128-SHA", "rsa"),
    "tls12-aes128-cbc-sha256": ("TLSv1.2", "ECDHE-RSA-AES128-SHA256", "rsa"),
    "tls12-aes256-cbc-sha384": ("TLSv1.2", "ECDHE-RSA-AES256-SHA384", "rsa"),
    "tls12-aes128-gcm": ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
    "tls12-aes256-gcm": ("TLSv1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "ec"),
    "tls12-rsa-aes256-gcm": ("TLSv1.2", "AES256-GCM-SHA384", "rsa"),
    "tls12-aes128-ccm": ("TLSv1.2", "ECDHE-ECDSA-AES128-CCM", "ec"),
    "tls12-aes256-ccm8": ("TLSv1.2", "ECDHE-ECDSA-AES256-CCM8", "ec"),
    "tls12-chacha20": ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", "ec"),
    "tls12-resumed": ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
    "tls12-client-certificate": ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", "rsa"),
    "tls13-aes128-gcm": ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "ec"),
    "tls13-aes256-gcm": ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "rsa"),
    "tls13-chacha20": ("TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256", "ec"),
    "tls13-aes128-ccm": ("TLSv1.3", "TLS_AES_128_CCM_SHA256", "ec"),
    "tls13-aes128-ccm8": ("TLSv1.3", "TLS_AES_128_CCM_8_SHA256", "ec"),
    "tls13-resumed": ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "ec"),
    "tls13-retry": ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "ec"),
}


class Ends:
    """Both ends of a connection in memory, and what passed between them."""

    def __init__(self, client, server, session=None):
        self.flights, self.pipes = [], {}
        (ci, co), (si, so) = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
        self.client = client.wrap_bio(ci, co, server_hostname="a.example", session=session)
        self.server = server.wrap_bio(si, so, server_side=True)
        self.pipes = {"C": (co, si), "S": (so, ci)}

    def pump(self):
        """Carries what waits across; whether there was any."""
        any_ = False
        for side, (out, into) in self.pipes.items():
            data = out.read()
            if data:
                self.flights.append((side, data))
                into.write(data)
                any_ = True
        return any_

    def both(self, step):
        """Runs `step` on both ends until neither waits for the other."""
        left = {"C": self.client, "S": self.server}
        while left:
            for side in list(left):
                try:
                    step(left[side])
                    del left[side]
                except ssl.SSLWantReadError:
                    pass
            self.pump()

    def say(self, end, other, data):
        end.write(data)
        self.pump()
        got = b""
        while len(got) < len(data):
            try:
                got += other.read(65536)
            except ssl.SSLWantReadError:
                self.pump()
        assert got == data

    def talk(self):
        self.both(lambda end: end.do_handshake())
        for _ in range(2):
            self.say(self.client, self.server, REQUEST)
            self.say(self.server, self.client, ANSWER)
        for end in (self.client, self.server):
            try:
                end.unwrap()
            except (ssl.SSLWantReadError, ssl.SSLError):
                pass
            self.pump()


def contexts(version, suite, key, log, directory, mutual, extended):
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = [f"{directory}/{key}.pem", f"{directory}/{key}.key"]
    server.load_cert_chain(*certificate)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    if mutual:
        client.load_cert_chain(*certificate)
        server.load_verify_locations(certificate[0])
        server.verify_mode = ssl.CERT_REQUIRED
    number = {"TLSv1": 0x301, "TLSv1.1": 0x302, "TLSv1.2": 0x303, "TLSv1.3": 0x304}[version]
    for c in (client, server):
        c.minimum_version = c.maximum_version = ssl.TLSVersion(number)
        if version != "TLSv1.3":
            c.set_ciphers(f"{suite}:@SECLEVEL=0")
        c.set_alpn_protocols(["http/1.1"])
        if not extended:
            c.options |= 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET
    client.keylog_filename = log
    return client, server


def make(name):
    version, suite, key = CASES[name]
    with tempfile.TemporaryDirectory() as directory:
        for kind, how in (("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", *how, "-nodes", "-days", "3650", "-subj", "/CN=a.example",
                 "-addext", "subjectAltName=DNS:a.example", "-keyout", f"{directory}/{kind}.key", "-out", f"{directory}/{kind}.pem"],
                check=True, capture_output=True, env={k: v for k, v in os.environ.items() if k != "OPENSSL_CONF"})
        log = f"{directory}/log"
        client, server = contexts(version, suite, key, log, directory, "certificate" in name, "no-extended" not in name)
        if "retry" in name:
            server.set_ecdh_curve("secp521r1")
        ends = Ends(client, server)
        ends.talk()
        if "resumed" in name:
            ends = Ends(client, server, ends.client.session)
            ends.talk()
            assert ends.client.session_reused
        assert suite in (ends.client.cipher()[0], "TLS_" + ends.client.cipher()[0]), ends.client.cipher()
        secrets = open(log, encoding="ascii").read().splitlines()
        private = base64.b64encode(open(f"{directory}/rsa.key", "rb").read()).decode() if "-rsa-" in name else None
    with open(f"{HERE}/connections/{name}.txt", "w", encoding="ascii") as out:
        for side, data in ends.flights:
            out.write(f"{side} {data.hex()}\n")
        for line in secrets:
            if not line.startswith("#"):
                out.write(f"K {line}\n")
        if private:
            out.write(f"P {private}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        make(sys.argv[1])
    else:
        for name, (_, suite, _) in CASES.items():
            with tempfile.NamedTemporaryFile("w", suffix=".cnf") as conf:
                # Suites of TLS 1.3 can be chosen by OpenSSL's configuration alone.
                suites = f"Ciphersuites = {suite}\n" if suite.startswith("TLS_") else ""
                conf.write(f"openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n{suites}MinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
                conf.flush()
                subprocess.run([sys.executable, __file__, name], check=True, env={**os.environ, "OPENSSL_CONF": conf.name})
            print(name)
