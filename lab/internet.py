# SPDX-License-Identifier: GPL-3.0-or-later
"""The Internet of the lab: one host with many addresses and real servers.

Nothing of it is reachable from outside its namespaces, so names may be those
that a home really asks for; the addresses are the ones kept for examples
(RFC 5737, RFC 3849) and two well-known resolvers.
"""

import os

from .netns import FILES, Host, LabError, wait_until

LINK4 = ("100.64.0.1", "100.64.0.2")          # Internet's end, router's end
LINK6 = ("2001:db8:ffff::1", "2001:db8:ffff::2")
RESOLVER = "198.51.100.53"                    # of the Internet provider
PUBLIC_RESOLVER = "8.8.8.8"                   # which some devices insist on

# name: its addresses. Several names on one address, one name on several.
NAMES = {
    "api.roku.com": ["198.51.100.10", "198.51.100.11", "198.51.100.12"],
    "scribe.logs.roku.com": ["198.51.100.13"],
    "image.roku.com": ["203.0.113.20"],
    "ads.tubi.tv": ["203.0.113.30"],
    "ad.doubleclick.net": ["203.0.113.31"],
    "b.scorecardresearch.com": ["203.0.113.32"],
    "www.google-analytics.com": ["203.0.113.31"],
    "firmware.tv.example": ["198.51.100.14"],
    "video.cdn.example": ["203.0.113.40", "203.0.113.41"],
    "api.wyzecam.com": ["198.51.100.20"],
    "upload.wyzecam.com": ["198.51.100.21"],
    "mqtt.meethue.com": ["198.51.100.30"],
    "discovery.meethue.com": ["198.51.100.31"],
    "broker.tplinkcloud.com": ["198.51.100.32"],
    "use1-api.tplinkra.com": ["198.51.100.33"],
    "pool.ntp.org": ["198.51.100.123", "203.0.113.123"],
    "time.tplinkcloud.com": ["203.0.113.124"],
    "avs-alexa-na.amazon.com": ["203.0.113.50"],
    "device-metrics-us.amazon.com": ["203.0.113.51"],
    "msh.amazon.com": ["203.0.113.52"],
    "xmpp007.hpeprint.com": ["198.51.100.60"],
    "www.wikipedia.org": ["203.0.113.60", "2001:db8:1::60"],
    "upload.wikimedia.org": ["203.0.113.61", "2001:db8:1::61"],
    "news.example": ["203.0.113.62"],
    "static.news.example": ["203.0.113.63"],
    "connectivitycheck.gstatic.com": ["203.0.113.64"],
    "captive.apple.com": ["203.0.113.66"],
    "www.msftconnecttest.com": ["203.0.113.67"],
    "detectportal.firefox.com": ["203.0.113.68"],
    "spectrum.s3.amazonaws.com": ["203.0.113.69"],
    "mail.example": ["203.0.113.65", "2001:db8:1::65"],
    "speedtest.example": ["198.51.100.90"],
    "dns.google": [PUBLIC_RESOLVER],
    "six.example": ["2001:db8:1::90"],
}
ALIASES = {"cdn.news.example": "static.news.example"}
FILES_BYTES = {"1k": 1 << 10, "64k": 64 << 10, "1m": 1 << 20, "16m": 16 << 20}
IPERF_PORT = 5201
QUIC_NAME = "speedtest.example"

_NGINX = """
worker_processes 1;
daemon off;
user root;
pid {files}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {files}/body;
    proxy_temp_path {files}/proxy;
    fastcgi_temp_path {files}/fastcgi;
    uwsgi_temp_path {files}/uwsgi;
    scgi_temp_path {files}/scgi;
    client_max_body_size 0;
    default_type application/octet-stream;
    server {{
        listen 80 default_server;
        listen [::]:80 default_server;
        listen 443 ssl default_server;
        listen [::]:443 ssl default_server;
        listen 853 ssl;
        ssl_certificate {files}/ecdsa.pem;
        ssl_certificate_key {files}/ecdsa.key;
        ssl_certificate {files}/rsa.pem;
        ssl_certificate_key {files}/rsa.key;
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
        ssl_ciphers ALL:@SECLEVEL=0;
        root {files}/www;
        location = /204 {{ return 204; }}
        location = / {{ return 200 "hello from $host\\n"; }}
        location /put/ {{ dav_methods PUT; }}
    }}
}}
"""

_MOSQUITTO = """
listener 1883
listener 8883
certfile {files}/ecdsa.pem
keyfile {files}/ecdsa.key
allow_anonymous true
persistence false
user root
"""

_CHRONY = """
local stratum 1
allow all
cmdport 0
pidfile {files}/chronyd.pid
bindaddress 0.0.0.0
"""


class Internet(Host):
    """Names, web, time, MQTT and a speed test."""

    def __init__(self):
        super().__init__("internet")
        self.ca = ""

    def start(self, own_link, wan=None):
        """Serve, with own_link the interface towards the router, which has
        the address wan too."""
        addresses = sorted({a for all_ in NAMES.values() for a in all_}
                           | {RESOLVER, PUBLIC_RESOLVER})
        for which in ("all", own_link):
            self.sysctl(f"ipv6/conf/{which}/accept_dad", 0)
        lines = ["link set lo up", f"link set {own_link} up",
                 f"addr add {LINK4[0]}/30 dev {own_link}",
                 f"addr add {LINK6[0]}/64 dev {own_link} nodad"]
        for address in addresses:
            bits = 128 if ":" in address else 32
            lines.append(f"addr add {address}/{bits} dev lo")
        lines.append(f"route add 2001:db8:77::/64 via {LINK6[1]}")
        if wan:
            lines.append(f"route add {wan}/32 via {LINK4[1]}")
        self.ip(*lines)
        self._serve_names()
        self._serve_time()
        self._certify()
        self._serve_web()
        self.serve(["mosquitto", "-c", self.write(
            "mosquitto.conf", _MOSQUITTO.format(files=FILES))])
        # QUIC and HTTP/3, with the web's own files
        self.serve(["gtlsserver", "-q", "--htdocs", f"{FILES}/www",
                    NAMES[QUIC_NAME][0], "443", f"{FILES}/ecdsa.key",
                    f"{FILES}/ecdsa.pem"])
        self.serve(["iperf3", "-s", "-p", IPERF_PORT, "-B",
                    NAMES["speedtest.example"][0]])

    def _serve_names(self):
        lines = ["no-resolv", "no-hosts", "bind-interfaces",
                 "keep-in-foreground", "user=root", "pid-file=", "local-ttl=30",
                 "log-facility=-", "cache-size=0",
                 f"listen-address={RESOLVER},{PUBLIC_RESOLVER}"]
        for name, addresses in NAMES.items():
            lines += [f"host-record={name},{a}" for a in addresses]
            lines.append(f"local=/{name}/")
        for alias, name in ALIASES.items():
            lines.append(f"cname={alias},{name}")
        lines.append("address=/#/")  # everything else does not exist
        self.serve(["dnsmasq", "-C", self.write(
            "dnsmasq.conf", "\n".join(lines) + "\n")])

    def _serve_time(self):
        self.serve(["chronyd", "-x", "-d", "-u", "root", "-f", self.write(
            "chrony.conf", _CHRONY.format(files=FILES))])

    def _serve_web(self):
        for name, count in FILES_BYTES.items():
            self.write(f"www/{name}", os.urandom(min(count, 65536))
                       * (count // min(count, 65536)))
        os.makedirs(self.path(f"{FILES}/www/put"))
        self.serve(["nginx", "-c", self.write(
            "nginx.conf", _NGINX.format(files=FILES)), "-e", "stderr"])

    def _certify(self):
        """An authority of this home, and a certificate for all names."""
        names = ",".join(f"DNS:{n}" for n in [*NAMES, *ALIASES])
        ext = self.write("ext.cnf", f"subjectAltName={names}\n")
        script = f"""set -e
        cd {FILES}
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \\
            -keyout ca.key -out ca.pem -days 30 -subj "/CN=Lab authority"
        for kind in ecdsa rsa; do
            case $kind in
            ecdsa) new="-newkey ec -pkeyopt ec_paramgen_curve:P-256" ;;
            rsa) new="-newkey rsa:2048" ;;
            esac
            openssl req $new -nodes -keyout $kind.key -out $kind.csr \\
                -subj "/CN=lab"
            openssl x509 -req -in $kind.csr -CA ca.pem -CAkey ca.key \\
                -CAcreateserial -days 30 -extfile {ext} -out $kind.pem
        done"""
        self.run(["sh", "-c", script])
        self.ca = self.read(f"{FILES}/ca.pem")

    def wait_ready(self):
        """Until every server listens."""
        wanted = {53, 80, 443, 1883, 8883, IPERF_PORT}

        def listening():
            missing = wanted - self.ports("tcp")
            return not missing and {123, 443} <= self.ports("udp")
        try:
            wait_until(listening, "the Internet's servers to listen")
        except LabError as error:
            raise LabError(f"{error}\n{self.log()}") from None
