# SPDX-License-Identifier: GPL-3.0-or-later
"""`iot-inspector data`: which lists it knows things from, how much each has,
how old it is and under which licence; and lists that its user adds."""

import os
import pwd
import re
import subprocess
import tempfile

import pytest

import reference

ROW = re.compile(r"(\S.*?) +(\d+)  (\d{4}-\d\d-\d\d|version \S+|with the program"
                 r"|with libpsl|not told) +(\S.*)")
# of tables of our own, and of what is linked
ALWAYS = {"names of cipher suites", "hosts of things and their makers",
          "what devices are told by", "public suffixes",
          "public DNS resolvers"}
# of a package: what is said where there was none
ELSE = {"vendors of hardware addresses": "vendors of devices",
        "malicious hosts": "malicious hosts",
        "countries of addresses": "countries of addresses",
        "networks of addresses": "networks of addresses"}
RULES = "! Title: Hosts to look at\n||one.example^\n||two.example^\n"


def becomes():
    """Whom root becomes for it."""
    for name in ("iot-inspector", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise AssertionError("there is nobody to become")


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        data_dir = os.path.join(path, "data")
        os.mkdir(data_dir, 0o700)
        if os.geteuid() == 0:
            os.chown(data_dir, becomes().pw_uid, becomes().pw_gid)
        yield path


def data(folder, *words):
    return subprocess.run(
        [reference.BINARY, "data", "--data-dir", folder + "/data", *words],
        capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"]})


def shown(folder):
    """(name and what it has, entries, date, licence) of each list, and the
    other lines."""
    ran = data(folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()[1:]
    rows = [ROW.fullmatch(line.strip()) for line in lines]
    return ([row.groups() for row in rows if row],
            [line for line, row in zip(lines, rows) if not row])


def imported(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return data(folder, "import", path)


def test_each_list_says_how_much_it_has_how_old_it_is_and_its_licence(folder):
    rows, others = shown(folder)
    assert all(line.startswith("not known: ") for line in others), others
    assert all(int(entries) > 0 for _, entries, _, _ in rows)
    has = [what for what, _, _, _ in rows]
    for what in ALWAYS:
        assert any(one.endswith(what) for one in has), what
    for what, part in ELSE.items():
        assert any(one.endswith(what) for one in has) != any(
            line.startswith(f"not known: {part} ") for line in others), what


def test_what_their_licences_ask_is_told_with_where_they_are_from(folder):
    ran = data(folder, "notices")
    assert (ran.returncode, ran.stderr) == (0, "")
    for what, _, _, licence in shown(folder)[0]:
        if what.endswith(("told by", "suffixes", "resolvers")):
            continue  # in the program, not in its file of lists
        head = re.compile(r"^%s: %s$" % (
            re.sub(r"(\\ )+", ",? +", re.escape(what)), re.escape(licence)),
            re.MULTILINE)
        found = head.search(ran.stdout)
        assert found, what
        origin = ran.stdout[found.end():].splitlines()[1]
        assert origin.startswith(("https://", "data/ of ")), (what, origin)


def test_a_list_is_imported_shown_and_removed(folder):
    ran = imported(folder, "rules.txt", RULES)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith('imported "Hosts to look at": 2 entries')
    assert any("hosts-to-look-at:" in line for line in shown(folder)[1])
    assert ["2", "not told", "not told"] in [
        row for what, *row in shown(folder)[0]
        if what.startswith("Hosts to look at")]
    assert data(folder, "remove", "hosts-to-look-at").stdout == "removed\n"
    assert not any("hosts-to-look-at" in line for line in shown(folder)[1])
    ran = data(folder, "remove", "hosts-to-look-at")
    assert (ran.returncode, ran.stderr) == (
        1, "iot-inspector: hosts-to-look-at: no such list was imported\n")


def test_what_is_no_list_is_refused_in_one_line(folder):
    ran = imported(folder, "picture.png", "\x89PNG\n")
    assert ran.returncode == 1 and ran.stdout == ""
    assert "no list of a known kind" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert not any("imported" in line for line in shown(folder)[1])
