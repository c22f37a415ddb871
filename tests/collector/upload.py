# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inspector uploads, made up; and zstd, of which Python has none."""

import ctypes
import ctypes.util
import json
from pathlib import Path

import jsonschema

TREE = Path(__file__).resolve().parents[2]  # the lab's tests use it, too
SCHEMA = json.loads((TREE / "api/record.schema.json").read_text())
LINE = jsonschema.Draft202012Validator(SCHEMA)
ROWS = {name: jsonschema.Draft202012Validator(
    {"$ref": "#/$defs/rows/" + name, "$defs": SCHEMA["$defs"]})
    for name in SCHEMA["$defs"]["rows"]}
ZSTD = ctypes.CDLL(ctypes.util.find_library("zstd"))
ZSTD.ZSTD_compress.restype = ctypes.c_size_t
ZSTD.ZSTD_compressBound.restype = ctypes.c_size_t

COLUMNS = {
    "device": ["id", "oui", "watched"],
    "flow": ["device", "protocol", "remote", "remote_port", "device_port",
             "first_ms", "out_bytes", "out_packets", "in_bytes",
             "in_packets", "opener"],
    "question": ["device", "time_ms", "name", "type", "resolver"],
    "name": ["device", "time_ms", "address", "name", "source", "resolver",
             "device_port"],
    "http": ["device", "time_ms", "remote", "remote_port", "host",
             "user_agent"],
    "hello": ["device", "time_ms", "transport", "remote", "remote_port",
              "device_port", "version", "supported_versions",
              "cipher_suites", "compression_methods", "extensions", "groups",
              "point_formats", "signature_algorithms", "alpn", "sni", "ech",
              "grease_cipher_suites", "grease_extensions", "ja3", "ja4"],
    "clue": ["device", "kind", "text"],
    "label": ["device", "name", "category", "vendor", "source"],
    "view": ["view", "seconds"],
}
END = 1767225600  # of the first segment


def pack(text, level=3):
    data = text.encode() if isinstance(text, str) else text
    room = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(room)
    size = ZSTD.ZSTD_compress(out, ctypes.c_size_t(room), data,
                              ctypes.c_size_t(len(data)), level)
    return out.raw[:size]


def device_id(home, number):
    return "%016x%016x" % (home, number)


def header(consent, columns=COLUMNS, **changed):
    return {"upload": 1, "client": "0.1.0", "consent": consent,
            "utc_offset_min": -300, "columns": columns, **changed}


def flow(segment, device=0, remote="203.0.113.7", number=0):
    return [device, 6, remote, 443, 40000 + number % 20000,
            (END + 5 * segment) * 1000 - 4000 + number, 1200, 10, 45000, 40,
            1]


def segment(number, flows=2, devices=1, home=1, **changed):
    """One segment with so many flows, and a row of each other table."""
    ms = (END + 5 * number) * 1000 - 3000
    return dict({
        "segment": number,
        "end": END + 5 * number,
        "device": [[device_id(home, i), "3c5ab4", 1]
                   for i in range(devices)],
        "flow": [flow(number, i % devices, number=i) for i in range(flows)],
        "question": [[0, ms, "api.example.com", 1, "9.9.9.9"]],
        "name": [[0, ms, "203.0.113.7", "api.example.com", "dns", "9.9.9.9",
                  0]],
        "http": [[0, ms, "203.0.113.7", 80, "www.example.com", "TV/1.0"]],
        "hello": [[0, ms, "tcp", "203.0.113.7", 443, 40000, 772, "772+771",
                   "4865+4866", "0", "0+11+10", "29+23", "0", "1027+2052",
                   "h2,http/1.1", "api.example.com", 0, 1, 1, "0" * 32,
                   "t13d1516h2_8daaf6152771_e5627efa2ab1"]],
        "clue": [[0, "mdns_service", "_googlecast._tcp"]],
        "label": [[0, "TV in the hall", "tv", "Acme", "typed"]],
        "view": [["devices", 2.5]],
    }, **changed)


# rows of one such segment, without its flows
OTHER_ROWS = 7


def lines(*values):
    return "".join(json.dumps(value, separators=(",", ":")) + "\n"
                   for value in values)


def check(head, *segments):
    """Holds an upload to the schema, which has each row as an object."""
    LINE.validate(head)
    for line in segments:
        LINE.validate(line)
        for table, validator in ROWS.items():
            columns = head["columns"].get(table)
            for row in line.get(table, ()):
                assert len(row) == len(columns)
                validator.validate(dict(zip(columns, row)))


def extremes(described):
    """The least and the most that the schema has of a column, each of its
    words, and null; of a pattern and of an address nothing."""
    if "$ref" in described:
        described = SCHEMA["$defs"][described["$ref"].rpartition("/")[2]]
    if "enum" in described:
        return described["enum"]
    if "anyOf" in described:
        return [value for one in described["anyOf"] for value in extremes(one)]
    types = described["type"]
    values = [None] if "null" in types else []
    if "maximum" in described:
        values += [described["minimum"], described["maximum"]]
    elif "maxLength" in described and not {"pattern", "minLength"} & set(
            described):
        values += ["", "\U0001f4a1" * described["maxLength"]]
    return values


def extreme_segment(number):
    """One with a row for each extreme of each column."""
    made = segment(number)
    for table, columns in COLUMNS.items():
        rows = SCHEMA["$defs"]["rows"][table]["properties"]
        made[table] += [
            [value if name == column else usual
             for name, usual in zip(columns, made[table][0])]
            for column in columns if column not in ("device", "id")
            for value in extremes(rows[column]) if table != "device"]
    return made
