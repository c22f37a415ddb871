# SPDX-License-Identifier: GPL-3.0-or-later
"""What the devices' scripts share: real clients, and the diary.

Each act runs a real program and appends one JSON line to the diary: kind,
name asked for, addresses it may be at, the address and port contacted, own
port, bytes of content sent and received, and when.
"""

import argparse
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

FILES = "/run/lab"
DIARY = FILES + "/diary.jsonl"
CA = FILES + "/ca.pem"
_lock = threading.Lock()


def note(kind, name="", **more):
    entry = {"kind": kind, "name": name, "addresses": [], "address": "",
             "port": 0, "own_port": 0, "sent": 0, "received": 0,
             "ended": time.time(), **more}
    with _lock, open(DIARY, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    return entry


def run(argv, text=None, quiet=True):
    """Run a client to its end, with a limit; what it printed."""
    done = subprocess.run(argv, input=text, text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode != 0 and not quiet:
        raise RuntimeError(f"{argv}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def resolve(name):
    """Ask as any program does, by the resolver this device was given."""
    try:
        found = socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)
    except OSError:
        found = []
    addresses = sorted({item[4][0] for item in found})
    note("dns", name, addresses=addresses)
    return addresses


def curl(url, *options):
    """One request; curl asks for the name itself."""
    began = time.time()
    said = json.loads(run(
        ["curl", "-sS", "-o", "/dev/null", "--cacert", CA, "-m", "50",
         "-w", "%{json}", *options, url]))
    return note(
        "http", url.split("/")[2].split(":")[0], url=url, began=began,
        addresses=[said["remote_ip"]] if said["remote_ip"] else [],
        address=said["remote_ip"], port=said["remote_port"],
        own_port=said["local_port"], sent=said["size_upload"],
        received=said["size_download"], status=said["http_code"],
        error=said.get("errormsg") or "")


def upload(url, count, rate=None):
    """PUT count bytes, at most rate bytes a second."""
    source = f"{FILES}/upload-{count}"
    if not os.path.exists(source):
        with open(source, "wb") as file:
            file.write(os.urandom(min(count, 1 << 16))
                       * max(1, count >> 16))
    limit = ["--limit-rate", str(rate)] if rate else []
    return curl(url, "-T", source, *limit)


def old_tls(name, version="tls1"):
    """A client of ten years ago: one request over TLS 1.0."""
    address = resolve(name)[0]
    began = time.time()
    out = run(["openssl", "s_client", "-connect", f"{address}:443",
               "-servername", name, f"-{version}", "-CAfile", CA,
               "-cipher", "ALL:@SECLEVEL=0", "-quiet", "-ign_eof"],
              f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n")
    return note("tls", name, began=began, address=address, port=443,
                addresses=[address], version=version, received=len(out))


def say(broker, topic, text):
    """One MQTT message."""
    run(["mosquitto_pub", "-h", broker, "-t", topic, "-m", text],
        quiet=False)
    note("mqtt", broker, port=1883, addresses=resolve(broker))


def ask_time(server):
    """What the time is, by NTP; the clock is left alone."""
    address = random.choice(resolve(server))
    run(["chronyd", "-Q", "-t", "4", "-f", "/dev/null", "-u", "root",
         f"server {address} iburst maxsamples 1", "cmdport 0",
         f"pidfile {FILES}/chronyd.pid"])
    note("ntp", server, address=address, port=123, addresses=[address])


def notify_ssdp(location, kind):
    """Tell everyone what we are, as UPnP devices do."""
    text = ("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
            f"CACHE-CONTROL: max-age=1800\r\nLOCATION: {location}\r\n"
            f"NT: {kind}\r\nNTS: ssdp:alive\r\n"
            "SERVER: Linux/4.9 UPnP/1.0 Lab/1.0\r\n"
            f"USN: uuid:00000000-lab::{kind}\r\n\r\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
        sock.sendto(text.encode(), ("239.255.255.250", 1900))
    note("ssdp", address="239.255.255.250", port=1900)


def _dns_name(*labels):
    """Labels as they are: an instance's may have dots of its own."""
    parts = [label.encode() for label in labels]
    return b"".join(bytes([len(p)]) + p for p in parts) + b"\0"


def _dns_record(name, kind, data):
    # the class with the bit that says that it is one's own, two minutes
    head = struct.pack("!HHIH", kind, 1 if kind == 12 else 0x8001, 120,
                       len(data))
    return name + head + data


def _own_address():
    with open(FILES + "/address", encoding="ascii") as file:
        return file.read().strip()


def announce(host, *services):
    """An mDNS response to everyone (RFC 6762 8.3) of several services, each
    (instance, type, port, TXT strings), and the host's address."""
    target = _dns_name(host, "local")
    records = [_dns_record(target, 1, socket.inet_aton(_own_address()))]
    for instance, kind, port, *texts in services:
        labels = [*kind.split("."), "local"]
        name = _dns_name(instance, *labels)
        records += [
            _dns_record(_dns_name(*labels), 12, name),
            _dns_record(name, 33, struct.pack("!HHH", 0, 0, port) + target),
            _dns_record(name, 16, b"".join(
                bytes([len(t.encode())]) + t.encode() for t in texts)
                or b"\0")]
    message = struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
        sock.bind((_own_address(), 5353))
        sock.sendto(message + b"".join(records), ("224.0.0.251", 5353))
    note("mdns", host, port=5353)


_AVAHI = """[server]
enable-dbus=no
use-ipv6=yes
allow-interfaces=eth0
[publish]
publish-workstation=no
publish-hinfo=no
"""
_AVAHI_LOG = FILES + "/log/avahi-daemon"


def announce_mdns(name, service, port, *texts):
    """An avahi-daemon of our own announces one service, and stays."""
    if os.path.exists("/run/avahi-daemon/pid"):
        return
    records = "".join(f"<txt-record>{text}</txt-record>" for text in texts)
    with open("/etc/avahi/services/lab.service", "w",
              encoding="utf-8") as file:
        file.write(f"<service-group><name>{name}</name><service><type>"
                   f"{service}</type><port>{port}</port>{records}"
                   "</service></service-group>")
    with open(FILES + "/avahi.conf", "w", encoding="ascii") as file:
        file.write(_AVAHI)
    with open(_AVAHI_LOG, "w", encoding="utf-8") as log:
        subprocess.Popen(
            ["avahi-daemon", "-f", FILES + "/avahi.conf", "--no-drop-root",
             "--no-chroot", "--no-rlimits"], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True)
    end = time.monotonic() + 30
    while time.monotonic() < end:  # probing for a free name takes a moment
        with open(_AVAHI_LOG, encoding="utf-8") as log:
            if ') successfully established' in log.read():
                note("mdns", name, port=port)
                return
        time.sleep(0.02)
    raise RuntimeError("avahi-daemon did not announce " + name)


def together(*acts):
    """Several acts at the same time, each a function without arguments."""
    failed = []

    def do(act):
        try:
            act()
        except Exception as error:  # reported by the main thread
            failed.append(error)
    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def main(routine, period):
    """routine(turn) once with --once, else about every period seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    turn = 0
    while True:
        try:
            routine(turn)
        except Exception as error:  # a device lives on without its cloud
            if options.once:
                raise
            print(f"turn {turn}: {error}", flush=True)
        if options.once:
            break
        turn += 1
        time.sleep(period * random.uniform(0.7, 1.3))
