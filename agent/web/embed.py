#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py DIST OUT: the built page's files as C, compressed.

Without a built page there is one that says so. OUT is only written when it
changes, so that asking at each build costs nothing."""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>IoT Inspector</title>
<h1>IoT Inspector</h1>
<p>This program was built without its page. Build it with <code>./dev
build</code>, which builds the page first. The interface for programs is at
<a href="/api/status">/api/status</a>.</p>
</html>
"""


def files(dist):
    """(path it is served at, its bytes), sorted."""
    if not (dist / "index.html").is_file():
        return [("/", "index.html", NOT_BUILT.encode())]
    found = []
    for path in sorted(dist.rglob("*")):
        if not path.is_file():
            continue
        name = path.relative_to(dist).as_posix()
        if path.suffix not in TYPES:
            sys.exit("embed.py: no content type is known for %s" % name)
        served = "/" if name == "index.html" else "/" + name
        found.append((served, name, path.read_bytes()))
    return found


def c_bytes(data):
    lines = (data[i:i + 16] for i in range(0, len(data), 16))
    return "\n".join("\t" + ",".join("%d" % byte for byte in line) + ","
                     for line in lines)


def generate(dist):
    arrays, rows = [], []
    for number, (served, name, data) in enumerate(files(dist)):
        packed = gzip.compress(data, 9, mtime=0)
        digest = hashlib.sha256(data).hexdigest()[:32]
        arrays.append("static const unsigned char file_%d[] = {\n%s\n};\n"
                      % (number, c_bytes(packed)))
        rows.append('\t{ "%s", "%s", "\\"%s\\"", file_%d, %d, %d, %s },'
                    % (served, TYPES[Path(name).suffix], digest, number,
                       len(packed), len(data),
                       "true" if served.startswith("/assets/") else "false"))
    return ('#include "web/asset.h"\n\n%s\nconst struct asset assets[] = {\n'
            '%s\n};\nconst size_t asset_count = %d;\n'
            % ("\n".join(arrays), "\n".join(rows), len(rows)))


def main():
    out = Path(sys.argv[2])
    text = generate(Path(sys.argv[1]))
    if not out.is_file() or out.read_text() != text:
        out.write_text(text)


if __name__ == "__main__":
    main()
