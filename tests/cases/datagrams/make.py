#!/usr/bin/env python3
"""Makes capture.pcap.zst: DNS, HTTP by address, QUIC, DTLS and TFTP over loopback.

    make.py OUT.pcap      needs dumpcap (as root), openssl and, from PyPI, dnspython, aioquic and tftpy

- DNS: dnspython's client asks for `crm.example.cn`, which a server of this script says is 127.0.0.1.
- HTTP: a request to that address, without the name.
- QUIC: aioquic's client and server, HTTP/3 with the name `api.example.cn`.
- DTLS: openssl's client and server, version 1.2.
- TFTP: tftpy's client and server, one file.
"""
import asyncio, os, socket, ssl, subprocess, sys, tempfile, threading, time

QUIET = dict(stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def names():
    import dns.message, dns.query, dns.rrset

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))

    def serve():
        while True:
            data, who = sock.recvfrom(4096)
            question = dns.message.from_wire(data)
            answer = dns.message.make_response(question)
            answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "A", "127.0.0.1"))
            sock.sendto(answer.to_wire(), who)

    threading.Thread(target=serve, daemon=True).start()
    for _ in range(2):
        dns.query.udp(dns.message.make_query("crm.example.cn", "A"), "127.0.0.1", port=sock.getsockname()[1], timeout=3)


def web():
    import http.client, http.server

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b'{"name":"\xe7\x8e\x8b\xe4\xbc\x9f","mobile":"13800138000"}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", server.server_port)
    client.request("GET", "/customers/1")
    client.getresponse().read()
    client.close()


async def quic(folder):
    from aioquic.asyncio import connect, serve
    from aioquic.h3.connection import H3_ALPN
    from aioquic.quic.configuration import QuicConfiguration

    port = udp_port()
    at_server = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    at_server.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    server = await serve("127.0.0.1", port, configuration=at_server)
    at_client = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name="api.example.cn", verify_mode=ssl.CERT_NONE)
    async with connect("127.0.0.1", port, configuration=at_client) as client:
        for _ in range(3):
            await client.ping()
    server.close()


def dtls(folder):
    port = udp_port()
    pair = ["-cert", f"{folder}/cert.pem", "-key", f"{folder}/key.pem"]
    server = subprocess.Popen(["openssl", "s_server", "-dtls1_2", "-accept", str(port), "-listen", "-quiet", *pair], **QUIET)
    time.sleep(0.5)
    client = subprocess.Popen(["openssl", "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{port}", "-servername", "iot.example.cn", "-quiet"], **QUIET)
    time.sleep(1)
    client.stdin.write(b"21.5 degrees\n")
    client.stdin.flush()
    time.sleep(0.5)
    for p in (client, server):
        p.kill()
        p.wait()


def tftp(folder):
    import logging, tftpy

    logging.disable(logging.CRITICAL)
    os.mkdir(f"{folder}/tftp")
    with open(f"{folder}/tftp/switch.cfg", "w") as out:
        out.write("hostname access-1\n" * 60)
    port = udp_port()
    server = tftpy.TftpServer(f"{folder}/tftp")
    threading.Thread(target=lambda: server.listen("127.0.0.1", port), daemon=True).start()
    server.is_running.wait()
    tftpy.TftpClient("127.0.0.1", port).download("switch.cfg", f"{folder}/got.cfg")
    server.stop(now=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=example.cn",
                        "-addext", "subjectAltName=DNS:api.example.cn,DNS:iot.example.cn", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"],
                       check=True, stderr=subprocess.DEVNULL)
        capture = subprocess.Popen(["dumpcap", "-q", "-P", "-i", "lo", "-w", f"{folder}/all.pcap"], stderr=subprocess.DEVNULL)
        time.sleep(1.5)
        names(), web(), asyncio.run(quic(folder)), dtls(folder), tftp(folder)
        time.sleep(1.0)
        capture.terminate()
        capture.wait()
        os.replace(f"{folder}/all.pcap", sys.argv[1])


main()
