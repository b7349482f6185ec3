#!/usr/bin/env python3
"""Makes dtls/*.txt: connections of DTLS between openssl's client and server over loopback, as a relay between them saw the datagrams.

  make_dtls.py       needs python3 and openssl 3; the key and certificate are made anew and kept nowhere

A line a datagram: `C` or `S` (who sent it) and the bytes in hexadecimal. Datagrams are of 400 bytes at most, so that messages come in fragments.
"""
import os, select, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {
    "dtls12": (["-dtls1_2"], ["-dtls1_2", "-servername", "a.example", "-alpn", "coap"]),
    "dtls10": (["-dtls1", "-cipher", "DEFAULT@SECLEVEL=0"],
               ["-dtls1", "-cipher", "DEFAULT@SECLEVEL=0", "-servername", "a.example"]),
}


def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def record(folder, server_args, client_args):
    at, relay = port(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    relay.bind(("127.0.0.1", 0))
    mtu = ["-mtu", "400"]
    pair = ["-cert", f"{folder}/cert.pem", "-key", f"{folder}/key.pem"]
    quiet = dict(stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = subprocess.Popen(["openssl", "s_server", "-accept", str(at), "-listen", "-quiet", *pair, *mtu, *server_args], **quiet)
    time.sleep(0.5)
    connect = f"127.0.0.1:{relay.getsockname()[1]}"
    client = subprocess.Popen(["openssl", "s_client", "-connect", connect, "-quiet", *mtu, *client_args], **quiet)
    caller, turns, end = None, [], time.time() + 3
    said = False
    while time.time() < end:
        if not select.select([relay], [], [], 0.2)[0]:
            if turns and not said:
                client.stdin.write(b"hello over datagrams\n")
                client.stdin.flush()
                said = True
            continue
        data, sender = relay.recvfrom(65536)
        side = "S" if sender[1] == at else "C"
        if side == "C":
            caller = sender
            relay.sendto(data, ("127.0.0.1", at))
        elif caller:
            relay.sendto(data, caller)
        turns.append(f"{side} {data.hex()}\n")
    client.kill(), server.kill()
    client.wait(), server.wait()
    return "".join(turns)


def main():
    os.makedirs(os.path.join(HERE, "dtls"), exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", "/CN=a.example",
                        "-addext", "subjectAltName=DNS:a.example", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                       check=True, stderr=subprocess.DEVNULL)
        for name, (server, client) in CASES.items():
            text = record(folder, server, client)
            with open(os.path.join(HERE, "dtls", f"{name}.txt"), "w") as out:
                out.write(text)
            print(name, text.count("\n"), "datagrams")


sys.exit(main())
