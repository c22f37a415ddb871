# SPDX-License-Identifier: GPL-3.0-or-later
"""A report and a release from the command line, and the report in a browser."""

import csv
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDY = os.environ.get("IOT_STUDY", str(ROOT / "build/release/iot-study"))
SAMPLE = ROOT / "study/sample"


def study(*words, status=0):
    done = subprocess.run([STUDY, *map(str, words)], text=True,
                          capture_output=True, timeout=120)
    assert done.returncode == status, done.stderr
    return done


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    path = tmp_path_factory.mktemp("homes") / "homes.fleet"
    study("simulate", "--homes", 60, "--seed", 3, path)
    return path


@pytest.fixture(scope="module")
def report(homes):
    out = homes.parent / "report"
    study("report", homes, "--out", out)
    return out


@pytest.mark.parametrize("words", [
    ["report"], ["report", "a"], ["report", "a", "b", "--out", "c"],
    ["report", "a", "--out", "b", "--method", "guess"],
    ["report", "a", "--out", "b", "--min-devices", "0"],
    ["release", "a"], ["release", "a", "--out", "b", "--k", "0"],
    ["release", "a", "--out", "b", "--coarsen-minutes", "x"],
    ["release", "a", "--out", "b", "--coarsen-minutes", "1000"]])
def test_wrong_use_is_told_and_ends_with_2(words):
    assert "usage:" in study(*words, status=2).stderr


def test_what_fails_is_one_line_and_leaves_nothing(homes, tmp_path):
    (tmp_path / "no.fleet").write_text("no fleet")
    for words in (["report", tmp_path / "no.fleet"],
                  ["release", tmp_path / "no.fleet"],
                  ["report", tmp_path / "none.fleet"],
                  ["report", homes, "--trackers", tmp_path / "none"],
                  ["report", homes, "--truth", tmp_path / "none"]):
        done = study(*words, "--out", tmp_path / "out", status=1)
        assert done.stderr.count("\n") == 1, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["no.fleet"]


@pytest.mark.parametrize("option", ["--trackers", "--truth"])
def test_a_file_that_is_not_there_is_told_before_a_source_is_read(
        option, tmp_path):
    done = study("report", SAMPLE, option, tmp_path / "none", "--fleet",
                 tmp_path / "kept", "--out", tmp_path / "out", status=1)
    assert done.stdout == ""
    assert done.stderr == ("iot-study report: could not read %s: No such file "
                           "or directory\n" % (tmp_path / "none"))
    assert not list(tmp_path.iterdir())


def test_truth_without_its_columns_is_told_with_its_file(homes, tmp_path):
    (tmp_path / "truth.csv").write_text("name,brand\na,b\n")
    done = study("report", homes, "--truth", tmp_path / "truth.csv", "--out",
                 tmp_path / "out", status=1)
    assert "truth.csv:1: there is no column vendor" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_report_is_the_same_again_and_its_sums_hold(homes, report, tmp_path):
    study("report", homes, "--threads", 1, "--out", tmp_path / "again")
    sums = (report / "SHA256SUMS").read_text()
    assert sums == (tmp_path / "again/SHA256SUMS").read_text()
    for line in sums.splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(
            (report / name).read_bytes()).hexdigest() == digest
    assert {p.name for p in report.iterdir()} == {
        line.split("  ")[1] for line in sums.splitlines()} | {"SHA256SUMS"}


def test_the_first_table_has_the_columns_that_scripts_read(report):
    found = rows(report / "table1.csv")
    assert list(found[0]) == ["method", "validated", "not_validated",
                              "no_data"]
    assert [row["method"] for row in found] == [
        "domain_common", "domain_vendor", "discovery", "oui"]
    for row in found:
        assert abs(sum(float(row[c]) for c in list(row)[1:]) - 1) < 1e-5


def test_every_table_can_be_had_without_guessed_names(homes, report, tmp_path):
    out = tmp_path / "certain"
    study("report", homes, "--certain", "--out", out)
    assert (out / "domains.csv").read_text() != (
        report / "domains.csv").read_text()
    assert (out / "table1.csv").read_text() == (
        report / "table1_certain.csv").read_text()
    for table, pairs in (
            ("agreement", ["devices", "share"]),
            ("table4", ["to_trackers", "to_non_trackers"]),
            ("tracking", ["to_trackers"]),
            ("domains", ["devices", "median", "most"]),
            ("platforms", ["devices", "vendors"])):
        for row in rows(out / (table + ".csv")):
            for column in pairs:
                assert row[column] == row[column + "_certain"]
    steps = {row["step"]: row["devices"]
             for row in rows(report / "population.csv")}
    devices = sum(int(row["devices"]) for row in rows(out / "table2.csv"))
    assert devices == int(steps["validated, certain"])


@pytest.mark.parametrize("text, why", [
    ("id,vendor\na,x\nb,y\nb,z\na,x\n", "b is in two rows that differ"),
    ("id,vendor,computer\na,x,0\nb,x,maybe\n", "truth.csv:3: "),
    ("id,vendor\na,x\nb,x,y\n", "truth.csv:3: "),
    ("id,vendor\na,x\nb,\"x\n", "truth.csv:3: a quote is opened"),
    ("id,vendor\nnobody,x\n", "none of its rows is a device of the fleet"),
    ("id,oui,vendor\n,,x\n", "neither an id nor an oui")])
def test_truth_that_is_none_is_refused(homes, tmp_path, text, why):
    (tmp_path / "truth.csv").write_text(text)
    done = study("report", homes, "--truth", tmp_path / "truth.csv", "--out",
                 tmp_path / "out", status=1)
    assert done.stderr.endswith("\n") and done.stderr.count("\n") == 1
    assert "truth.csv:" in done.stderr and why in done.stderr


def test_both_ways_of_standardising_are_scored(report):
    assert [row["standard"] for row in rows(report / "score_labels.csv")] == [
        "paper", "improved"]
    found = rows(report / "score.csv")
    assert {row["truth"] for row in found} == {"simulated"}
    assert {row["standard"] for row in found} == {"paper", "improved"}


def test_the_example_gives_its_tables(tmp_path):
    study("import", SAMPLE, tmp_path / "a.fleet")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "out",
          "--truth", SAMPLE / "truth.csv")
    outcome = {row["method"]: row for row in rows(tmp_path / "out/table1.csv")}
    # of six things one is labelled with a slip, one by a brand and one wrongly:
    # three go to a host of their vendor's name, four have an address of its
    assert outcome["domain_vendor"]["validated"] == "0.5"
    assert outcome["oui"]["validated"] == "0.666667"
    assert outcome["domain_common"]["no_data"] == "1.0"
    missing = {row["table"]: row["lacks"]
               for row in rows(tmp_path / "out/missing.csv")}
    assert missing == {"table5": "zones", "views": "views"}
    score = rows(tmp_path / "out/score.csv")
    assert {row["truth"] for row in score} == {"real"}
    assert {row["right_labels"] for row in score} == {"4"}
    labels = rows(tmp_path / "out/score_labels.csv")
    assert [row["right_vendor"] for row in labels] == ["0.666667"] * 2
    assert "of which 3 have their true vendor as typed" in (
        tmp_path / "out/report.md").read_text()


def test_a_full_release_gives_every_table_again(homes, report, tmp_path):
    study("release", homes, "--full", "--out", tmp_path / "release")
    study("import", tmp_path / "release", tmp_path / "again.fleet")
    study("report", tmp_path / "again.fleet", "--out", tmp_path / "again")
    found = {path.name for path in (tmp_path / "again").glob("*.csv")}
    assert found == {path.name for path in report.glob("*.csv")}
    # but for what was typed that looks like a person's
    before = rows(report / "changes.csv")
    after = rows(tmp_path / "again/changes.csv")
    gone = [row for row in before if row not in after]
    assert not [row for row in after if row not in before]
    assert 0 < len(gone) < 5
    personal = {row["after"] for row in gone}
    assert personal == {"anna's my cloud storage", "anna's cloud storage"}
    for name in found - {"changes.csv"}:
        told = (tmp_path / "again" / name).read_text().splitlines()
        once = (report / name).read_text()
        for text in personal:
            once = once.replace(text, "withheld")
        # where it stands among its equals goes by the name
        assert sorted(told) == sorted(once.splitlines()), name
        if "withheld" not in once:
            assert told == once.splitlines(), name
    # a place is nobody, though it ends in an s
    assert any("upstairs galaxy" in row["after"] for row in after)


def test_tables_of_labels_are_those_that_were_asked_for(homes, report,
                                                        tmp_path):
    shutil.copy(homes, tmp_path / "a.fleet")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/not-vendors.txt").write_text(
        "amazon: left out to see that it is\n")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "without",
          "--tables", tmp_path / "labels")
    study("report", tmp_path / "a.fleet", "--out", tmp_path / "with")
    assert "\namazon," not in (tmp_path / "without/table2.csv").read_text()
    assert (tmp_path / "with/table2.csv").read_text() == (
        report / "table2.csv").read_text()


def test_a_release_says_what_it_lacks(homes, tmp_path):
    study("release", homes, "--k", 1, "--out", tmp_path / "release")
    study("import", tmp_path / "release", tmp_path / "again.fleet")
    study("report", tmp_path / "again.fleet", "--out", tmp_path / "again")
    missing = {row["table"]: row["lacks"]
               for row in rows(tmp_path / "again/missing.csv")}
    # hosts that are named for an address are not told at any k
    assert missing["table5"] == "zones, countries"
    assert "tracking" not in missing and "table4" not in missing
    assert missing["figure3"] == "users"
    assert missing["table2"] == "users, names"
    assert not (tmp_path / "again/table2.csv").exists()
    outcome = {row["method"]: row
               for row in rows(tmp_path / "again/table1.csv")}
    assert set(list(outcome["oui"].values())[1:]) == {""}
    assert float(outcome["domain_vendor"]["validated"]) > 0.4


def figures(folder):
    """{(table, row, figure): value} of what a table of bounds may name."""
    found = {}
    for table in ("table1", "table1_certain", "agreement", "population",
                  "table4", "tracking", "platforms"):
        for row in rows(folder / (table + ".csv")):
            name, *_ = row.values()
            for figure, value in row.items():
                found[table, name, figure] = value
    return found


def read_again(fleet, folder, *how):
    """The report of a release, whose contacts are told as asked."""
    study("release", fleet, *how, "--out", folder / "release")
    study("import", "--replace", folder / "release", folder / "again.fleet")
    out = folder / ("report" + "".join(how))
    study("report", folder / "again.fleet", "--out", out)
    return out


@pytest.mark.parametrize("how", [[], ["--full"]])
def test_what_a_release_withheld_is_between_its_bounds(homes, tmp_path, how):
    told = figures(read_again(homes, tmp_path, *how, "--k", "1"))
    out = read_again(homes, tmp_path, *how, "--k", "5")
    least = figures(out)
    bounds = rows(out / "bounds.csv")
    assert {row["table"] for row in bounds} >= {
        "table1", "table1_certain", "agreement", "population", "tracking",
        "platforms"}
    for row in bounds:
        key = row["table"], row["row"], row["figure"]
        low, high = float(row["least"]), float(row["most"])
        assert low <= high
        if least.get(key):
            assert float(least[key]) == pytest.approx(low), key
        # but for shares of devices that are validated whatever was withheld
        if row["table"] not in ("table4", "tracking"):
            assert low - 1e-6 <= float(told.get(key, 0)) <= high + 1e-6, key
    assert any(row["least"] != row["most"] for row in bounds)
    missing = {row["table"]: row["lacks"] for row in rows(out / "missing.csv")}
    assert missing["domains"] == missing["domain_counts"] == "withheld"
    assert not {"table1", "table4", "tls", "tracking"} & missing.keys()
    page = (out / "report.md").read_text()
    assert re.search(r"- withheld: \d+ of \d+ flows to the Internet, of \d+ of"
                     r" \d+ devices\n", page)
    said = {row["table"] for row in rows(out / "withheld.csv")}
    assert said == {"population", "table1", "table1_certain", "agreement",
                    "table4", "tracking", "platforms", "tls", "fingerprints",
                    *(("table2", "table3", "score") if how else ())}
    assert page.count("*Contacts are withheld: ") == len(said)


def browse(page, folder):
    """What it is once its script has run, and what the browser said."""
    return subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
         "--user-data-dir=%s" % folder, "--dump-dom",
         "--enable-logging=stderr", page.as_uri()],
        text=True, capture_output=True, timeout=60, check=True)


# The page's own policy lets nobody add this to it.
CLICK = """<script>document.querySelector(
'#%s th[data-name="%s"] button').click()</script></body>"""


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_a_click_on_a_heading_sorts_its_table(report, tmp_path):
    text = re.sub(r"<meta http-equiv[^>]*>", "",
                  (report / "index.html").read_text())
    for table, column, how in (("table1", "method", {}),
                               ("table3", "vendors", {"key": int,
                                                      "reverse": True})):
        page = tmp_path / (table + ".html")
        page.write_text(text.replace("</body>", CLICK % (table, column)))
        found = rows(report / (table + ".csv"))
        section = re.search('<section id="%s">.*?</section>' % table,
                            browse(page, tmp_path / column).stdout, re.DOTALL)
        body = re.search("<tbody>.*</tbody>", section[0], re.DOTALL)
        shown = [re.findall("<td[^>]*>(.*?)</td>", row)[
            list(found[0]).index(column)]
            for row in re.findall("<tr>(.*?)</tr>", body[0], re.DOTALL)]
        before = [row[column] for row in found]
        assert shown == sorted(before, **how) != before


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
def test_the_report_in_a_browser_has_figures_and_sortable_tables(
        report, tmp_path):
    done = browse(report / "index.html", tmp_path)
    assert "Content Security Policy" not in done.stderr
    assert "Uncaught" not in done.stderr
    for figure in ("figure3", "figure4", "figure5"):
        section = re.search('<section id="%s">.*?</section>' % figure,
                            done.stdout, re.DOTALL)
        assert "<svg" in section[0], figure
    assert '<th scope="col" data-name="vendor"><button' in done.stdout
    assert "United States (US)" in done.stdout
