# SPDX-License-Identifier: GPL-3.0-or-later
"""The home's router: DHCP, DNS, NAT, IPv6 router advertisements."""

from .internet import LINK4, LINK6, RESOLVER
from .netlink import neighbours
from .netns import Host

NET4 = "192.168.77"
ADDRESS4 = NET4 + ".1"
NET6 = "2001:db8:77::"
ADDRESS6 = NET6 + "1"
MAC = "98:9b:cb:00:77:01"   # AVM
WAN_MAC = "98:9b:cb:00:77:02"


class Router(Host):
    """Interfaces: eth0 towards the home, wan towards the Internet."""

    def __init__(self):
        super().__init__("router")
        self.address, self.mac = ADDRESS4, MAC

    def start(self, leases, ipv4=True, ipv6=True, wan=None,
              domain=None):
        """Serve; leases maps a MAC to (host name, address) set aside; wan: as
        whom the home speaks with the Internet, else by its link's address;
        domain: that IPv6's hosts are to search names in."""
        for which in ("all", "eth0", "wan"):
            self.sysctl(f"ipv6/conf/{which}/accept_dad", 0)
        self.sysctl("ipv4/ip_forward", 1)
        self.sysctl("ipv6/conf/all/forwarding", 1)
        self.ip("link set lo up", "link set eth0 up", "link set wan up",
                f"addr add {LINK4[1]}/30 dev wan",
                f"route add default via {LINK4[0]}",
                f"addr add {LINK6[1]}/64 dev wan nodad",
                f"route add default via {LINK6[0]}")
        if ipv4:
            self.ip(f"addr add {ADDRESS4}/24 dev eth0")
        if ipv6:
            self.ip(f"addr add {ADDRESS6}/64 dev eth0 nodad")
        if wan:
            self.ip(f"addr add {wan}/32 dev wan")
        speak = f"snat to {wan}" if wan else "masquerade"
        self.nft(f"""table ip home {{
            chain out {{
                type nat hook postrouting priority srcnat
                oifname "wan" {speak}
            }}
        }}""")
        lines = ["no-resolv", "no-hosts", "interface=eth0", "bind-interfaces",
                 "keep-in-foreground", "user=root", "pid-file=", "no-ping",
                 "dhcp-authoritative", "log-facility=-", "domain=home",
                 "dhcp-leasefile=/run/lab/leases", f"server={RESOLVER}"]
        if ipv4:
            lines += ["dhcp-option=option:router," + ADDRESS4,
                      f"dhcp-range={NET4}.200,{NET4}.250,12h"]
            lines += [f"dhcp-host={mac},{address}"
                      for mac, (_, address) in leases.items()]
        if ipv6:
            lines += ["enable-ra", f"dhcp-range={NET6},ra-only,64"]
        if domain:
            lines.append("dhcp-option=option6:domain-search," + domain)
        self.serve(["dnsmasq", "-C", self.write(
            "dnsmasq.conf", "\n".join(lines) + "\n")])

    def neighbours(self, family=4):
        return neighbours(self, family=family)

    def pin(self, table):
        """Hold {address: MAC} for good: a router that ignores ARP."""
        self.ip(*(f"neigh replace {address} lladdr {mac} dev eth0 "
                  "nud permanent" for address, mac in table.items()))
