# SPDX-License-Identifier: GPL-3.0-or-later
"""All that is held can be given to a study."""

import csv
import fcntl
import os

import pytest

import upload
from program import wait_until
from test_crowd import age

TABLES = ("accounts", "devices", "labels", "flows", "questions", "names",
          "http", "hellos", "clues", "views")


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def exported(collector, tmp_path):
    def export(name="out"):
        collector.command("export", str(tmp_path / name))
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == \
            sorted(table + ".csv" for table in TABLES)
        return {table: read(tmp_path / name / (table + ".csv"))
                for table in TABLES}
    return export


def test_every_row_held_is_exported_as_it_was_sent(collector, exported):
    one, two = collector.inspector(1), collector.inspector(2)
    one.upload(1, 2, flows=3)
    two.upload(1, flows=1)
    tables = exported()
    assert {table: len(rows) for table, rows in tables.items()} == {
        "accounts": 2, "devices": 2, "flows": 7, "labels": 3, "questions": 3,
        "names": 3, "http": 3, "hellos": 3, "clues": 3, "views": 3}
    sent = upload.flow(1, number=2)
    flow = tables["flows"][2]
    columns = upload.COLUMNS["flow"][1:]
    assert [flow[name] for name in columns] == [str(v) for v in sent[1:]]
    assert int(flow["end"]) == upload.END + 5
    assert flow["account"] == tables["flows"][3]["account"]
    assert flow["account"] != tables["flows"][6]["account"]
    label = tables["labels"][0]
    assert (label["name"], label["category"], label["vendor"],
            label["source"]) == ("TV in the hall", "tv", "Acme", "typed")
    assert label["time"] == str(upload.END + 5)
    hello = upload.segment(1)["hello"][0]
    assert list(tables["hellos"][0].values())[2:] == \
        [str(value) for value in hello[1:]]
    assert (tables["views"][0]["view"], tables["views"][0]["seconds"]) == \
        ("devices", "2.500")
    assert (tables["devices"][0]["oui"], tables["devices"][0]["watched"]) == \
        ("3c5ab4", "1")
    assert tables["accounts"][0]["consent"] == collector.consent


def test_rows_belong_to_their_device(collector, exported):
    home = collector.inspector()
    home.upload(1, flows=4, devices=2)
    tables = exported()
    devices = [row["device"] for row in tables["devices"]]
    assert [row["device"] for row in tables["flows"]] == devices * 2


def test_no_two_exports_can_be_joined(collector, exported):
    home = collector.inspector()
    home.upload(1)
    first, second = exported("first"), exported("second")
    for table, column in (("accounts", "account"), ("flows", "account"),
                          ("flows", "device"), ("devices", "device")):
        values = [tables[table][0][column] for tables in (first, second)]
        assert values[0] != values[1]
        assert home.account not in values
        assert upload.device_id(1, 0) not in values


def test_texts_of_homes_keep_their_commas_and_quotes(collector, exported):
    home = collector.inspector()
    text = 'a "quoted", =1+1'
    home.send(upload.pack(home.body(upload.segment(
        1, label=[[0, text, "tv", None, "typed"]]))))
    label = exported()["labels"][0]
    assert (label["name"], label["vendor"]) == (text, "")


def test_nothing_is_written_over(collector, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    done = collector.command("export", str(tmp_path / "out"), check=False)
    assert done.returncode == 1
    assert done.stderr == "iot-collector: %s: there is something of this " \
        "name\n" % (tmp_path / "out")
    assert (tmp_path / "out" / "mine").read_text() == "mine"


def test_what_was_left_half_is_replaced_and_what_is_written_is_not(
        collector, tmp_path):
    part = tmp_path / "out.part"
    part.mkdir()
    (part / "flows.csv").write_text("account")
    held = os.open(part, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    done = collector.command("export", str(tmp_path / "out"), check=False)
    assert (done.returncode, done.stderr) == (
        1, "iot-collector: %s: File exists\n" % part)
    assert (part / "flows.csv").read_text() == "account"
    os.close(held)
    collector.command("export", str(tmp_path / "out") + "/")
    assert [path.name for path in tmp_path.glob("out*")] == ["out"]
    assert len(list((tmp_path / "out").iterdir())) == len(TABLES)


def test_every_export_is_recorded(collector, exported):
    collector.inspector().upload(1)
    exported()
    collector.command("export", "--table", "flows")
    collector.command("export", "--table", "flaws", check=False)
    log = [line.split("\t")[1:] for line in
           collector.command("token", "log").stdout.splitlines()]
    assert log == [["machine", "all"], ["machine", "flows"]]


def test_one_table_can_be_printed(collector):
    collector.inspector().upload(1, flows=2)
    printed = collector.command("export", "--table", "flows").stdout
    rows = list(csv.DictReader(printed.splitlines()))
    assert [row["in_bytes"] for row in rows] == ["45000", "45000"]
    wrong = collector.command("export", "--table", "flaws", check=False)
    assert (wrong.returncode, wrong.stderr) == (
        1, "iot-collector: flaws: there is no such table\n")


def test_a_researcher_reads_what_days_come_to(make_collector, tmp_path):
    """The study, and whoever draws a chart, needs no raw flow for it."""
    collector = make_collector()
    home = collector.inspector(1)
    assert home.upload(1, 2, 3, flows=2, devices=2).status == 200
    collector.stop()
    age(collector, 1)
    collector.start()
    assert home.upload(4).status == 200
    wait_until(lambda: collector.metrics()["sealed_days"] == 1, "the seal")
    sealed, opened = {}, {}
    collector.command("export", "--rollups", str(tmp_path / "out"))
    tables = {path.stem: read(path) for path in (tmp_path / "out").iterdir()}
    assert sorted(tables) == ["daily_activity", "daily_endpoints",
                              "daily_hellos", "daily_names"]
    days = sorted({row["day"] for row in tables["daily_activity"]})
    assert len(days) == 2
    for name, rows in tables.items():
        assert {row["account"] for row in rows} == \
            {tables["daily_activity"][0]["account"]}
        sealed[name] = [row for row in rows if row["day"] == days[0]]
        opened[name] = [row for row in rows if row["day"] == days[1]]
    for tables, numbers in (sealed, (1, 2, 3)), (opened, (1, 2, 3, 4)):
        check_sums(tables, numbers)


def check_sums(tables, numbers):
    """Of segments of two flows, some of a second device."""
    [activity] = tables["daily_activity"]
    assert (activity["windows"], activity["devices"]) == (
        str(len(numbers)), "2")
    assert activity["first_seen"] == str(upload.END + 5 * numbers[0])
    assert activity["last_seen"] == str(upload.END + 5 * numbers[-1])
    flows = [upload.flow(i, number=n) for n in numbers for i in (0, 1)]
    out = upload.COLUMNS["flow"].index("out_bytes")
    assert sum(int(row["out_bytes"]) for row in tables["daily_endpoints"]) \
        == sum(flow[out] for flow in flows)
    assert sum(int(row["windows"]) for row in tables["daily_endpoints"]) \
        == 2 * len(numbers)
    assert len({row["device"] for row in tables["daily_endpoints"]}) == 2
    name, sent = tables["daily_names"][0], upload.segment(1)["name"][0]
    assert [name["address"], name["name"]] == sent[2:4]
    [hello] = tables["daily_hellos"]
    assert (hello["ja4"], hello["hellos"]) == \
        (upload.segment(1)["hello"][0][-1], str(len(numbers)))
