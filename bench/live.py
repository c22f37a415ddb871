#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed of a watched device in the lab: TCP both ways through the inspector,
beside plain kernel forwarding under arpspoof and beside the direct way, in
alternating runs; TCP in packets of 1,500 bytes, and 100,000 small packets a
second, none of which may be lost; memory, and how long it takes to ask for and
to change whose traffic with each other is read, with 50 devices. Needs
root. With --kills, also so many kill -9 of the inspector's processes, of each
family of addresses; --only PART for one of these parts alone."""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab import measure, stored, truth  # noqa: E402
from lab.home import Home  # noqa: E402
from lab.inspector import Inspector  # noqa: E402
from lab.internet import IPERF_PORT, NAMES  # noqa: E402
from lab.netns import LabError, wait_until  # noqa: E402
from lab.router import ADDRESS4  # noqa: E402

SERVER = NAMES["speedtest.example"][0]
SENDER = ROOT / "build/bench/bench/send_small"
SMALL_PER_S = 101_000  # so that what is lost in waking up leaves 100,000
SMALL_BYTES = 16
STORED_S = 15  # a window's end, and its way to the store
MEMORY_MIB = 64
PAIRS = 40  # most that can be chosen (message.h)
REQUESTS = 20
PRINTED = set()


def command(words):
    """Prints what a figure comes from, as the device runs it, once."""
    line = " ".join(str(word) for word in words).replace(f"{ROOT}/", "")
    if line not in PRINTED:
        PRINTED.add(line)
        print("  $", line)
    return words


def iperf(device, *options):
    """Bits a second that arrived, and the whole report."""
    done = device.run(command(["iperf3", "-J", "-c", SERVER, "-p", IPERF_PORT,
                               *options]), timeout=120)
    report = json.loads(done.stdout)
    end = report["end"].get("sum_received") or report["end"]["sum"]
    return end["bits_per_second"], report


@contextlib.contextmanager
def directly(_):
    yield


@contextlib.contextmanager
def arpspoofed(home):
    """Intercepted by arpspoof, forwarded by the kernel, read by nobody."""
    host, tv = home.inspector, home.tv
    host.sysctl("ipv4/ip_forward", 1)
    for name in ("all", "eth0"):
        host.sysctl(f"ipv4/conf/{name}/send_redirects", 0)
    for side in (tv.address, ADDRESS4):
        host.run(["ping", "-c1", "-W2", side])  # arpspoof must know them,
    tv.run(["ping", "-c1", "-W2", ADDRESS4])    # and they each other
    spoofers = [host.popen(command(["arpspoof", "-i", "eth0", "-t", victim,
                                    other]),
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
                for victim, other in ((tv.address, ADDRESS4),
                                      (ADDRESS4, tv.address))]
    try:
        wait_until(lambda: measure.is_intercepted(home, tv, host),
                   "arpspoof to intercept")
        yield
    finally:
        for spoofer in spoofers:
            spoofer.kill()
        host.sysctl("ipv4/ip_forward", 0)
        tv.ip(f"neigh replace {ADDRESS4} lladdr {home.router.mac} dev eth0 "
              "nud reachable")
        home.router.ip(f"neigh replace {tv.address} lladdr {tv.mac} dev eth0 "
                       "nud reachable")


@contextlib.contextmanager
def inspected(home):
    with Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        yield
        report_losses(inspector)


LOSSES = {"engine": ("ring_dropped", "windows_lost", "flows_refused")}


def report_losses(inspector):
    counters = inspector.status()["counters"]
    lost = {name: counters[who].get(name) for who, names in LOSSES.items()
            for name in names}
    if any(lost.values()):
        print("  lost:", lost)


WAYS = {"direct": directly, "arpspoof": arpspoofed, "inspector": inspected}


def throughput(home, rounds, seconds):
    """Gbit/s each way, rounds alternating; medians and our share."""
    found = {way: {"up": [], "down": []} for way in WAYS}
    for _ in range(rounds):
        for way, intercepted in WAYS.items():
            with intercepted(home):
                for name, option in (("up", []), ("down", ["-R"])):
                    found[way][name].append(
                        iperf(home.tv, "-t", seconds, *option)[0] / 1e9)
    for name in ("up", "down"):
        medians = {way: statistics.median(found[way][name]) for way in WAYS}
        print(f"TCP {name:5}", "  ".join(
            f"{way} {median:.2f} Gbit/s" for way, median in medians.items()),
            f" inspector/arpspoof "
            f"{medians['inspector'] / medians['arpspoof']:.2f} "
            "(target 0.90)")


def flood(home, seconds):
    """Small UDP packets out to a socket that takes them: packets sent, and
    how many a second."""
    with home.internet.inside():
        sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sink.bind((SERVER, 0))
    with sink:
        done = home.tv.run(command(
            [SENDER, SERVER, sink.getsockname()[1], SMALL_BYTES, SMALL_PER_S,
             seconds]), timeout=seconds * 10)
    sent, took = done.stdout.split()
    return int(sent), int(sent) / float(took)


def sent_packets(flows):
    return sum(out.packets for key, (out, _) in flows.items()
               if key[:2] == (SERVER, "udp"))


def stored_packets(home, inspector, count, left):
    """As count has them of what is stored, once that is all that left the
    device, or is late; and how many the ring dropped."""
    def kept():
        return count(stored.flows(home.inspector, home.tv))
    with contextlib.suppress(LabError):
        wait_until(lambda: kept() >= left, "the last window to be stored",
                   STORED_S, poll=0.5)
    counters = inspector.status()["counters"]["engine"]
    return kept(), counters.get("ring_dropped")


def small_packets(seconds):
    """Every packet forwarded at a fixed rate must be captured and stored."""
    with Home(["tv"], ipv6=False, offloads=False) as home, \
            Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        sent, rate = flood(home, seconds)
        left = sent_packets(truth.flows(home.tv))
        kept, dropped = stored_packets(home, inspector, sent_packets, left)
    verdict = "all of them" if kept == left == sent else "NOT ALL"
    print(f"UDP of {SMALL_BYTES} bytes: {rate:,.0f} packets/s of "
          f"{SMALL_PER_S:,} asked for; sent {sent}, left the device {left}, "
          f"stored {kept}: {verdict}; ring dropped {dropped}")


def tcp_packets(flows):
    return sum(way.packets for key, pair in flows.items()
               if key[:2] == (SERVER, "tcp") for way in pair)


def full_rate(seconds):
    """TCP as fast as it goes in packets of 1,500 bytes, both ways: every
    packet must be captured and stored."""
    with Home(["tv"], ipv6=False, offloads=False) as home, \
            Inspector(home.inspector) as inspector:
        inspector.consent()
        measure.watch(inspector, home.tv)
        rates = [iperf(home.tv, "-t", seconds, *option)[0] / 1e9
                 for option in ([], ["-R"])]
        seen = tcp_packets(truth.flows(home.tv))
        kept, dropped = stored_packets(home, inspector, tcp_packets, seen)
    print(f"TCP of 1,500 bytes a packet: up {rates[0]:.2f}, down "
          f"{rates[1]:.2f} Gbit/s, {seen / 2 / seconds:,.0f} packets/s; the "
          f"device's {seen}, stored {kept}: "
          f"{'all of them' if kept == seen else 'NOT ALL'}; ring dropped "
          f"{dropped}")


def fifty_devices(seconds):
    """With 50 devices watched: the proportional set size of all its
    processes, and how long replies take."""
    with Home(dumb=42, ipv6=False) as home, \
            Inspector(home.inspector, "--max-devices", 60) as inspector:
        inspector.consent()
        watched = [*home.devices, *home.dumb]
        for device in watched:
            inspector.watch(device.address)
        for device in home.devices:
            device.live()
        for _ in range(3):
            time.sleep(seconds)
            sizes = {name: pss_mib(pid)
                     for name, pid in inspector.pids().items()}
            print(f"memory, {len(watched)} devices: "
                  f"{sum(sizes.values()):.1f} MiB (target {MEMORY_MIB}):",
                  ", ".join(f"{name} {size:.1f}"
                            for name, size in sizes.items()))
        between(inspector)


def between(inspector):
    """Asking for and changing whose traffic with each other is read."""
    ids = [device["id"] for device in inspector.get("/api/devices")["devices"]]
    pairs = [list(pair) for pair in zip(ids, ids[1:])][:PAIRS]
    requests = {
        "get": lambda: inspector.get("/api/between"),
        "all": lambda: inspector.post("/api/between",
                                      {"all": True, "pairs": []}),
        f"{len(pairs)} pairs": lambda: inspector.post(
            "/api/between", {"all": False, "pairs": pairs}),
        "none": lambda: inspector.post("/api/between",
                                       {"all": False, "pairs": []}),
    }
    took = {name: [] for name in requests}
    for _ in range(REQUESTS):
        for name, request in requests.items():
            began = time.monotonic()
            request()
            took[name].append((time.monotonic() - began) * 1000)
    print(f"/api/between, {len(ids)} devices, median and longest of "
          f"{REQUESTS}:",
          ", ".join(f"{name} {statistics.median(times):.1f} and "
                    f"{max(times):.1f} ms" for name, times in took.items()))


def pss_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file
                   if line.startswith("Pss:")) / 1024


def kills(times):
    """The kill tests of each family, as often as asked."""
    for tests in (["tests/lab/test_kill.py"],
                  ["tests/lab/test_ipv6.py", "-k",
                   "test_restored_after_a_kill"]):
        subprocess.run(
            ["/usr/bin/python3", "-m", "pytest", "-q", "-p",
             "no:cacheprovider", *tests],
            cwd=ROOT, env={**os.environ, "IOT_KILLS": str(times)}, check=True)


def both_ways(quick):
    with Home(["tv"], ipv6=False) as home:
        throughput(home, *((1, 2) if quick else (10, 5)))


# name: (what it is, minutes it takes, and it; quick: one short round)
PARTS = {
    "throughput": ("throughput", 10, both_ways),
    "small": ("small packets", 1,
              lambda quick: small_packets(3 if quick else 20)),
    "full": ("1,500-byte packets", 1,
             lambda quick: full_rate(2 if quick else 20)),
    "fifty": ("50 devices", 4,
              lambda quick: fifty_devices(2 if quick else 60)),
}


def step(what, minutes, quick=False):
    about = "a short round" if quick else f"about {minutes} min"
    print(f"{time.strftime('%H:%M:%S')} {what} ({about})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="one short round")
    parser.add_argument("--only", choices=PARTS, help="this part alone")
    parser.add_argument("--kills", type=int, default=0, metavar="N",
                        help="kills, ten a minute, of each family")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("live: needs root, to make network namespaces")
    for name, (what, minutes, run) in PARTS.items():
        if options.only in (None, name):
            step(what, minutes, options.quick)
            run(options.quick)
    if options.kills:
        step(f"{options.kills} kills of each family",
             (options.kills + 4) // 5)
        kills(options.kills)


if __name__ == "__main__":
    main()
