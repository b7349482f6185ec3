#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets from captures: python3 seeds.py FOLDER CAPTURE.pcap..."""
import gzip, io, pathlib, struct, sys, tarfile, zipfile

here = pathlib.Path(sys.argv[1])


def put(target, name, data):
    (here / target).mkdir(parents=True, exist_ok=True)
    (here / target / name).write_bytes(data)


def flow(target, name, pairs):
    """Pieces of both directions: a byte that tells side and length, then so many bytes."""
    out = bytearray([0])
    for side, data in pairs:
        while data:
            half = min(126, (len(data) - 1) // 2)
            out += bytes([half << 1 | side]) + data[: half * 2 + 1]
            data = data[half * 2 + 1 :]
    put(target, name, bytes(out))


def http1(name, pairs):
    flow("http1", name, pairs)


for path in (pathlib.Path(__file__).parent / "../../dataplane/tls/tests/connections").glob("*.txt"):
    flights = [line.split() for line in path.read_text().splitlines() if line[0] in "CS"]
    flow("tls", path.stem, [("CS".index(side), bytes.fromhex(data)) for side, data in flights])


for path in (pathlib.Path(__file__).parent / "../../dataplane/protocol/tests/session/recorded").glob("*.txt"):
    turns = [line.split() for line in path.read_text().splitlines()]
    target = "ssh" if path.stem.startswith("ssh") else "named"
    flow(target, path.stem, [("CS".index(side), bytes.fromhex(data)) for side, data in turns])


for n, path in enumerate(sys.argv[2:]):
    data = pathlib.Path(path).read_bytes()
    put("decode", f"pcap-{n}", b"\0" + data[:3000])
    at, frames = 24, []
    while at + 16 <= len(data) and len(frames) < 12:
        cap = struct.unpack_from("<I", data, at + 8)[0]
        frames.append(data[at + 16 : at + 16 + cap][:200].ljust(200, b"\0"))
        at += 16 + cap
    put("decode", f"frames-{n}", b"\3" + b"".join(frames))

get = b"GET /a?b=1 HTTP/1.1\r\nHost: x.cn\r\nCookie: sid=1\r\n\r\n"
post = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n"
ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
http1("pairs", [(0, get), (1, ok), (0, post), (1, chunked)])
http1("pipeline", [(0, get + post + get), (1, ok + chunked + ok)])
http1("smuggle", [(0, post.replace(b"Content", b"Transfer-Encoding: chunked\r\nContent")), (1, ok)])
http1("close", [(0, b"GET / HTTP/1.0\n\n"), (1, b"HTTP/1.0 200\n\nbody")])
http1("interim", [(0, b"PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"), (1, b"HTTP/1.1 100 Continue\r\n\r\n"), (0, b"x"), (1, ok)])
http1("upgrade", [(0, get.replace(b"Host", b"Upgrade: h2c\r\nHost")), (1, b"HTTP/1.1 101 X\r\n\r\n\0\0\0")])

bodies = {
    "json": (0, '{"list":[{"name":"王伟","idCard":"11010519491231002X","mobile":"13812345678"}],"token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}'),
    "escaped": (0, '{"a":"\\u738b\\u4f1f 13812345678","b":"{\\"c\\":\\"11010519491231002X\\"}"}'),
    "xml": (3, '<?xml version="1.0"?><e:Envelope><Body><Get><id>1</id><mobile>13812345678</mobile></Get></Body></e:Envelope>'),
    "html": (2, "<table><tr><th>姓名</th><th>手机</th></tr><tr><td>王伟</td><td>13812345678</td></tr></table>"),
    "csv": (4, "姓名,手机号,身份证号\n王伟,13812345678,11010519491231002X\n"),
    "form": (6, "username=admin&password=admin123&mobile=13812345678"),
    "multipart": (7, '--b\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\na,b\n1,2\r\n--b--\r\n'),
}
head = b"/api/v1/users/1?token=abc&phone=13812345678sid=1; token=eyJhbGciOiJIUzI1NiJ9.e30.x"
for name, (kind, text) in bodies.items():
    put("inspect", name, bytes([kind, 0, 7, len(head)]) + head + text.encode())
csv = "姓名,手机号,n\n王伟,13812345678,1\n".encode()
parts = {
    1: b'<row><c r="A1" t="inlineStr"><is><t>phone</t></is></c></row><row><c r="A2"><v>13812345678</v></c></row>',
    9: b"<w:p><w:r><w:t>1381234</w:t></w:r><w:r><w:t>5678</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    17: b"<text:p>13812345678</text:p>",
    21: csv,
    25: b"From: a@b.cn\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n13812345678\r\n--b--",
}
for way, part in parts.items():
    put("files", f"part-{way}", bytes([way]) + part)
held, packed = io.BytesIO(), io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.csv", csv)
with tarfile.open(fileobj=held, mode="w") as t:
    entry = tarfile.TarInfo("a.csv")
    entry.size = len(csv)
    t.addfile(entry, io.BytesIO(csv))
page = (
    b"%PDF-1.4\n1 0 obj<</Type/Page/Contents 2 0 R/Resources<</Font<</F 3 0 R>>>>>>endobj 2 0 obj<</Length 60>>stream\n"
    b"BT /F 9 Tf (13812345678) Tj 0 -9 Td <0001> Tj ET\nendstream endobj 3 0 obj<</Subtype/Type0/ToUnicode 4 0 R>>endobj "
    b"4 0 obj<<>>stream\nbeginbfchar <0001> <5f20> endbfchar\nendstream endobj"
)
for name, file in {"zip": packed.getvalue(), "tar": held.getvalue(), "gzip": gzip.compress(csv, mtime=0), "pdf": page}.items():
    # As it is, without another start; in base64.
    put("files", name, bytes([0]) + file)
    put("files", f"{name}-base64", bytes([3]) + file)
put("stream", "handshake", bytes.fromhex("0002000000000000010008120000000000000100001000000000000801000018" + "0000000000080100") + b"\0" * 8)
for pack in sorted((pathlib.Path(__file__).parent / "../../rules/packs").glob("*.toml")):
    put("packs", pack.stem, pack.read_bytes()[:4000])
