# SPDX-License-Identifier: GPL-3.0-or-later
"""What a collector gives back: names for addresses that the home has none for,
what others call a device, what is normal; for as long as something is shared."""

import json

import pytest

from collector import Collector
from hub import DNS, Hub, wait_until
from test_research import join, say, state

NAMED, UNNAMED, OTHER = "93.184.216.34", "93.184.216.35", "93.184.216.36"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowd")
    collector = Collector(folder)
    collector.guesses = [{"name": "Acme Box", "category": "television",
                          "vendor": "Acme", "homes": 12, "share": 0.8}]
    collector.normal_homes = 120
    collector.shares = {"example.org": 0.94}
    hub = Hub(folder / "data")
    assert hub.start().status == 303
    hub.home()
    hub.do("upload")
    hub.watch("192.168.1.20")
    hub.collector = collector
    join(hub, collector)
    yield hub
    hub.close()
    collector.close()


def send_now(hub):
    """What is gathered goes at once: a switch that changes hurries."""
    for on in (False, True):
        assert hub.post("/api/research/settings",
                        {"fields": {"tuya": on}}).status == 200


def endpoints(hub):
    tv = hub.device("192.168.1.20")["id"]
    return {row["addresses"][0]: row for row in hub.get(
        "/api/devices/%s/endpoints" % tv).json["endpoints"]}


def wait_source(hub, address, source):
    """The endpoint's row once its name comes from there."""
    return wait_until(lambda: endpoints(hub)[address]["name_source"] == source
                      and endpoints(hub)[address], f"a name by {source}")


def test_a_name_of_other_homes_is_a_guess_and_goes_before_reverse_dns(crowd):
    flows = [{"remote": remote, "in_bytes": 5, "out_bytes": 3, "opener": 1}
             for remote in (NAMED, UNNAMED)]
    say(crowd, flows=flows)
    wait_until(lambda: UNNAMED in endpoints(crowd), "its traffic")
    crowd.wait_message("discover", "ask-name",
                       lambda m: m["address"] == UNNAMED)
    crowd.do("host_name", address=UNNAMED, name="r1.pool.example.net")
    wait_source(crowd, UNNAMED, "reverse")
    crowd.collector.crowd = {
        NAMED: "lie.example", UNNAMED: "api.acme.example",
        OTHER: "never.asked.example", "192.168.1.1": "router.example"}
    say(crowd, flows=flows)
    send_now(crowd)
    row = wait_source(crowd, UNNAMED, "crowd")
    rows = endpoints(crowd)
    assert row["endpoint"] == "api.acme.example"
    assert "other homes" in row["doubt"]
    assert "api.acme.example?" in row["sentence"]
    assert (rows[NAMED]["name_source"], rows[NAMED]["doubt"]) == ("dns", None)
    counters = crowd.status()["counters"]["hub"]
    assert counters["crowd_names"] == 1
    assert counters["crowd_names_refused"] >= 3
    # whatever the home hears itself is better
    say(crowd, names=[{"addr": UNNAMED, "name": "own.example", "source": DNS,
                       "resolver": "192.168.1.1"}])
    assert wait_source(crowd, UNNAMED, "dns")["endpoint"] == "own.example"


def tv(hub, end=""):
    return "/api/devices/%s%s" % (hub.device("192.168.1.20")["id"], end)


def test_a_device_is_asked_about_with_what_was_sent_alone(crowd):
    collector = crowd.collector
    label = wait_until(lambda: (lambda said: said["crowd"] and said)(
        crowd.get(tv(crowd, "/label")).json), "a guess of other homes")
    assert label["crowd"] == collector.guesses and label["label"] is None
    row = wait_until(lambda: (lambda row: row["normal"] and row)(
        endpoints(crowd)[NAMED]), "what is normal")
    assert row["normal"] == {"homes": 120, "share": 0.94, "vendor": "Acme",
                             "category": "television"}
    assert endpoints(crowd)[UNNAMED]["normal"] is None
    # each fact had gone in an upload, and every question can be seen
    questions = collector.questions[:]
    assert [path for path, _ in questions[:2]] == ["/v1/ask/device",
                                                   "/v1/ask/normal"]
    uploaded = collector.all_text()
    facts = json.loads(questions[0][1])
    assert set(facts) == {"oui", "names", "hellos"}
    for fact in [facts["oui"], *facts["names"], *facts["hellos"]]:
        assert '"%s"' % fact in uploaded, fact
    assert json.loads(questions[1][1]) == {
        "vendor": "Acme", "category": "television", "domains": ["example.org"]}
    shown = crowd.get("/api/research/sent").json["questions"]
    assert [(one["path"], one["text"]) for one in reversed(shown)] == questions
    # confirmed in one request, it is the owner's word
    guess = {k: label["crowd"][0][k] for k in ("name", "category", "vendor")}
    said = crowd.post(tv(crowd, "/label"),
                      {**guess, "source": "confirmed"}).json
    assert said["label"]["source"] == "confirmed"


def test_it_outlives_a_restart_and_goes_with_device_and_account(crowd):
    crowd.collector.crowd = {OTHER: "api.other.example"}
    say(crowd, flows=[{"remote": OTHER, "in_bytes": 5, "out_bytes": 3,
                       "opener": 1}])
    send_now(crowd)
    assert wait_source(crowd, OTHER, "crowd")["endpoint"] == "api.other.example"
    spool = crowd.data_dir / "sharing.db"
    crowd.do("stop")
    crowd.process.wait(20)
    crowd.close()
    again = Hub(crowd.data_dir)
    assert again.start().status == 303
    again.home()
    again.collector = crowd.collector
    assert endpoints(again)[OTHER]["endpoint"] == "api.other.example"
    again.do("upload")
    wait_until(lambda: not state(again)["spool"]["waiting"], "all sent")
    again.post("/api/research/withdraw", {"erase": True})
    wait_until(lambda: state(again)["state"] == "off", "off")
    assert wait_source(again, OTHER, None)["endpoint"] == OTHER
    again.close()
    for end in ("", "-wal"):
        file = spool.with_name(spool.name + end)
        assert not file.exists() or b"api.other" not in file.read_bytes()
