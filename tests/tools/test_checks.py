# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkers find what is planted, and let pass what is right."""

import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def check(tool, tree):
    done = subprocess.run([TOOLS / tool, tree], capture_output=True, text=True)
    return done.returncode, done.stdout


def plant(tree, path, text):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_text(text)


ALLOWED = [
    ("lib/decode/dns.c", '#include "base/cursor.h"\n#include "decode/dns.h"\n'),
    ("lib/decode/quic.c", "#include <openssl/evp.h>\n"),
    ("lib/client/https.c", "#include <sys/socket.h>\n#include <curl/curl.h>\n"),
    ("agent/guard/arp_linux.c", '#include "decode/arp.h"\n'),
    ("agent/main.c", '#include "guard/guard.h"\n#include "store/store.h"\n'),
    ("lib/base/buf.c", "#include <stdio.h>\nint a(void)\n{\n"
     "\treturn vsnprintf(0, 0, \"sprintf(\"); /* strcpy( */\n}\n"),
]

REFUSED = [
    ("lib/decode/dns.c", '#include "observe/flow.h"\n',
     "lib/decode may not include observe/flow.h"),
    ("lib/base/buf.c", '#include "decode/eth.h"\n',
     "lib/base may not include decode/eth.h"),
    ("lib/observe/flow.c", "#include <sys/socket.h>\n",
     "a library may not include <sys/socket.h>"),
    ("lib/know/oui.c", "#include <sqlite3.h>\n",
     "lib/know may not use sqlite3.h"),
    ("agent/guard/guard.c", '#include "decode/dns.h"\n',
     "agent/guard may not include decode/dns.h"),
    ("agent/engine/engine.c", '#include "store/store.h"\n',
     "agent/engine may not include store/store.h"),
    ("agent/web/api.c", "#include <pcap/pcap.h>\n",
     "agent/web may not use pcap/pcap.h"),
    ("collector/main.c", '#include "guard/guard.h"\n',
     "collector may not include guard/guard.h"),
    ("lib/base/text.c", "int a(char *b)\n{\n\treturn atoi(b);\n}\n",
     "atoi() is not used here"),
    ("agent/main.c", "int a(char *b)\n{\n\treturn system(b);\n}\n",
     "system() is not used here"),
]


@pytest.mark.parametrize("path,text", ALLOWED)
def test_an_allowed_include_passes(tmp_path, path, text):
    plant(tmp_path, path, text)
    status, printed = check("check-includes", tmp_path)
    assert (status, printed) == (
        0, "1 sources, 0 includes or calls out of order\n")


@pytest.mark.parametrize("path,text,complaint", REFUSED)
def test_a_planted_violation_is_found(tmp_path, path, text, complaint):
    plant(tmp_path, path, text)
    status, printed = check("check-includes", tmp_path)
    assert status == 1
    assert complaint in printed


def function(lines):
    return "int f(void)\n{\n" + "\tg();\n" * lines + "}\n"


def test_a_function_of_120_lines_passes(tmp_path):
    plant(tmp_path, "lib/base/buf.c", function(120) + function(3))
    assert check("check-length", tmp_path) == (
        0, "2 functions, 50.0 % of them under 60 lines, 0 over 120\n")


def test_a_function_of_121_lines_is_found(tmp_path):
    plant(tmp_path, "lib/base/buf.c", function(3) + function(121))
    status, printed = check("check-length", tmp_path)
    assert status == 1
    assert "lib/base/buf.c:8: a function of 121 lines" in printed


@pytest.mark.parametrize("tool", ["check-includes", "check-length"])
def test_a_tree_without_sources_fails(tmp_path, tool):
    assert check(tool, tmp_path)[0] == 1
