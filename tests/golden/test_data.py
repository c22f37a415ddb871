# SPDX-License-Identifier: GPL-3.0-or-later
"""`iot-inspector data`: which lists it knows things from, how much each has,
how old it is and under which licence; lists that its user adds; and how its
own file of lists is made of what packages there are."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
DATA = Path(__file__).resolve().parents[2] / "data"
GEOIP = """# Generated: Fri, 02 Jan 2026 05:00:00
3405803776,3405804031,US
3405804032,3405804287,DE
"""
GEOIP6 = "2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,FR\n"
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


@pytest.fixture
def maker(folder):
    """make-reference and the tables of our own, on a system with packages that
    the test makes."""
    made = Path(folder) / "made"
    made.mkdir()
    for path in (*DATA.glob("*.txt"), DATA / "make-reference"):
        shutil.copy(path, made)
    (made / "sources.py").write_text(
        (DATA / "sources.py").read_text().replace(
            '"/usr/share/', '"%s/share/' % folder))
    tor = Path(folder) / "share/tor"
    tor.mkdir(parents=True)
    (tor / "geoip").write_text(GEOIP)
    (tor / "geoip6").write_text(GEOIP6)
    return made


def make(maker):
    """Ends with this status, having said so; the file, if there is one."""
    out = maker.parent / "data" / "lists" / "made.know"
    out.parent.mkdir(exist_ok=True)
    ran = subprocess.run(
        [sys.executable, "-B", maker / "make-reference", out, maker / "made.S"],
        capture_output=True, text=True, timeout=60, check=False)
    return (ran.returncode, ran.stderr.splitlines(),
            out.read_bytes() if out.exists() else None)


def of_made(folder):
    """{what: (entries, date)} of the file that was made: the reader takes it
    as it takes an imported one."""
    ran = data(folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = ran.stdout.split("\nmade:\n")[1].splitlines()
    # what it has begins behind the name's 20 characters
    return {row.strip()[21:].split("  ")[0]: ROW.fullmatch(row.strip()).groups()[1:3]
            for row in rows}


def test_the_file_is_made_of_the_packages_there_are(folder, maker):
    status, said, first = make(maker)
    assert status == 0
    shown_of = of_made(folder)
    assert shown_of["countries of addresses"] == ("3", "2026-01-02")
    for what in ("names of cipher suites", "hosts of things and their makers"):
        entries, date = shown_of[what]
        assert int(entries) > 100 and date == "with the program"
    assert {line.split(" will not be known: there is no ")[0]
            for line in said} == {"reference data: " + what for what in (
                "vendors of devices", "companies of web hosts",
                "trackers and advertisers", "malicious hosts",
                "names of countries", "networks of addresses",
                "meanings of ports")}
    assert make(maker) == (0, said, first)  # the same bytes
    (Path(folder) / "share/tor/geoip").write_text(
        GEOIP.replace("02 Jan", "03 Feb"))
    assert make(maker)[2] != first
    assert of_made(folder)["countries of addresses"] == ("3", "2026-02-03")


def test_of_a_package_that_is_half_there_nothing_is_used(folder, maker):
    (Path(folder) / "share/tor/geoip6").unlink()
    status, said, half = make(maker)
    assert status == 0
    assert any(line.startswith("reference data: countries of addresses will "
                               "not be known") for line in said)
    shutil.rmtree(Path(folder) / "share/tor")
    assert make(maker)[2] == half


def test_one_that_cannot_be_read_leaves_the_file_as_it_was(folder, maker):
    _, _, before = make(maker)
    (Path(folder) / "share/tor/geoip").write_text("nothing of it is known\n")
    names = sorted(os.listdir(folder + "/data/lists")), sorted(
        os.listdir(maker))
    status, said, after = make(maker)
    assert status != 0 and said
    assert after == before
    assert names == (sorted(os.listdir(folder + "/data/lists")),
                     sorted(os.listdir(maker)))
