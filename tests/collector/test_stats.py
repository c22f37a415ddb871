# SPDX-License-Identifier: GPL-3.0-or-later
"""What a group sees of its collector: who was active, how long, and how the
store is; and that monitoring reads it."""

import datetime
import http.client
import json
import sqlite3
import time

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families)

import upload
from program import DEADLINE, today, wait_until
from test_crowd import age


def samples(text):
    """{(name, labels): value} of what a parser takes for OpenMetrics."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


@pytest.fixture
def two_days(make_collector):
    """A home of yesterday that is here today, and one that is new; the first
    day is sealed."""
    collector = make_collector()
    old, new = collector.inspector(1), collector.inspector(2)
    assert old.upload(1, 2, 3, devices=2).status == 200
    collector.stop()
    age(collector, 1)
    with sqlite3.connect(collector.data_dir / "collector.db") as store:
        store.execute("UPDATE account SET made_s = made_s - 86400 "
                      "WHERE name = ?", (bytes.fromhex(old.account),))
    store.close()
    collector.start()
    assert new.upload(*range(1, 13)).status == 200
    wait_until(lambda: collector.metrics()["sealed_days"] == 1, "the seal")
    return collector


def two_dates():
    return [str(today() - datetime.timedelta(days=1)), str(today())]


def test_each_day_has_its_users_devices_labels_and_durations(two_days):
    stats = two_days.stats()
    yesterday, latest = two_dates()

    def spans(accounts, total, median, most):
        return {"accounts": accounts, "total_s": total, "median_s": median,
                "p90_s": most}
    assert stats["daily"] == [
        {"day": yesterday, "sealed": True, "active": 1, "new": 1,
         "existing": 0, "devices": 2, "labels": 1,
         "inspected": spans(1, 15, 15, 15)},
        {"day": latest, "sealed": False, "active": 2, "new": 1,
         "existing": 1, "devices": 3, "labels": 1,
         "inspected": spans(2, 75, 15, 15)}]
    assert stats["inspected"] == spans(2, 90, 30, 30)
    assert (stats["accounts"], stats["devices"], stats["watched"],
            stats["labelled"]) == (2, 3, 3, 2)
    assert stats["free_bytes"] > 0
    assert stats["erasures"] == stats["unsealed_days"] == 0
    assert abs(stats["written"] - time.time()) < 3600
    assert [day["day"] for day in json.loads(two_days.command(
        "stats", "--json", "--days", "1").stdout)["daily"]] == [latest]


def test_a_label_counts_when_it_says_something_else(collector):
    """Not when it comes again; what came before on another day is above."""
    home = collector.inspector()
    for number, row in enumerate((
            [0, "TV in the hall", "tv", "Acme", "typed"],
            [0, "TV in the hall", "tv", "Acme", "confirmed"],
            [0, "TV in the hall", "tv", "Acme", "confirmed"],
            [1, "TV in the hall", "tv", "Acme", "confirmed"],
            [0, "TV in the hall", "tv", "Acme", "typed"],
            [0, None, "tv", "Acme", "typed"])):
        assert home.send(upload.pack(home.body(upload.segment(
            1 + number, devices=2, label=[row])))).status == 200
    stats = collector.stats()
    assert [day["labels"] for day in stats["daily"]] == [5]
    assert (stats["label"], stats["labelled"]) == (6, 2)


def test_what_is_erased_counts_no_more(two_days):
    gone = two_days.inspector(1, join=False)
    gone.erase("everything")
    assert [day["active"] for day in two_days.stats()["daily"]] == [0, 1]


def test_the_table_for_people_says_the_same(two_days):
    lines = [line.split() for line in
             two_days.command("stats").stdout.splitlines()]
    yesterday, latest = two_dates()
    assert ["accounts", "2"] in lines
    assert [yesterday, "1", "1", "0", "2", "1", "0.0", "0.2m",
            "0.2m"] in lines
    assert [latest, "2", "1", "1", "3", "1", "0.0", "0.2m", "0.2m",
            "open"] in lines


def test_a_parser_reads_stats_as_open_metrics(two_days):
    found = samples(two_days.command("stats", "--openmetrics").stdout)
    _, latest = two_dates()
    day = ("day", latest)
    assert found["iot_collector_held_flow", ()] == 36
    assert found["iot_collector_day_accounts", (day,)] == 2
    assert found["iot_collector_day_new_accounts", (day,)] == 1
    name = "iot_collector_day_inspected_seconds"
    assert found[name, (day, ("quantile", "0.5"))] == 15
    assert found[name + "_sum", (day,)] == 75
    assert found[name + "_count", (day,)] == 2


def test_a_parser_reads_the_running_collectors_metrics(collector):
    assert collector.inspector().upload(1).status == 200
    connection = http.client.HTTPConnection("127.0.0.1",
                                            collector.metrics_port,
                                            timeout=DEADLINE)
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    assert response.getheader("Content-Type").startswith(
        "application/openmetrics-text")
    found = samples(response.read().decode())
    connection.close()
    assert found["iot_collector_uploads_total", ()] == 1
    assert found["iot_collector_connections_open", ()] >= 0


def test_no_store_and_an_empty_one_are_told_apart(collector, tmp_path):
    assert sum(day["active"] for day in collector.stats()["daily"]) == 0
    collector.data_dir = tmp_path / "none"
    done = collector.command("stats", check=False)
    assert (done.returncode, "there is no store" in done.stderr) == (1, True)
