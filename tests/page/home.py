# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's home for the page tests: a line of JSON in, a line of JSON out.

    {"do": "start", "service": true}  ->  {"ok": {"url": "http://127.0.0.1:…"}}

What each command does is said at its function. The home is gone when
standard input ends."""

import json
import os
import signal
import socket
import struct
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, ROOT)
sys.path += [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "api")]

from collector import Collector  # noqa: E402
from lab import truth  # noqa: E402
from lab.home import DEVICES, Home  # noqa: E402
from lab.inspector import Inspector, import_list  # noqa: E402
from lab.measure import poisoned_by  # noqa: E402

_ETH_P_ARP = 0x0806
_MDNS = ("224.0.0.251", 5353)
_SSDP = ("239.255.255.250", 1900)
_NOTIFY = ("NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
           "NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: uuid:lab\r\n"
           "LOCATION: http://127.0.0.1/\r\nSERVER: {}\r\n\r\n")


class Asked:
    """The addresses that the inspector's host asked for by ARP."""

    def __init__(self, host):
        self.addresses = set()
        with host.inside():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                         socket.htons(_ETH_P_ARP))
        self._own = bytes.fromhex(host.mac.replace(":", ""))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            frame = self._socket.recv(100)
            operation, sender = struct.unpack_from("!H6s", frame, 20)
            if operation == 1 and sender == self._own:
                self.addresses.add(socket.inet_ntoa(frame[38:42]))


class Commands:
    def __init__(self, home):
        self.home = home
        self.inspector = None
        self._collector = None
        self._asked = Asked(home.inspector)

    def start(self, service=True, interface="eth0", options=()):
        """Run the inspector; the page's one-time URL."""
        self._asked.addresses.clear()
        self.inspector = Inspector(self.home.inspector, *options,
                                   service=service, interface=interface)
        return {"url": self.inspector.wait_url()}

    def import_list(self, name, text):
        """A list that the owner imports, before the start."""
        import_list(self.home.inspector, name, text)

    def stop(self):
        """End it if it runs, and forget what it stored."""
        if self.inspector:
            self.inspector.stop()
        self.home.inspector.run(["sh", "-c", "rm -rf /run/lab/data"])
        self.inspector = None

    def wait_end(self, deadline):
        """Wait until all of it has ended by itself; its exit status."""
        return self.inspector.wait_end(deadline)

    def interrupt(self):
        """Ctrl-C in its terminal."""
        self.inspector.process.send_signal(signal.SIGINT)

    def kill(self, process):
        """kill -9 of one of its processes, by name."""
        os.kill(self.inspector.wait_whole()[process], signal.SIGKILL)

    def output(self):
        """What it printed."""
        return self.inspector.output()

    def devices(self):
        """The truth of the home: {name: {address, mac}}."""
        return {d.name: {"address": d.address, "mac": d.mac}
                for d in [*self.home.people, self.home.router]}

    def asked(self):
        """The addresses the host asked for by ARP since the start."""
        return sorted(self._asked.addresses)

    def poisoned(self, device):
        """The false MACs that device and router have for each other."""
        return poisoned_by(self.home, getattr(self.home, device))

    def live(self, device):
        """The device does what it does, over and over."""
        getattr(self.home, device).live()

    def rest(self, device):
        getattr(self.home, device).stop_living()

    def names(self, device):
        """The names it contacted, by its own diary."""
        return sorted(truth.names(getattr(self.home, device)))

    def notify(self, device, server):
        """The device tells everyone by SSDP what software it runs."""
        self._tell(device, _SSDP, _NOTIFY.format(server).encode())

    def announce(self, device, *, model):
        """The device tells everyone by mDNS what model it is (RFC 6763 6)."""
        labels = b"".join(bytes([len(label)]) + label for label in
                          (b"tv", b"_googlecast", b"_tcp", b"local", b""))
        text = b"md=" + model.encode()
        record = struct.pack("!HHIHB", 16, 1, 120, len(text) + 1, len(text))
        self._tell(device, _MDNS, struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0) +
                   labels + record + text)

    def _tell(self, device, group, message):
        code = ("import socket, sys\n"
                "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
                "s.bind(('', int(sys.argv[3])))\n"
                "s.sendto(bytes.fromhex(sys.argv[1]),"
                " (sys.argv[2], int(sys.argv[3])))")
        address, port = group
        getattr(self.home, device).run(
            [sys.executable, "-c", code, message.hex(), address, str(port)])

    def appear_as(self, device, mac, address):
        """The device is on the network under these, and says so by ARP."""
        host = getattr(self.home, device)
        router = self.home.router.address
        host.ip(f"link set eth0 address {mac}", "addr flush dev eth0",
                f"addr add {address}/24 dev eth0",
                f"route add default via {router} dev eth0")
        host.run(["ping", "-c1", "-W2", router], check=False)

    def fetch(self, device, url, press=False):
        """What the device's browser gets, when the page's button is pressed
        or just opened."""
        button = ["-d", ""] if press else []
        return getattr(self.home, device).run(
            ["curl", "-s", "-m10", *button, url], check=False).stdout

    def greet(self, device, name, options):
        """The device begins TLS with a host as openssl's client does."""
        getattr(self.home, device).run(
            ["openssl", "s_client", "-connect", f"{name}:443", "-servername",
             name, *options], check=True)

    def collector(self, names=None, shares=None, guesses=()):
        """A collector on the inspector's host; its address. It knows names of
        addresses, which share of 120 homes with such a device contact a
        domain, and what others call a device."""
        if self._collector is None:
            with self.home.inspector.inside():
                self._collector = Collector(tls=False)
        self._collector.crowd = names or {}
        self._collector.shares = shares or {}
        self._collector.guesses = list(guesses)
        self._collector.normal_homes = 120
        return self._collector.url

    def reword(self, text):
        """The collector asks for agreement to another text."""
        with self._collector.lock:
            self._collector.text = text

    def collected(self):
        """All that it was ever sent, as text, what it was to delete, and what
        was asked of it but for its own text."""
        return {"text": self._collector.all_text(),
                "bodies": list(self._collector.bodies),
                "deleted": list(self._collector.receipts),
                "requests": [path for path in self._collector.requests
                             if path != "/v1/consent"]}

    def firewall(self, present):
        """The inspector's host drops what it should pass on, or no more."""
        host = self.home.inspector
        if present:
            host.nft("table inet strict { chain forward { type filter "
                     "hook forward priority 0; policy drop; }; }")
        else:
            host.nft("delete table inet strict")

    def second_network(self, present):
        """The inspector's host gets, or loses, another way out."""
        host = self.home.inspector
        if present:
            host.ip("link add other type veth peer name far",
                    "link set far up", "link set other up",
                    "addr add 10.9.9.2/24 dev other",
                    "route add default via 10.9.9.1 dev other metric 900")
        else:
            host.ip("link del other")


def main():
    with Home([*DEVICES, "iphone"], dumb=3) as home:
        commands = Commands(home)
        try:
            print('{"ok": null}', flush=True)
            for line in sys.stdin:
                words = json.loads(line)
                do = getattr(commands, words.pop("do"))
                try:
                    answer = {"ok": do(**words)}
                except Exception as error:  # the test is to tell of it
                    answer = {"error": f"{type(error).__name__}: {error}"}
                print(json.dumps(answer), flush=True)
        finally:
            if commands.inspector:
                commands.inspector.stop()


if __name__ == "__main__":
    main()
