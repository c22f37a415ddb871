# SPDX-License-Identifier: GPL-3.0-or-later
"""The home: a switch, a router, the Internet, devices, the inspector's host.

    with Home(devices=["tv", "camera"], dumb=50) as home:
        home.tv.once()
        print(home.tv.address, truth.flows(home.tv))
"""

import contextlib
import json
import os
import sys

from . import truth
from .internet import Internet, PUBLIC_RESOLVER
from .netns import FILES, Host, LabError, wait_until
from .router import ADDRESS4, ADDRESS6, NET4, Router, WAN_MAC, MAC as ROUTER_MAC

STATE = "/run/iot-inspector-lab"  # who is up, for `lab exec` and `lab clean`
_SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "devices")

# device: (MAC with its real maker's OUI, last octet, the name it tells DHCP)
DEVICES = {
    "tv": ("d0:4d:2c:10:00:01", 11, "Roku-Living-Room"),
    "camera": ("d0:3f:27:10:00:02", 12, "WYZE_CAKP2JFUS"),
    "bulb": ("00:17:88:10:00:03", 13, "Philips-hue"),
    "plug": ("d0:37:45:10:00:04", 14, "HS110"),
    "speaker": ("68:db:f5:10:00:05", 15, "amazon-68dbf5100"),
    "printer": ("9c:7b:ef:10:00:06", 16, "HP9C7BEF"),
    "phone": ("da:a1:19:10:00:07", 17, "Pixel-7"),
    "laptop": ("ac:ed:5c:10:00:08", 18, "annas-laptop"),
}
# Likewise of devices that are told apart by what they announce. Here too is
# what they send by DHCP: the vendor class and the list of parameters.
KNOWN = {
    "shield": ("48:b0:2d:10:00:21", 31, "android-4f6c8b1d2e3a9071"),
    "firetv": ("68:db:f5:10:00:22", 32, "amazon-1c7f2b9e3"),
    "iphone": ("5e:a7:3c:10:00:23", 33, "Annas-iPhone"),
    "android": ("7a:31:c4:10:00:24", 34, "Galaxy-S21"),
    "macbook": ("3c:22:fb:10:00:25", 35, "Annas-MacBook-Pro"),
    "windows": ("8c:8d:28:10:00:26", 36, "DESKTOP-4F7K2QD"),
    "linux": ("e4:5e:37:10:00:27", 37, "attic"),
}
_ANDROID = "1,3,6,15,26,28,51,58,59,43"
_APPLE = "1,121,3,6,15,108,114,119,252"
_DHCP = {
    "shield": ("android-dhcp-11", _ANDROID),
    "firetv": ("android-dhcp-9", _ANDROID),
    "iphone": ("", _APPLE),
    "android": ("android-dhcp-13", _ANDROID + ",114,108"),
    "macbook": ("", _APPLE + ",95,44,46"),
    "windows": ("MSFT 5.0",
                "1,3,6,15,31,33,43,44,46,47,119,121,249,252"),
    "linux": ("", "1,2,6,12,15,26,28,121,3,33,40,41,42,119,249,252,17"),
}
# Names that dhclient has for them; the others are given one.
_DHCP_OPTIONS = {
    1: "subnet-mask", 2: "time-offset", 3: "routers",
    6: "domain-name-servers", 12: "host-name", 15: "domain-name",
    17: "root-path", 26: "interface-mtu", 28: "broadcast-address",
    31: "router-discovery", 33: "static-routes", 40: "nis-domain",
    41: "nis-servers", 42: "ntp-servers", 43: "vendor-encapsulated-options",
    44: "netbios-name-servers", 46: "netbios-node-type",
    47: "netbios-scope", 51: "dhcp-lease-time", 58: "dhcp-renewal-time",
    59: "dhcp-rebinding-time", 119: "domain-search",
}
INSPECTOR = ("inspector", "dc:a6:32:10:00:09", 19)
OTHER_INSPECTOR = ("inspector2", "dc:a6:32:10:00:0a", 20)
_DUMB_FIRST = 50    # dumb device i has the address .50 + i

_DHCLIENT_CONF = """
timeout 20; retry 1; initial-interval 1; backoff-cutoff 1;
send host-name "{name}";
"""
_DHCLIENT_ASKS = "request subnet-mask, routers, domain-name-servers, domain-name;"


def _dhclient_conf(device, dhcp_name):
    """What a device of this name sends by DHCP."""
    lines = [_DHCLIENT_CONF.format(name=dhcp_name)]
    vendor_class, asks = _DHCP.get(device, ("", ""))
    if not asks:
        return "\n".join([*lines, _DHCLIENT_ASKS, ""])
    codes = [int(code) for code in asks.split(",")]
    lines += [f"option lab-{code} code {code} = string;"
              for code in codes if code not in _DHCP_OPTIONS]
    if vendor_class:
        lines.append(f'send vendor-class-identifier "{vendor_class}";')
    lines.append("request " + ", ".join(
        _DHCP_OPTIONS.get(code, f"lab-{code}") for code in codes) + ";")
    return "\n".join([*lines, ""])

_DHCLIENT_SCRIPT = """#!/bin/sh
# Called by dhclient; touches nothing but this host.
case "$reason" in
PREINIT) ip link set "$interface" up ;;
BOUND|RENEW|REBIND|REBOOT)
	ip addr replace "$new_ip_address/24" dev "$interface"
	ip route replace default via "$new_routers"
	{{
		for server in {resolver}; do echo "nameserver $server"; done
		echo "options timeout:2"
	}} >/etc/resolv.conf
	echo "$new_ip_address" >{files}/address.new
	mv {files}/address.new {files}/address ;;
EXPIRE|FAIL|RELEASE|STOP) ip addr flush dev "$interface" ;;
esac
"""


class Device(Host):
    """A DHCP client on the home's network that keeps a diary."""

    def __init__(self, name, mac, octet, dhcp_name="", resolver=None):
        tmpfs = (["/etc/avahi/services"]
                 if os.path.isdir("/etc/avahi/services") else [])
        super().__init__(name, tmpfs=tmpfs)
        self.mac, self.dhcp_name = mac, dhcp_name or name
        self.address = f"{NET4}.{octet}"
        self._resolver = resolver or "$new_domain_name_servers"
        self.ipv6_only = False
        self._script = self._dhcp = None

    def plug(self):
        """The cable is in; nothing is sent yet."""
        for which in ("all", "default", "eth0"):
            self.sysctl(f"ipv6/conf/{which}/accept_dad", 0)
        self.sysctl("ipv6/conf/eth0/router_solicitation_delay", 0)
        self.sysctl("ipv6/conf/eth0/disable_ipv6", 1)
        # any program may ping, as on a person's own computer
        self.sysctl("ipv4/ping_group_range", "0 2147483647")
        self.ip("link set lo up", "link set eth0 up")

    def start(self, ipv6=True):
        if ipv6:
            self.sysctl("ipv6/conf/eth0/disable_ipv6", 0)
        if self.ipv6_only:
            self.write("resolv.conf", f"nameserver {ADDRESS6}\n")
            return
        self.write("dhclient.conf", _dhclient_conf(
            self.name, self.dhcp_name))
        self.write("dhclient-script", _DHCLIENT_SCRIPT.format(
            resolver=self._resolver, files=FILES), 0o755)
        self._start_dhcp()

    def _start_dhcp(self):
        self._dhcp = self.serve(
            ["dhclient", "-4", "-d", "-cf", FILES + "/dhclient.conf",
             "-sf", FILES + "/dhclient-script", "-lf", FILES + "/leases",
             "-pf", FILES + "/dhclient.pid", "eth0"])

    def rejoin(self):
        """As after a short loss of Wi-Fi: ask everyone for the address it
        had, and tell its name with it."""
        self._dhcp.kill()
        self._dhcp.wait()
        self._start_dhcp()

    def wait_leased(self):
        if self.ipv6_only:
            return
        try:
            wait_until(lambda: self.exists(FILES + "/address"),
                       f"{self.name} to get an address")
        except LabError as error:
            raise LabError(f"{error}\n{self.log()}") from None
        self.address = self.read(FILES + "/address").strip()

    def wait_routed6(self):
        """Until a router advertisement gave a prefix and a way out."""
        def routed():
            with open(f"/proc/{self.pid}/net/ipv6_route",
                      encoding="ascii") as file:
                return any(line.startswith("0" * 32 + " 00")
                           and line.split()[-1] == "eth0" for line in file)
        wait_until(routed, f"{self.name} to get an IPv6 route")

    def link_address(self):
        """The IPv6 address that it has on its link."""
        words = self.run(["ip", "-6", "-o", "addr", "show", "dev", "eth0",
                          "scope", "link"], net_only=True).stdout.split()
        return words[words.index("inet6") + 1].split("/")[0]

    def _life(self, *options):
        return [sys.executable, os.path.join(_SCRIPTS, self.name + ".py"),
                *options]

    def once(self, timeout=60):
        """Let the device do what it does once; returns its new entries."""
        before = len(truth.diary(self))
        self.run(self._life("--once"), timeout=timeout)
        return truth.diary(self)[before:]

    def live(self):
        """Let the device do what it does, until stop_living()."""
        self._script = self.serve(self._life())

    def stop_living(self):
        """The script and the clients it started end."""
        if self._script:
            self._script.kill_all()
            self._script.wait()
            self._script = None

    def curl(self, url, *options):
        """A request by hand, not in the diary; returns what came back."""
        return self.run(["curl", "-sS", "--cacert", FILES + "/ca.pem",
                         "-m", "20", *options, url]).stdout


class Home:
    """See the module. Options are what a real home may or may not have.

    dumb        devices that only answer ARP and ping
    isolate     the access point lets clients talk to the router alone
    ignore_arp  the router keeps its neighbours for good
    ipv6        the router announces an IPv6 prefix
    ipv6_only   devices that have no IPv4 address
    ipv4        False: nobody has one, the router neither
    offloads    segments are merged as real network cards do
    wan         the address that the Internet sees: one that addresses of homes
                are like, since the link's own is a provider's (RFC 6598)
    domain      what the router calls the home
    inspectors  hosts to run an inspector on (inspector, inspector2)
    """

    def __init__(self, devices=tuple(DEVICES), dumb=0, isolate=False,
                 ignore_arp=False, ipv6=True, ipv6_only=(), ipv4=True,
                 offloads=True, inspectors=1, name=None, wan=None,
                 domain=None):
        self.name = name or f"home-{os.getpid()}-{os.urandom(2).hex()}"
        self._all = []
        self.devices, self.inspectors, self.dumb = [], [], []
        try:
            self._make_hosts(devices, dumb, inspectors)
            for device in self.people:
                device.ipv6_only = not ipv4 or device.name in ipv6_only
            self._plug(isolate, offloads)
            self._start(ipv4, ipv6, ignore_arp, wan, domain)
            self._write_state()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getattr__(self, name):
        for host in self.__dict__.get("_all", ()):
            if host.name == name:
                return host
        raise AttributeError(name)

    def _add(self, host):
        self._all.append(host)
        return host

    def _make_hosts(self, devices, dumb, inspectors):
        self._add(Host("switch"))
        self._add(Router())
        self._add(Internet())
        for name in devices:
            mac, octet, dhcp_name = (DEVICES | KNOWN)[name]
            self.devices.append(self._add(Device(
                name, mac, octet, dhcp_name,
                PUBLIC_RESOLVER if name in ("tv", "speaker") else None)))
        for name, mac, octet in (INSPECTOR, OTHER_INSPECTOR)[:inspectors]:
            self.inspectors.append(self._add(Device(name, mac, octet)))
        if dumb:
            self.dumb = self._add(Host("dumb", wires=dumb)).wires
        for i, wire in enumerate(self.dumb):
            wire.address = f"{NET4}.{_DUMB_FIRST + i}"
            wire.mac = f"c4:29:96:20:00:{i:02x}"

    @property
    def people(self):
        """Everything that gets its address from the router."""
        return self.devices + self.inspectors

    def _plug(self, isolate, offloads):
        lines = ["link add br0 type bridge stp_state 0 forward_delay 0 "
                 "mcast_snooping 0"]
        # the port's name, the MAC and the namespace of the other end
        ends = [("router", ROUTER_MAC, self.router)]
        ends += [(d.name, d.mac, d) for d in self.people]
        ends += [(w.name, w.mac, w) for w in self.dumb]
        for name, mac, host in ends:
            lines.append(f"link add {name} type veth peer name eth0 "
                         f"address {mac} netns {host.net_path}")
            isolated = "on" if isolate and name != "router" else "off"
            lines += [f"link set {name} master br0 up",
                      f"link set {name} type bridge_slave "
                      f"isolated {isolated}"]
        lines.append("link set br0 up")
        self.switch.sysctl("ipv6/conf/default/disable_ipv6", 1)
        # a switch looks at no IP header, and has no firewall
        for key in ("iptables", "ip6tables", "arptables"):
            with contextlib.suppress(FileNotFoundError):
                self.switch.sysctl(f"bridge/bridge-nf-call-{key}", 0)
        self.switch.ip(*lines)
        self.router.ip(f"link add wan address {WAN_MAC} type veth "
                       f"peer name wan netns {self.internet.net_path}")
        if not offloads:
            for host in [self.router, self.internet, *self.people]:
                _merge_nothing(host)

    def _start(self, ipv4, ipv6, ignore_arp, wan, domain):
        leases = {d.mac: (d.dhcp_name, d.address) for d in self.people}
        for device in self.people:
            device.plug()
        for wire in self.dumb:
            _start_dumb(wire)
        self.router.start(leases, ipv4, ipv6, wan, domain)
        self._wait_forwarding()
        if ipv4:
            wait_until(lambda: 67 in self.router.ports("udp"),
                       "the router's DHCP server")
        for device in self.people:
            device.start(ipv6)
        self.internet.start("wan", wan)
        for device in self.people:
            device.write("ca.pem", self.internet.ca)
            device.switch = self.switch
            truth.start(device)
        self.internet.wait_ready()
        for device in self.people:
            device.wait_leased()
            if ipv6:
                device.wait_routed6()
            if not ipv4:
                device.address = device.link_address()
        if ignore_arp:
            self.router.pin({h.address: h.mac
                             for h in [*self.people, *self.dumb]})

    def _wait_forwarding(self):
        """A port drops what comes in its first moments: wait for all."""
        ports = self.switch.path("/sys/class/net/br0/brif")

        def forwarding():
            for port in os.listdir(ports):
                with open(f"{ports}/{port}/state", encoding="ascii") as file:
                    if file.read() != "3\n":
                        return False
            return True
        wait_until(forwarding, "the switch's ports to forward")

    def _write_state(self):
        os.makedirs(STATE, mode=0o700, exist_ok=True)
        state = {"owner": os.getpid(), "started": started(os.getpid()),
                 "hosts": {h.name: h.pid for h in self._all}}
        path = f"{STATE}/{self.name}.json"
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump(state, file)
        os.rename(path + ".new", path)

    def close(self):
        """Nothing is left: no process, no interface, no file."""
        for host in reversed(self._all):
            host.close()
        self._all = []
        try:
            os.unlink(f"{STATE}/{self.name}.json")
        except FileNotFoundError:
            pass


def started(pid):
    """When a process started, in the kernel's ticks: with its pid, a name
    that is never used twice. None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii",
                  errors="replace") as file:
            return int(file.read().rsplit(")", 1)[1].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        return None


def homes():
    """{name: state} of the homes whose owner is alive."""
    found = {}
    for name, path, state in _states():
        if started(state["owner"]) == state["started"]:
            found[name] = state
    return found


def clean():
    """Forget the homes whose owner died; their hosts died with it."""
    gone = []
    for name, path, state in _states():
        if started(state["owner"]) != state["started"]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
                gone.append(name)
    return gone


def _states():
    if not os.path.isdir(STATE):
        return
    for entry in sorted(os.listdir(STATE)):
        if entry.endswith(".json"):
            path = f"{STATE}/{entry}"
            try:
                with open(path, encoding="ascii") as file:
                    state = json.load(file)
            except FileNotFoundError:
                continue  # that home ended since they were listed
            yield entry[:-5], path, state


def _start_dumb(wire):
    wire.sysctl("ipv6/conf/default/disable_ipv6", 1)
    wire.sysctl("ipv6/conf/all/disable_ipv6", 1)
    wire.ip("link set lo up", "link set eth0 up",
            f"addr add {wire.address}/24 dev eth0",
            f"route add default via {ADDRESS4}")


def _merge_nothing(host):
    """Frames are as they would be on a wire: no merged segments."""
    for interface in ("eth0", "wan"):
        if os.path.exists(host.path(f"/sys/class/net/{interface}")):
            host.run(["ethtool", "-K", interface, "tso", "off", "gso", "off",
                      "gro", "off", "tx-udp-segmentation", "off"],
                     net_only=True)
