# SPDX-License-Identifier: GPL-3.0-or-later
"""What homes are given back: only what enough of them agree on."""

import datetime
import json
import sqlite3

import pytest
import upload
from program import today, wait_until

MS = (upload.END + 5) * 1000 - 3000
KNOWN = "198.51.100.9"
HOST = "telemetry.acme.example"
JA4 = upload.segment(1)["hello"][0][-1]


@pytest.fixture
def crowd(make_collector):
    """A collector that believes homes on their first day."""
    return make_collector("--crowd-days", "1", "--crowd-every", "1",
                          "--uploads-per-minute", "1000")


def share(home, number=1, host=HOST, vendor="Acme", name="TV in the hall",
          source="typed", category="tv", sources=("dns",)):
    """A home with a labelled TV that knows an address by name."""
    assert home.send(upload.pack(home.body(upload.segment(
        number, home=home.number, flows=0,
        flow=[upload.flow(number, remote=KNOWN)],
        question=[], http=[], clue=[], view=[],
        name=[[0, MS, KNOWN, host, of, None, 0] for of in sources],
        label=[[0, name, category, vendor, source]])))).status == 200


def ask_name(home, number, address=KNOWN):
    """Names in the reply to an upload that has none for the address."""
    reply = home.send(upload.pack(home.body(upload.segment(
        number, flows=0, flow=[upload.flow(number, remote=address)],
        question=[], name=[], http=[], hello=[], clue=[], label=[],
        view=[]))))
    assert reply.status == 200
    return reply.json["names"]


def wait_for_crowd(collector):
    """Until what homes are told was made of all that is there now."""
    made = collector.metrics()["crowd_made"]
    wait_until(lambda: collector.metrics()["crowd_made"] > made + 1,
               "the crowd")


def ask(home, path, body):
    return home.collector.ask("POST", path, json.dumps(body),
                              home.login()).json


def numbers():
    number = 1000
    while True:
        number += 1
        yield number


def test_a_name_is_given_when_three_homes_agree(crowd):
    asking, number = crowd.inspector(99), numbers()
    for home in range(1, 3):
        share(crowd.inspector(home))
    wait_for_crowd(crowd)
    assert ask_name(asking, next(number)) == []
    share(crowd.inspector(3))
    names = wait_until(lambda: ask_name(asking, next(number)), "a name")
    assert names == [{"address": KNOWN, "name": HOST, "accounts": 3}]
    assert ask_name(asking, next(number), "198.51.100.10") == []


def test_homes_that_do_not_agree_tell_nothing(crowd):
    for home in range(1, 4):
        share(crowd.inspector(home), host="one.example")
    for home in range(4, 7):
        share(crowd.inspector(home), host="two.example")
    wait_for_crowd(crowd)
    assert ask_name(crowd.inspector(99), 1) == []


def test_a_host_asked_for_by_http_is_no_name(crowd):
    """Whoever answers can be asked for any: DNS and TLS alone name one."""
    for home in range(1, 4):
        share(crowd.inspector(home), sources=("http-host",))
    asking, number = crowd.inspector(99), numbers()
    wait_for_crowd(crowd)
    assert ask_name(asking, next(number)) == []
    # what the same device has by TLS, too, is one
    for home in range(4, 6):
        share(crowd.inspector(home), sources=("http-host", "sni"))
    seal(crowd)
    wait_for_crowd(crowd)
    assert ask_name(asking, next(number)) == []
    share(crowd.inspector(6), sources=("http-host", "sni"))
    names = wait_until(lambda: ask_name(asking, next(number)), "a name")
    assert names == [{"address": KNOWN, "name": HOST, "accounts": 3}]


def seal(collector):
    """Makes the day that is open one that is over, and waits for its sums."""
    collector.stop()
    now = today()
    with sqlite3.connect(collector.data_dir / "collector.db") as store:
        count, = store.execute("SELECT count(*) FROM day").fetchone()
        then = now - datetime.timedelta(days=count)
        store.execute("UPDATE day SET day = day - ?, state = 1 WHERE state = 0",
                      (count,))
    store.close()
    (collector.data_dir / now.strftime("day-%Y%m%d.db")).rename(
        collector.data_dir / then.strftime("day-%Y%m%d.db"))
    collector.start()
    wait_until(lambda: collector.metrics()["sealed_days"] == 1, "the seal")


MANY = 4000


def flood(home, number):
    assert home.send(upload.pack(home.body(upload.segment(
        number, home=home.number, flows=0, name=[
            [0, MS, "203.%d.%d.%d" % (number, i >> 8, i & 255),
             "host-%d-%d.flood.example" % (number, i), "dns", None, 0]
            for i in range(MANY)])))).status == 200


def test_the_crowd_stays_within_its_memory_and_keeps_what_most_say(
        make_collector):
    collector = make_collector(
        "--crowd-days", "1", "--crowd-every", "1", "--crowd-memory", "160",
        "--uploads-per-minute", "1000")
    share(collector.inspector(1))
    flood(collector.inspector(50), 1)
    share(collector.inspector(2))
    seal(collector)
    flood(collector.inspector(50), 2)
    share(collector.inspector(3))
    asking, number = collector.inspector(99), numbers()
    names = wait_until(lambda: ask_name(asking, next(number)), "a name")
    assert names == [{"address": KNOWN, "name": HOST, "accounts": 3}]
    metrics = collector.metrics()
    assert 0 < metrics["crowd_bytes"] <= 160 * 1024
    assert metrics["crowd_dropped"] > MANY


def test_what_is_a_homes_own_is_told_to_none_however_many_know_it(crowd):
    """A family's three homes know its server."""
    for home in range(1, 4):
        share(crowd.inspector(home), host="smith.duckdns.org",
              name="Anna's iPhone")
        share(crowd.inspector(3 + home), host="smith.duckdns.org",
              name="Anna's iPhone", vendor="Anna's iPhone")
    asking = crowd.inspector(99)
    wait_for_crowd(crowd)
    assert ask_name(asking, 1) == []
    assert crowd.ask("GET", "/v1/labels", headers=asking.login()).json == {
        "names": [], "categories": ["tv"], "vendors": ["Acme"]}
    said = ask(asking, "/v1/ask/device", {
        "oui": "3c5ab4", "names": ["smith.duckdns.org"], "hellos": []})
    assert [(guess["name"], guess["vendor"]) for guess in said["guesses"]] \
        == [("", "Acme")]
    # nor is it said to who knows it, and asks
    assert ask(asking, "/v1/ask/normal", {
        "vendor": "Acme", "category": "tv",
        "domains": ["smith.duckdns.org", "duckdns.org"]}) == {
            "homes": 3, "domains": {"duckdns.org": 1.0}}


def test_a_home_that_knows_the_name_is_not_told(crowd):
    for home in range(1, 4):
        share(crowd.inspector(home))
    asking, number = crowd.inspector(99), numbers()
    wait_until(lambda: ask_name(asking, next(number)), "a name")
    reply = asking.send(upload.pack(asking.body(upload.segment(
        1, flows=0, flow=[upload.flow(1, remote=KNOWN)],
        name=[[0, MS, KNOWN, "mine.example", "dns", None, 0]]))))
    assert reply.json["names"] == []


def test_new_homes_do_not_count_for_seven_days(make_collector):
    collector = make_collector("--crowd-every", "1", "--uploads-per-minute",
                               "1000")
    for home in range(1, 6):
        share(collector.inspector(home))
    asking, number = collector.inspector(99), numbers()
    wait_for_crowd(collector)
    assert ask_name(asking, next(number)) == []
    # the same days before, as a collector that ran so long has them
    collector.stop()
    age(collector, 6)
    collector.start()
    names = wait_until(lambda: ask_name(asking, next(number)), "a name")
    assert names[0]["accounts"] == 5


def age(collector, days):
    """Copies the day that is open to as many days before it, sealed later."""
    now = today()
    with sqlite3.connect(collector.data_dir / "collector.db") as store:
        day = store.execute("SELECT max(day) FROM day").fetchone()[0]
        for back in range(1, days + 1):
            at = now - datetime.timedelta(days=back)
            source = sqlite3.connect(
                collector.data_dir / ("day-%s.db" % now.strftime("%Y%m%d")))
            copy = sqlite3.connect(
                collector.data_dir / ("day-%s.db" % at.strftime("%Y%m%d")))
            source.backup(copy)
            source.close()
            copy.close()
            store.execute("INSERT INTO day VALUES(?, 1)", (day - back,))
    store.close()


def test_a_day_that_is_over_is_sealed_and_tells_the_same(crowd):
    for home in range(1, 4):
        share(crowd.inspector(home))
    crowd.stop()
    age(crowd, 1)
    with sqlite3.connect(crowd.data_dir / "collector.db") as store:
        store.execute("DELETE FROM day WHERE state = 0")
    store.close()
    crowd.start()
    wait_until(lambda: crowd.metrics()["sealed_days"] == 1, "the seal")
    asking, number = crowd.inspector(99), numbers()
    names = wait_until(lambda: ask_name(asking, next(number)), "a name")
    assert names == [{"address": KNOWN, "name": HOST, "accounts": 3}]


def test_what_is_erased_is_not_told_any_more(crowd):
    homes = [crowd.inspector(home) for home in range(1, 4)]
    for home in homes:
        share(home)
    asking, number = crowd.inspector(99), numbers()
    wait_until(lambda: ask_name(asking, next(number)), "a name")
    homes[0].erase("everything")
    assert ask_name(asking, next(number)) == []
    wait_for_crowd(crowd)
    assert ask_name(asking, next(number)) == []


def test_labels_are_those_that_three_homes_typed(crowd):
    for home in range(1, 4):
        share(crowd.inspector(home), name="Hall TV of %d" % home)
    share(crowd.inspector(4), vendor="Other", source="rejected")
    asking = crowd.inspector(99)
    wait_for_crowd(crowd)
    assert crowd.ask("GET", "/v1/labels", headers=asking.login()).json == {
        "names": [], "categories": ["tv"], "vendors": ["Acme"]}


def test_a_device_is_guessed_by_labelled_ones_like_it(crowd):
    for home in range(1, 5):
        share(crowd.inspector(home))
    share(crowd.inspector(5), vendor="Emca")
    for home in range(6, 9):
        share(crowd.inspector(home), vendor="Bulb Co", category="light",
              host="bulb.example")
    asking = crowd.inspector(99)
    wait_for_crowd(crowd)
    question = {"oui": "3c5ab4", "names": [HOST], "hellos": []}
    said = ask(asking, "/v1/ask/device", question)["guesses"]
    assert [(guess["vendor"], guess["category"], guess["homes"])
            for guess in said] == [("Acme", "tv", 4)]
    assert said[0]["share"] == pytest.approx(0.8)
    assert ask(asking, "/v1/ask/device", {
        "oui": "ffffff", "names": ["no.example"], "hellos": []}) == {
            "guesses": []}
    # each kind of likeness by itself
    for alone, vendors in (({"names": [HOST]}, ["Acme"]),
                           ({"oui": "3c5ab4"}, ["Acme", "Bulb Co"]),
                           ({"hellos": [JA4]}, ["Acme", "Bulb Co"]),
                           ({"hellos": ["t10d000000_none_none"]}, [])):
        said = ask(asking, "/v1/ask/device",
                   {"oui": None, "names": [], "hellos": [], **alone})
        assert [guess["vendor"] for guess in said["guesses"]] == vendors, alone


def vendors_of(home, *names):
    said = ask(home, "/v1/ask/device",
               {"oui": None, "names": names, "hellos": []})
    return [guess["vendor"] for guess in said["guesses"]]


def test_a_device_is_guessed_by_the_domains_of_its_hosts(crowd):
    """Each home's has hosts of its own: a public suffix is no domain, nor does
    a service for homes say whose device it is."""
    for home in range(1, 4):
        share(crowd.inspector(home), host="r%d.acme-tv.com" % home)
        share(crowd.inspector(10 + home), vendor="Bulb Co", category="light",
              host="bulb%d.co.uk" % home)
        share(crowd.inspector(20 + home), vendor="Cam Co", category="camera",
              host="home%d.duckdns.org" % home)

    def check():
        wait_for_crowd(crowd)
        assert vendors_of(asking, "r17.acme-tv.com") == ["Acme"]
        assert vendors_of(asking, "a.acme-tv.com", "b.acme-tv.com") == ["Acme"]
        # one thing of two is too little, the same host or not
        assert vendors_of(asking, "r17.acme-tv.com", "a.example") == []
        assert vendors_of(asking, "bulb9.co.uk") == []
        assert vendors_of(asking, "co.uk") == []
        assert vendors_of(asking, "home9.duckdns.org") == []
        assert vendors_of(asking, "r17.acme-tv.com.evil.com") == []

    asking = crowd.inspector(99)
    check()
    seal(crowd)
    check()


def test_what_many_vendors_use_tells_of_none(crowd):
    for vendor in range(5):
        for home in range(3):
            number = 1 + 3 * vendor + home
            share(crowd.inspector(number), vendor="Maker %d" % vendor,
                  host="x%d.amazonaws.com" % number)
    for home in range(21, 24):
        share(crowd.inspector(home), host="r%d.acme-tv.com" % home)
    asking = crowd.inspector(99)
    wait_for_crowd(crowd)
    assert vendors_of(asking, "x99.amazonaws.com") == []
    assert vendors_of(asking, "x99.amazonaws.com", "x1.amazonaws.com") == []
    # nor the maker of the chip, which is the same of all here
    assert ask(asking, "/v1/ask/device", {
        "oui": "3c5ab4", "names": ["x99.amazonaws.com"], "hellos": []}) == {
            "guesses": []}
    assert vendors_of(asking, "r9.acme-tv.com") == ["Acme"]


def test_what_is_normal_of_a_domain_is_so_however_many_hosts_it_has(crowd):
    """Below a registered domain, of few hosts alone."""
    for home in range(1, 4):
        share(crowd.inspector(home), host="r%d.cdn.acme-tv.com" % home)
    asking = crowd.inspector(99)
    question = {"vendor": "Acme", "category": "tv", "domains": [
        "acme-tv.com", "cdn.acme-tv.com", "r1.cdn.acme-tv.com", "com"]}
    wait_for_crowd(crowd)
    assert ask(asking, "/v1/ask/normal", question) == {
        "homes": 3, "domains": {"acme-tv.com": 1, "cdn.acme-tv.com": 1}}
    assert asking.send(upload.pack(asking.body(upload.segment(
        1, home=99, flows=0, label=[], name=[
            [0, MS, "203.0.113.7", "h%d.cdn.acme-tv.com" % i, "dns", None, 0]
            for i in range(1000)])))).status == 200
    wait_for_crowd(crowd)
    assert ask(asking, "/v1/ask/normal", question) == {
        "homes": 3, "domains": {"acme-tv.com": 1}}


def test_what_is_normal_is_a_share_of_homes(crowd):
    for home in range(1, 11):
        share(crowd.inspector(home),
              host=HOST if home <= 8 else "rare.example")
    asking = crowd.inspector(99)
    question = {"vendor": "acme", "category": "TV",
                "domains": ["acme.example", "cme.example", "rare.example"]}
    wait_for_crowd(crowd)
    # two homes are too few to be told of
    assert ask(asking, "/v1/ask/normal", question) == {
        "homes": 10, "domains": {"acme.example": 0.8}}
    assert ask(asking, "/v1/ask/normal", dict(question, vendor="Other")) == {
        "homes": 0, "domains": {}}


@pytest.mark.parametrize("path, body", [
    ("device", "[]"), ("device", '{"names":[1],"hellos":[]}'),
    ("device", '{"names":[],"hellos":%s}' % json.dumps(["a"] * 65)),
    ("device", '{"oui":7,"names":[],"hellos":[]}'), ("normal", "{}"),
    ("normal", '{"vendor":"a","category":"b","domains":"c"}')])
def test_a_question_that_is_wrong_is_refused(served, path, body):
    reply = served.ask("POST", "/v1/ask/" + path, body,
                       served.inspector(78).login())
    assert reply.status == 400
    assert reply.error.startswith("the body must be")


def test_a_purge_of_nothing_empties_no_crowd(make_collector):
    """It is looked for at the start, and every hour."""
    collector = make_collector("--crowd-days", "1", "--crowd-accounts", "1",
                               "--crowd-every", "3600")
    share(collector.inspector(1))
    collector.stop()
    collector.start()
    wait_until(lambda: collector.metrics()["purges"] > 0, "the purge")
    wait_until(lambda: collector.metrics()["crowd_made"] > 0, "the crowd")
    reply = collector.ask("GET", "/v1/labels", None,
                          collector.inspector(1).login())
    assert reply.json["names"] == ["TV in the hall"]
    assert collector.metrics()["crowd_made"] == 1
