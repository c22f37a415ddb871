# SPDX-License-Identifier: GPL-3.0-or-later
"""One SELECT on an SQLite file, run inside a host (SQLite follows links of
/proc, so it cannot open the file from outside).

Usage: query.py FILE SQL [HEX], with HEX the blob that takes the place of a
question mark. Prints the rows as JSON, blobs in hexadecimal. What the file
has packed is there as tables (packed.py).
"""

import json
import sqlite3
import sys

import packed

DEADLINE_S = 30


def main():
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True,
                               timeout=DEADLINE_S, isolation_level=None)
    database.execute("BEGIN")  # all of it is of one moment
    packed.unpack(database)
    values = [bytes.fromhex(text) for text in sys.argv[3:]]
    rows = database.execute(sys.argv[2], values).fetchall()
    json.dump([[v.hex() if isinstance(v, bytes) else v for v in row]
               for row in rows], sys.stdout)


main()
