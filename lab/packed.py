# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that the inspector's database has packed into blobs (agent/store/
packed.h, pending.h), as tables that SQL can read."""

FLOW = ("remote", "protocol", "remote_port", "device_port", "local", "opener",
        "first_ms", "last_ms", "in_packets", "out_packets", "in_bytes",
        "out_bytes", "in_sequence_bytes", "out_sequence_bytes",
        "in_missed_bytes", "out_missed_bytes")
TIMES = ("first_ms", "last_ms")

# By the kind's number: its table, its columns after the device, and of each
# whether it is a number or bytes. What has times has last_ms as its last
# column, which is first_ms too.
HEARD = (
    ("name", "remote source host resolver device_port last_ms", "iiibii"),
    ("question", "host type resolver last_ms", "iibi"),
    ("service", "remote protocol remote_port application detail clear_times "
                "last_ms", "iiitbii"),
    ("server", "remote remote_port transport version cipher_suite ja3s "
               "subject last_ms", "iiiiitbi"),
    ("clue", "kind text last_ms", "tbi"),
    ("hello", "time_ms remote device_port remote_port transport shape host",
     "iiiiiir"),
    ("http", "time_ms remote device_port remote_port method host user_agent",
     "iiiibrb"),
)


class Reader:
    """Reads a blob from its beginning to its end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return self.at < len(self.data)

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value

    def signed(self):
        value = self.number()
        return -(value >> 1) - 1 if value & 1 else value >> 1

    def bytes(self):
        length = self.number()
        if not length:
            return None
        self.at += length - 1
        return bytes(self.data[self.at - length + 1:self.at])

    def value(self, letter):
        if letter in "bt":
            value = self.bytes()
            return value.decode() if letter == "t" else value
        value = self.signed()
        return None if letter == "r" and not value else value


def _flows(device, start_s, blob):
    reader = Reader(blob)
    while reader.left():
        yield [device, start_s,
               *(reader.signed() + start_s * 1000 if name in TIMES
                 else reader.number() for name in FLOW)]


def _unpack_flows(database, table):
    columns = ("device", "start_s", *FLOW)
    database.execute("CREATE TEMP TABLE %s(%s)" % (table, ", ".join(columns)))
    blobs = database.execute(
        "SELECT device, start_s, p.flows FROM %s_window JOIN %s_packed p "
        "USING(id)" % (table, table)).fetchall()
    for device, start_s, blob in blobs:
        database.executemany(
            "INSERT INTO temp.%s VALUES(%s)"
            % (table, ", ".join("?" * len(columns))),
            _flows(device, start_s, blob))


def _unpack_heard(database):
    for table, _, _ in HEARD:
        database.execute("CREATE TEMP TABLE %s AS SELECT * FROM main.%s"
                         % (table, table))
    columns = {table: [row[1] for row in database.execute(
        "PRAGMA main.table_info(%s)" % table)] for table, _, _ in HEARD}
    for device, blob in database.execute(
            "SELECT device, facts FROM pending ORDER BY id").fetchall():
        reader = Reader(blob)
        while reader.left():
            table, names, letters = HEARD[reader.number()]
            row = dict(zip(names.split(), map(reader.value, letters)),
                       device=device, times=1)
            row["first_ms"] = row.get("last_ms")
            database.execute(
                "INSERT INTO temp.%s VALUES(%s)"
                % (table, ", ".join("?" * len(columns[table]))),
                [row[name] for name in columns[table]])


def unpack(database):
    """Makes flow, minute, and what was heard with what is not merged yet,
    temporary tables of the connection, which come before the file's own."""
    for table in ("flow", "minute"):
        _unpack_flows(database, table)
    _unpack_heard(database)
