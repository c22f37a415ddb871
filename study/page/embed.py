#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py DIST OUT: the report's script and style as C.

Without a built page the report has its tables only. OUT is only written when
it changes, so that asking at each build costs nothing."""

import base64
import hashlib
import sys
from pathlib import Path


def c_bytes(name, data):
    lines = (data[i:i + 16] for i in range(0, len(data), 16))
    rows = "\n".join("\t" + ",".join("%d" % byte for byte in line) + ","
                     for line in lines)
    return ("const unsigned char %s[] = {\n%s\n\t0\n};\nconst size_t %s_bytes = %d;\n"
            % (name, rows, name, len(data)))


def generate(dist):
    files = {}
    for name in ("report.js", "report.css"):
        path = dist / name
        files[name] = path.read_bytes().strip() if path.is_file() else b""
        if b"</script" in files[name].lower():
            sys.exit("embed.py: %s would end its element" % name)
    digest = hashlib.sha256(files["report.js"]).digest()
    return ('#include "study/report_page.h"\n\n%s\n%s\n'
            'const char report_script_hash[] = "sha256-%s";\n'
            % (c_bytes("report_script", files["report.js"]),
               c_bytes("report_style", files["report.css"]),
               base64.b64encode(digest).decode()))


def main():
    out = Path(sys.argv[2])
    text = generate(Path(sys.argv[1]))
    if not out.is_file() or out.read_text() != text:
        out.write_text(text)


if __name__ == "__main__":
    main()
