#!/usr/bin/env python3
"""Compares what Weir tells of protocols other than HTTP/1 with what tshark sees in the same captures: operations and names, by protocol.

    operations.py WEIR CAPTURE_OR_FOLDER... [--differences N]

Each capture is read by `WEIR replay --no-store` and by tshark. Compared are multisets a capture:

    mysql, postgresql   first words of statements        ftp        commands that are exchanges
    mqtt                topics of PUBLISH and SUBSCRIBE   websocket  messages, by direction
    grpc                paths of calls                   kafka      requests to write, to read and for metadata
    thrift              methods called                   tls, quic, dtls   server names asked for (as a set)

tshark knows most of these at their ports only. Prints a table, and what differs behind it. Standard library only; tshark 4.0 or newer.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

CAPTURE = re.compile(r"\.(p?cap|pcapng)(\.gz)?$")
FTP = {"RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD", "DELE", "RMD", "MKD", "RNTO", "PASS"}
KAFKA = {"0": "PRODUCE", "1": "FETCH", "3": "METADATA"}


def captures(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, f) for f in sorted(files) if CAPTURE.search(f))


def fields(capture, wanted, *names):
    """Rows of lists of values of the fields in the packets that the filter wants."""
    command = ["tshark", "-r", capture, "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", wanted, "-T", "fields", "-E", "occurrence=a",
               "-E", "separator=\x1f", "-E", "aggregator=\x1e"]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    rows = [line.split("\x1f") for line in done.stdout.split("\n") if line]
    return [[v.split("\x1e") if v else [] for v in row] for row in rows]


def word(statement):
    found = re.match(r"(?:/\*.*?\*/|\s)*([A-Za-z]+)", statement)
    return found.group(1).upper()[:16] if found else "QUERY"


def by_tshark(capture):
    seen = collections.defaultdict(collections.Counter)
    for (statements,) in fields(capture, "mysql.query", "mysql.query"):
        seen["mysql"].update(map(word, statements))
    for (statements,) in fields(capture, "pgsql.query && tcp.dstport==5432", "pgsql.query"):
        seen["postgresql"].update(word(s) for s in statements if s)
    for (topics,) in fields(capture, "mqtt.msgtype==3 || mqtt.msgtype==8", "mqtt.topic"):
        seen["mqtt"].update(topics)
    for (commands,) in fields(capture, "ftp.request.command", "ftp.request.command"):
        seen["ftp"].update(c.upper() for c in commands if c.upper() in FTP)
    for kinds, masks in fields(capture, "websocket.opcode==1 || websocket.opcode==2", "websocket.opcode", "websocket.mask"):
        for kind, mask in zip(kinds, masks):
            if kind in ("1", "2"):
                seen["websocket"]["SEND" if mask in ("1", "True") else "RECEIVE"] += 1
    for paths, types in fields(capture, "http2.headers.path && http2.headers.content_type contains \"application/grpc\"",
                               "http2.headers.path", "http2.headers.content_type"):
        seen["grpc"].update(paths)
    for (keys,) in fields(capture, "kafka.api_key && kafka.request_frame || kafka.client_id", "kafka.api_key"):
        seen["kafka"].update(KAFKA[k] for k in keys if k in KAFKA)
    for (methods,) in fields(capture, "thrift.mtype==1 || thrift.mtype==4", "thrift.method"):
        seen["thrift"].update(methods)
    for protocol, wanted, name in (
        ("tls", "tls.handshake.type==1 && tcp", "tls.handshake.extensions_server_name"),
        ("quic", "tls.handshake.type==1 && quic", "tls.handshake.extensions_server_name"),
        ("dtls", "dtls.handshake.type==1", "dtls.handshake.extensions_server_name"),
    ):
        for (names,) in fields(capture, wanted, name):
            for n in names or [""]:
                seen[protocol][n.lower()] = 1
    return seen


def lines(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def by_weir(weir, capture):
    seen = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run([weir, "replay", capture, "--out", out, "--no-store"], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            return None
        for x in lines(out, "exchanges.jsonl"):
            protocol, method, target = x["protocol"], x.get("method"), x.get("target") or ""
            if not method:
                continue
            if protocol in ("mysql", "postgresql") and method != "LOGIN":
                seen[protocol][method] += 1
            elif protocol == "mqtt" and method in ("PUBLISH", "RECEIVE", "SUBSCRIBE"):
                seen["mqtt"][re.sub("%([0-9A-F]{2})", lambda m: chr(int(m.group(1), 16)), target[1:])] += 1
            elif protocol == "ftp" and method in FTP | {"LOGIN"}:
                seen["ftp"]["PASS" if method == "LOGIN" else method] += 1
            elif protocol == "websocket":
                seen["websocket"][method] += 1
            elif protocol == "grpc":
                seen["grpc"][target] += 1
            elif protocol == "kafka" and method != "LOGIN":
                seen["kafka"][method] += 1
            elif protocol == "thrift":
                seen["thrift"][target[1:].replace("/", ":")] += 1
        for e in lines(out, "encrypted.jsonl"):
            if e["kind"] in ("tls", "quic", "dtls") and e["connections"] > e["unread"].get("handshake not seen", 0):
                seen[e["kind"]][e["name"]] = 1
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weir")
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--differences", type=int, default=40)
    args = parser.parse_args()
    table, told = collections.defaultdict(lambda: [0, 0, 0, 0, 0]), []
    for capture in captures(args.captures):
        ours = by_weir(args.weir, capture)
        if ours is None:
            told.append(f"{capture}: not read by Weir")
            continue
        theirs = by_tshark(capture)
        for protocol in sorted(set(ours) | set(theirs)):
            a, b = theirs[protocol], ours[protocol]
            alike = sum((a & b).values())
            row = table[protocol]
            for i, n in enumerate((1, sum(a.values()), alike, sum((a - b).values()), sum((b - a).values()))):
                row[i] += n
            if a != b:
                told.append(f"{capture}: {protocol}: tshark alone {dict(a - b)}, Weir alone {dict(b - a)}")
    print("| protocol | captures | by tshark | alike | tshark alone | Weir alone |\n|---|---|---|---|---|---|")
    for protocol, row in sorted(table.items()):
        print(f"| {protocol} | " + " | ".join(map(str, row)) + " |")
    for line in told[: args.differences]:
        print(line[:400])
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
