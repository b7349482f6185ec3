#!/usr/bin/env python3
"""Compares Weir's HTTP/1 exchanges with those that tshark sees in the same captures.

    compare.py WEIR CAPTURE_OR_FOLDER... [--decode PORT]... [--differences N]

Each capture (pcap, pcapng, or either gzipped; folders are searched) is read by `WEIR replay --digest` and by tshark in two
passes: once putting segments in order that came out of order and once not, as the one fails behind lost segments and the
other behind swapped ones; the reading with more responses counts. tshark knows HTTP at its ports, and elsewhere where
the first segment holds the whole first line: name other ports with --decode.

Exchanges are compared as multisets of (method, host, target, status, length of the decoded response body, its SHA-256).
What both see alike is counted; the rest is listed, one line each:

    = alike   ~ the same exchange with another body   < tshark alone   > Weir alone   1 a response whose request Weir did not see

The host is the one that RFC 9112, 3.2 and 3.3 give the request: that of an absolute or authority-form target, else `Host`.
Exit status: 0 where nothing differs, 1 where something does, 2 where a program could not run.
Standard library only. tshark 4.0 or newer.
"""
import argparse
import collections
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

CAPTURE = re.compile(r"\.(p?cap|pcapng)(\.gz)?$")
EMPTY = hashlib.sha256(b"").hexdigest()
Exchange = collections.namedtuple("Exchange", "method host target status length digest")


def captures(paths):
    """The captures named, and those in the folders named, in order."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, files in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, f) for f in sorted(files) if CAPTURE.search(f))


def host_of(method, target, host):
    """The host that a request is for."""
    absolute = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)", target)
    if absolute:
        host = absolute.group(1)
    elif method == "CONNECT" and not target.startswith("/"):
        host = target
    return host.rpartition("@")[2].lower()


def field(layer, name):
    """A field of a dissected layer, or None."""
    return next((f for f in layer.iter("field") if f.get("name") == name), None)


def bytes_of(element):
    return b"" if element is None else bytes.fromhex(element.get("value") or "")


def text_of(element):
    return bytes_of(element).decode("utf-8", "replace")


def messages(capture, ports, reorder):
    """tshark's HTTP/1 messages: (stream, frame, layer)."""
    command = ["tshark", "-2", "-n", "-r", capture, "-o", f"tcp.reassemble_out_of_order:{reorder}", "-Y", "http"]
    for port in ports:
        command += ["-d", f"tcp.port=={port},http"]
    command += ["-T", "pdml", "-J", "frame tcp http"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        for _, packet in ElementTree.iterparse(process.stdout):
            if packet.tag != "packet":
                continue
            frame = next((f.get("show") for f in packet.iter("field") if f.get("name") == "num"), "")
            stream = field(packet, "tcp.stream")
            for layer in packet.findall("proto[@name='http']"):
                yield ("" if stream is None else stream.get("show"), frame, layer)
            packet.clear()
        if process.wait() != 0:
            errors.seek(0)
            print(f"tshark: {capture}: {errors.read().decode(errors='replace').strip()[-200:]}", file=sys.stderr)


def by_tshark(capture, ports):
    """Exchanges as tshark pairs them, in its better reading."""
    readings = [paired(messages(capture, ports, reorder)) for reorder in ("TRUE", "FALSE")]
    return max(readings, key=lambda found: (sum(x.status is not None for x in found), len(found)))


def paired(found):
    """Exchanges of messages."""
    requests, waiting = [], collections.defaultdict(list)
    for stream, frame, layer in found:
        method, code = field(layer, "http.request.method"), field(layer, "http.response.code")
        if method is not None:
            name = text_of(method)
            target = text_of(field(layer, "http.request.uri"))
            host = field(layer, "http.host")
            request = [name, host_of(name, target, "" if host is None else host.get("show")), target, None, 0, EMPTY]
            requests.append(request)
            waiting[stream, frame].append(request)
        elif code is not None and (code.get("show") == "101" or code.get("show") >= "200"):
            asked = field(layer, "http.request_in")
            queue = waiting.get((stream, asked.get("show"))) if asked is not None else None
            if queue:
                body = bytes_of(field(layer, "http.file_data"))
                queue.pop(0)[3:] = [int(code.get("show")), len(body), hashlib.sha256(body).hexdigest()]
    return [Exchange(*r) for r in requests]


def by_weir(weir, capture):
    """Exchanges as Weir pairs them, and how many responses it has whose requests it did not see."""
    with tempfile.TemporaryDirectory() as folder:
        command = [weir, "replay", capture, "--out", folder, "--digest", "--no-store"]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode not in (0, 1):
            print(f"weir: {capture}: {done.stderr.strip()[-200:]}", file=sys.stderr)
            sys.exit(2)
        found, lone = [], 0
        with open(os.path.join(folder, "exchanges.jsonl"), encoding="utf-8") as records:
            for x in map(json.loads, records):
                if not str(x.get("protocol", "")).startswith("http/1"):
                    continue
                if not x.get("method"):
                    lone += 1
                    continue
                body = x.get("response") or {}
                digest = body.get("sha256") or EMPTY
                found.append(Exchange(x["method"], (x.get("host") or "").lower(), x["target"], x.get("status"), body.get("body_bytes") or 0, digest))
        return found, lone


def compare(theirs, ours):
    """Pairs alike, pairs that differ in the body alone, and what only one side has."""
    theirs, ours = collections.Counter(theirs), collections.Counter(ours)
    alike = theirs & ours
    theirs, ours = list((theirs - alike).elements()), list((ours - alike).elements())
    other_body = []
    for t in list(theirs):
        match = next((o for o in ours if o[:4] == t[:4]), None)
        if match is not None:
            other_body.append((t, match))
            theirs.remove(t)
            ours.remove(match)
    return sum(alike.values()), other_body, theirs, ours


def line(x):
    status = "-" if x.status is None else x.status
    return f"{x.method} {x.host or '-'} {x.target[:120]} -> {status}, {x.length} bytes"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weir", help="the weir binary")
    parser.add_argument("captures", nargs="+", help="captures, or folders of them")
    parser.add_argument("--decode", action="append", default=[], metavar="PORT", help="a port that tshark shall take for HTTP")
    parser.add_argument("--differences", type=int, default=20, metavar="N", help="differences listed of a capture (20)")
    arguments = parser.parse_args()
    total = collections.Counter()
    try:
        for capture in captures(arguments.captures):
            theirs = by_tshark(capture, arguments.decode)
            ours, lone = by_weir(arguments.weir, capture)
            alike, bodies, missing, extra = compare(theirs, ours)
            total.update(captures=1, tshark=len(theirs), alike=alike, body=len(bodies), missing=len(missing), extra=len(extra))
            if bodies or missing or extra:
                print(f"{capture}: ={alike} ~{len(bodies)} <{len(missing)} >{len(extra)} 1{lone}")
                listed = [f"  ~ {line(t)}; Weir {o.length} bytes" for t, o in bodies]
                listed += [f"  < {line(t)}" for t in missing] + [f"  > {line(o)}" for o in extra]
                print("\n".join(listed[: arguments.differences]))
    except FileNotFoundError as missing_program:
        print(f"cannot run {missing_program.filename}", file=sys.stderr)
        sys.exit(2)
    names = "captures, {captures}; exchanges by tshark, {tshark}; alike, {alike}; other body, {body}; tshark alone, {missing}; Weir alone, {extra}"
    print(names.format_map(collections.defaultdict(int, total)))
    sys.exit(1 if total["body"] or total["missing"] or total["extra"] else 0)


if __name__ == "__main__":
    main()
