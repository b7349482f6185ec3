#!/usr/bin/env python3
"""Weir and its peers on the same captures in the same run: CPU seconds of the whole process, medians, ratios.

    bench/peers/compare.py [--passes N] [--connections N] [--json]

Peers that are not installed are skipped with a word; `bench/peers/setup.sh` installs them. Each program's start-up (its time on a
capture of one connection) is subtracted. Before anything is timed, each is seen to have read the exchanges: a peer that reads nothing
is fast. Suricata runs without logs, so it is held against the dataplane (`weir-lane`); the whole sensor stands beside it. Build first: `make build` and `cargo build --release -p weir-bench`.
"""
import argparse
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BIN = HERE.parent.parent / "target" / "release"


def rules():
    lines = (HERE / "rules.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1) for line in lines if line]


def suricata_rules(path):
    """The rules as Suricata has them: a regular expression over each response body."""
    rule = 'alert http any any -> any any (msg:"{0}"; flow:to_client; file_data; pcre:"/{1}/"; sid:{2}; rev:1;)\n'
    with open(path, "w", encoding="utf-8") as out:
        for sid, (name, regex) in enumerate(rules(), 1):
            # What has a meaning in Suricata's own syntax.
            for sign, instead in ((";", "\\x3b"), ('"', "\\x22"), ("/", "\\/")):
                regex = regex.replace(sign, instead)
            out.write(rule.format(name, regex, sid))


def cpu(command, cwd):
    """CPU seconds of a command, its threads and children."""
    shutil.rmtree(cwd / "out", ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, cwd)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def run(command, cwd):
    """What a command printed; ends everything where it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode(errors="replace")


def programs(work):
    """Name, workloads it runs on, and its command for a capture."""
    weir = [str(BIN / "weir"), "--lang", "en", "replay"]
    lane = str(BIN / "weir-lane")
    suricata_rules(work / "equal.rules")
    (work / "none.rules").write_text("")
    suricata = ["suricata", "-c", str(HERE / "suricata.yaml"), "--runmode", "single", "-k", "none", "-l", "."]
    none, equal = ["-S", str(work / "none.rules")], ["-S", str(work / "equal.rules")]
    return [
        ("weir-lane", "all data types", ["w1"], lambda f: [lane, f, "all"]),
        ("weir-lane", "no rules", ["w1", "w4", "w5"], lambda f: [lane, f, "none"]),
        ("weir", "the whole sensor: risks, records, report", ["w1"], lambda f: weir + [f, "--no-store", "--out", "out"]),
        ("suricata", "20 sensitive-data rules", ["w1"], lambda f: suricata + equal + ["-r", f]),
        ("suricata", "no rules", ["w1", "w4", "w5"], lambda f: suricata + none + ["-r", f]),
        ("tshark", "HTTP", ["w1"], lambda f: ["tshark", "-r", f, "-d", "tcp.port==8080,http", "-Y", "http", "-w", "/dev/null"]),
    ]


EVE = ["--set", "outputs.0=eve-log", "--set", "outputs.0.eve-log.enabled=yes", "--set", "outputs.0.eve-log.filename=eve.json",
       "--set", "outputs.0.eve-log.types.0=http"]


def exchanges(program, command, work):
    """How many exchanges a program reads in a capture."""
    shutil.rmtree(work / "out", ignore_errors=True)
    if program == "weir-lane":
        return int(run(command, work).split()[0])
    run(command + (EVE if program == "suricata" else []), work)
    log = work / ("eve.json" if program == "suricata" else "out/exchanges.jsonl")
    with open(log, "rb") as lines:
        count = sum(1 for _ in lines)
    log.unlink()
    return count


def read_everything(runs, work, workload):
    """Ends everything where not all read the same number of exchanges in a capture: what is not read costs nothing."""
    counts = {(program, what): exchanges(program, command(str(work / f"{workload}.pcap")), work)
              for program, what, on, command in runs if on == workload and program != "tshark"}
    print(f"exchanges read in {workload}: {counts}", file=sys.stderr)
    if len(set(counts.values())) > 1:
        sys.exit(f"not all read the same exchanges of {workload}")


def bare_scan(capture, passes):
    """Gbit/s of Hyperscan alone with the same rules in one database over the bodies of a capture; it times itself."""
    command = [BIN / "weir-bare-scan", capture, HERE / "rules.tsv"]
    said = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(passes)]
    return statistics.median(float(line.split()[-2]) for line in said)


def row(rows, as_json, gate, name, value, unit="", bounds=None):
    fields = {"gate": gate, "name": name, "value": round(value, 4), "unit": unit}
    if bounds:
        fields |= {"gate_value": bounds[0], "target": bounds[1], "less": False}
    rows.append(fields)
    if as_json:
        print(json.dumps(fields))
    else:
        asked = f"  gate {bounds[0]}, target {bounds[1]}" if bounds else ""
        print(f"{gate:4} {name:60} {value:10.2f} {unit}{asked}")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--passes", type=int, default=3)
    ask.add_argument("--connections", type=int, default=2000)
    ask.add_argument("--json", action="store_true")
    args = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        sizes = {}
        for workload, factor in (("w1", 1), ("w4", 4), ("w5", 8)):
            for name, n in ((workload, args.connections * factor), (f"{workload}-start", 1)):
                file = work / f"{name}.pcap"
                subprocess.run([BIN / "weir-traffic", workload, str(n), file], check=True, stdout=subprocess.DEVNULL)
                sizes[name] = file.stat().st_size
        rates, rows = {}, []
        runs = []
        for program, what, workloads, command in programs(work):
            if not (shutil.which(program) or (BIN / program).exists()):
                print(f"{program} is not installed: skipped", file=sys.stderr)
                continue
            runs += [(program, what, w, command) for w in workloads]
        for w in sorted({w for _, _, w, _ in runs}):
            read_everything(runs, work, w)
        times = {i: [] for i in range(len(runs))}
        for _ in range(args.passes):
            for i, (program, what, w, command) in enumerate(runs):
                whole = cpu(command(str(work / f"{w}.pcap")), work)
                start = cpu(command(str(work / f"{w}-start.pcap")), work)
                times[i].append(max(whole - start, 1e-6))
        for i, (program, what, w, _) in enumerate(runs):
            seconds = statistics.median(times[i])
            rates[program, what, w] = sizes[w] * 8 / seconds / 1e9
            row(rows, args.json, "G2", f"{w.upper()}: {program}, {what}", rates[program, what, w], "Gbit/s")
        bare = bare_scan(work / "w1.pcap", args.passes)
        row(rows, args.json, "G2", "W1: bare hs_scan of the 20 rules over bodies", bare, "Gbit/s")
        compare(rates, rows, args.json)


def compare(rates, rows, as_json):
    pairs = [
        ("w1", "all data types", "20 sensitive-data rules", (20, 40)),
        ("w1", "no rules", "no rules", (8, 12)),
        ("w4", "no rules", "no rules", (8, 15)),
        ("w5", "no rules", "no rules", (8, 20)),
    ]
    for workload, ours, theirs, bounds in pairs:
        a, b = rates.get(("weir-lane", ours, workload)), rates.get(("suricata", theirs, workload))
        if a and b:
            what = "with rules" if ours != "no rules" else "without rules"
            row(rows, as_json, "G2", f"{workload.upper()} {what}: Weir's lane / Suricata, neither writes a log", a / b, "", bounds)


if __name__ == "__main__":
    main()
