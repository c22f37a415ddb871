# SPDX-License-Identifier: GPL-3.0-or-later
"""Sharing with researchers: consent, what leaves and what never does, the
spool, rights. The collector is a real HTTPS server, the courier the agent's own
process, confined."""

import concurrent.futures
import json
import time

import pytest

from collector import Collector
from hub import ACTIVE, CAMERA, DHCP_HOSTNAME, DHCP_VENDOR_CLASS, DNS, MDNS_TXT
from hub import PHONE, RELEASED, TV, Hub, Stream, nobody_else_writes, now_ms
from hub import database_of, stored_bytes, wait_until, window_ms
from test_devices import CAST, comes_back

SERVER = "93.184.216.34"
UPNP_MODEL = 25


STATES = ("open", "identifying", "locked", "excluded")


@pytest.fixture
def collector(request, tmp_path):
    if "sharing" in request.fixturenames:
        yield request.getfixturevalue("sharing").collector
        return
    made = Collector(tmp_path)
    yield made
    made.close()


def share(hub, collector):
    hub.home()
    hub.do("upload")
    hub.watch("192.168.1.20")
    join(hub, collector)
    return hub


def homes_needed(items):
    """One for each test that takes one, and those that `states` takes."""
    tests = [item.fixturenames for item in items
             if item.module.__name__ == __name__]
    return (sum("sharing" in names for names in tests)
            + len(STATES) * any("states" in names for names in tests))


@pytest.fixture(scope="module")
def homes(request, tmp_path_factory):
    """Homes whose owners share, each with a collector of its own; a TV is
    watched. They join at the same time: each waits for a window to begin."""
    def start():
        folder = tmp_path_factory.mktemp("home", numbered=True)
        hub = Hub(folder / "data")
        hub.collector = Collector(folder)
        assert hub.start().status == 303
        return hub

    made = [start() for _ in range(homes_needed(request.session.items))]
    with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
        list(pool.map(lambda hub: share(hub, hub.collector), made))
    yield list(made)
    for hub in made:
        hub.close()
        hub.collector.close()


@pytest.fixture
def sharing(homes):
    return homes.pop()


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """The same, and the collector has gone: what is gathered waits, and is
    looked at there. Each test puts back what it switches."""
    folder = tmp_path_factory.mktemp("waiting")
    collector = Collector(folder)
    hub = Hub(folder / "data")
    assert hub.start().status == 303
    share(hub, collector)
    collector.down = True
    yield hub
    hub.close()
    collector.close()


def state(hub):
    return hub.get("/api/research").json


def wait_state(hub, name):
    return wait_until(lambda: state(hub)["state"] == name and state(hub), name)


def choose(hub, collector):
    reply = hub.post("/api/research/collector",
                     {"url": collector.url,
                      "certificate": collector.certificate})
    assert reply.status == 200, reply.body
    return wait_state(hub, "offered")


def join(hub, collector):
    offer = choose(hub, collector)["offer"]
    reply = hub.post("/api/research/consent", {"hash": offer["hash"]})
    assert reply.status == 200, reply.body
    wait_state(hub, "sharing")
    joined = now_ms()  # what began before the account was made never goes
    wait_until(lambda: window_ms(0) >= joined, "a new window")


def say(hub, mac=TV, **fields):
    fields = {"flows": [{"remote": SERVER, "in_bytes": 5000,
                         "out_bytes": 300, "opener": 1}],
              "names": [{"addr": SERVER, "name": "www.example.org",
                         "source": DNS, "resolver": "192.168.1.1"}],
              **fields}
    hub.window(mac, window_ms(0), **fields)


def wait_stored(hub):
    """What the TV did has gone through the hub."""
    hub.wait_device("192.168.1.20", lambda d: d["in_bytes"])


def gathered(hub):
    """All that would go, as text: what waits, and the window that is open."""
    return hub.get("/api/research/next").json["text"]


def wait_gathered(hub, text):
    return wait_until(lambda: text in gathered(hub) and gathered(hub), text)


def wait_rows(collector, table, n=1):
    return wait_until(lambda: len(collector.rows(table)) >= n
                      and collector.rows(table), "%d of %s" % (n, table))


def test_nothing_is_asked_of_anybody_before_a_collector_is_named(home,
                                                                collector):
    home.do("upload")
    home.watch("192.168.1.20")
    assert state(home)["collector"] is None
    say(home)
    wait_stored(home)
    offer = choose(home, collector)["offer"]
    assert offer["text"] == collector.text
    assert offer["approval"] == "IRB 12" and offer["contact"] == "a@b.example"
    assert collector.requests == ["/v1/consent"]


def test_what_is_watched_is_uploaded_once(sharing, collector):
    say(sharing)
    flow, = wait_rows(collector, "flow")
    device = sharing.device("192.168.1.20")
    assert flow["id"] == device["id"][:32]
    assert flow["remote"] == SERVER and flow["in_bytes"] == 5000
    name, = collector.rows("name")
    assert name["name"] == "www.example.org"
    assert name["resolver"].startswith("[address:")
    assert TV not in collector.all_text() and "192.168" not in \
        collector.all_text()
    now = wait_until(lambda: state(sharing)["spool"]["sent"] == 1
                     and state(sharing), "it is the collector's")
    assert now["spool"]["waiting"] == 0 and now["trouble"] is None
    sent = sharing.get("/api/research/sent").json["uploads"]
    assert sent[0]["text"] == collector.bodies[-1]
    assert 0 < sent[0]["compressed"] < sent[0]["bytes"]


def test_what_is_seen_before_it_goes_goes_once_whoever_is_killed(sharing,
                                                                collector):
    with collector.lock:
        collector.down = True
    say(sharing)
    wait_until(lambda: state(sharing)["trouble"], "that it failed")
    assert state(sharing)["next_try"]
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 1, "one waits")
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 2, "two wait")
    # after an outage as much goes at once as there is
    shown = sharing.get("/api/research/next").json
    assert shown["segments"] == 2 and "www.example.org" in shown["text"]
    sharing.kill()
    assert state(sharing)["spool"]["waiting"] == 2
    with collector.lock:
        collector.down = False
    wait_rows(collector, "flow", 2)
    assert collector.bodies[-1] == shown["text"]
    sharing.do("upload")
    say(sharing)
    wait_rows(collector, "flow", 3)
    assert {row["segment"] for row in collector.rows("flow")} == {1, 2, 3}


def test_every_byte_of_a_long_upload_is_given_before_and_after(sharing,
                                                               collector):
    collector.may_reply.clear()
    for part in range(9):
        say(sharing, questions=[
            {"name": "%d-%d%s.example.org" % (part, i, ".long" * 20)}
            for i in range(64)])

    def waits():
        return (sharing.get("/api/research/next").json["waiting"] and
                b"8-63.long" in sharing.get("/api/research/upload").body)

    wait_until(waits, "all of it waits")
    shown = sharing.get("/api/research/next").json
    whole = sharing.get("/api/research/upload")
    assert whole.status == 200 and len(whole.body) == shown["bytes"]
    assert "attachment" in whole.headers["content-disposition"]
    assert len(shown["text"]) == 65536
    assert whole.body.decode().startswith(shown["text"])
    assert sharing.get("/api/research/upload?at=1").status == 404
    for wrong in ("", "0", "x", "-1"):
        assert sharing.get("/api/research/upload?at=" + wrong).status == 400
    collector.may_reply.set()
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 0, "it is sent")
    sent = sharing.get("/api/research/sent").json["uploads"]
    went = [sharing.get("/api/research/upload?at=%d" % one["at"]).body
            for one in reversed(sent)]
    assert went == [body.encode() for body in collector.bodies]
    assert set(whole.body.split(b"\n")) == set(b"".join(went).split(b"\n"))
    assert sharing.get("/api/research/upload").status == 404


def test_a_refused_segment_is_counted_and_who_is_to_wait_waits(sharing,
                                                              collector):
    with collector.lock:
        collector.refusals = [
            ("/v1/upload", 400, {}),
            ("/v1/upload", 503, {"Retry-After": "120"})]
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["refused"] == 1, "refused")
    assert "refused on purpose" in state(sharing)["trouble"]
    say(sharing)
    wait_until(lambda: "503" in (state(sharing)["trouble"] or ""), "503")
    assert state(sharing)["next_try"] >= time.time() * 1000 + 100000


def test_what_an_older_collector_does_not_know_is_kept_for_it(sharing,
                                                             collector):
    with collector.lock:
        collector.refusals = [("/v1/upload", 415, {})]
    say(sharing)
    wait_until(lambda: "415" in (state(sharing)["trouble"] or ""), "415")
    spool = state(sharing)["spool"]
    assert (spool["waiting"], spool["refused"], spool["sent"]) == (1, 0, 0)


def test_what_is_forbidden_is_not_tried_over_and_over(sharing, collector):
    with collector.lock:
        collector.refusals = [("/v1/upload", 403, {})]
    say(sharing)
    wait_until(lambda: "403" in (state(sharing)["trouble"] or ""), "403")
    assert state(sharing)["next_try"] >= time.time() * 1000 + 3000000


AGREED_AGAIN = ["/v1/upload", "/v1/consent", "/v1/account"]


def uploading(collector, begun):
    with collector.lock:
        return [path for path in collector.requests[begun:]
                if path in AGREED_AGAIN]


def test_a_collector_that_lost_the_account_is_given_it_again(sharing,
                                                             collector):
    """It was moved without its store, or an older one was put back."""
    with collector.lock:
        accounts = dict(collector.accounts)
        collector.accounts.clear()
        begun = len(collector.requests)
    say(sharing)
    flow, = wait_rows(collector, "flow")
    assert flow["segment"] == 1 and collector.accounts == accounts
    assert uploading(collector, begun) == [*AGREED_AGAIN, "/v1/upload"]
    now = wait_until(lambda: state(sharing)["spool"]["sent"] == 1
                     and state(sharing), "it is the collector's")
    assert (now["state"], now["trouble"]) == ("sharing", None)


def test_a_text_agreed_to_that_is_not_taken_is_agreed_to_again(sharing,
                                                               collector):
    """The text is the same, what the collector knows of the account is older;
    one that goes on so is not asked over and over."""
    with collector.lock:
        collector.refusals = 100 * [("/v1/upload", 412, {})]
        begun = len(collector.requests)
    say(sharing)
    now = wait_until(lambda: state(sharing)["next_try"] and state(sharing),
                     "that it waits")
    assert uploading(collector, begun) == [*AGREED_AGAIN, "/v1/upload"]
    assert now["state"] == "sharing" and "412" in now["trouble"]


def test_a_certificate_that_is_not_trusted_gets_nothing(home, collector):
    home.do("upload")
    home.post("/api/research/collector", {"url": collector.url})
    wait_until(lambda: state(home)["trouble"], "that it is not trusted")
    assert "certificate" in state(home)["trouble"]
    assert not collector.requests


@pytest.mark.parametrize("url", [
    "http://collector.example", "ftp://127.0.0.1", "https://", "x",
    "https://a@b.example", "https://b.example/?q=1"])
def test_an_address_that_is_not_one_is_refused(served, url):
    assert served.post("/api/research/collector", {"url": url}).status == 400


def test_closed_devices_are_never_gathered(waiting):
    """Those that are identifying, locked, excluded or switched off; also what
    waited of one when it was closed."""
    camera = waiting.watch("192.168.1.21")
    waiting.host("3c:5a:b4:77:77:77", "192.168.1.40")
    waiting.wait_device("192.168.1.40")
    other = waiting.watch("192.168.1.40")
    phone = waiting.device("192.168.1.30")["id"]  # being identified
    say(waiting, PHONE, flows=[], names=[],
        clues=[{"kind": DHCP_HOSTNAME, "text": "phone"}])
    say(waiting, CAMERA)
    say(waiting, "3c:5a:b4:77:77:77")
    text = wait_gathered(waiting, other[:32])
    assert camera[:32] in text and phone[:32] not in text
    waiting.post("/api/devices/%s/lock" % camera)
    assert camera[:32] not in gathered(waiting)
    off = waiting.post("/api/devices/%s/share" % other, {"share": False})
    assert off.json["share"] is False
    assert other[:32] not in gathered(waiting)
    say(waiting, "3c:5a:b4:77:77:77")
    say(waiting, CAMERA)
    say(waiting, names=[{"addr": SERVER, "name": "later.example",
                         "source": DNS}])
    text = wait_gathered(waiting, "later.example")
    assert camera[:32] not in text and other[:32] not in text
    on = waiting.post("/api/devices/%s/share" % other, {"share": True})
    assert on.json["share"] is True
    say(waiting, "3c:5a:b4:77:77:77")
    wait_gathered(waiting, other[:32])
    waiting.post("/api/devices/%s/exclude" % other, {"exclude": True})
    assert other[:32] not in gathered(waiting)


def test_unwatched_devices_leave_only_when_asked_for(waiting):
    unwatched = "3c:5a:b4:88:88:88"
    waiting.host(unwatched, "192.168.1.41")
    waiting.wait_device("192.168.1.41")
    waiting.open("192.168.1.41")
    say(waiting, unwatched, clues=[{"kind": UPNP_MODEL, "text": "Cam 3"}])
    say(waiting, names=[{"addr": SERVER, "name": "unwatched.example",
                         "source": DNS}])
    text = wait_gathered(waiting, "unwatched.example")
    assert "Cam 3" not in text
    reply = waiting.post("/api/research/settings", {"unwatched": True})
    assert reply.json["unwatched"] is True
    say(waiting, unwatched, clues=[{"kind": UPNP_MODEL, "text": "Cam 4"}])
    text = wait_gathered(waiting, "Cam 4")
    assert "3c5ab4\",0]" in text
    # what its owner calls it is neither: it waits until it is watched
    other = waiting.device("192.168.1.41")["id"]
    assert waiting.post("/api/devices/%s/label" % other, {
        "name": "Porch", "category": "camera", "vendor": "Acme",
        "source": "typed"}).status == 200
    say(waiting, unwatched, clues=[{"kind": UPNP_MODEL, "text": "Cam 5"}])
    assert '"label":[[' not in wait_gathered(waiting, "Cam 5")
    waiting.watch("192.168.1.41")
    wait_gathered(waiting, '"Porch","camera","Acme"')
    waiting.post("/api/research/settings", {"unwatched": False})


def test_what_it_said_before_it_was_watched_is_of_an_unwatched_device(waiting):
    later, address = "3c:5a:b4:66:66:66", "192.168.1.43"
    waiting.host(later, address)
    waiting.wait_device(address)
    say(waiting, later, flows=[], names=[],
        clues=[{"kind": MDNS_TXT, "text": "model=early-6"}])
    waiting.wait_device(address, lambda d: d["lock"]["withheld"] == 1)
    waiting.watch(address, thing=False)
    waiting.open(address)  # what waited goes on
    say(waiting, later, clues=[{"kind": MDNS_TXT, "text": "model=late-7"}])
    assert "early-6" not in wait_gathered(waiting, "late-7")


def test_names_that_the_owner_removed_are_never_gathered(waiting):
    reply = waiting.post("/api/research/removed", {"names": ["gone.example"]})
    assert reply.json["removed"] == ["gone.example"]
    say(waiting, names=[
        {"addr": SERVER, "name": "a.gone.example", "source": DNS},
        {"addr": SERVER, "name": "stays.example", "source": DNS}],
        http=[{"remote": SERVER, "host": "a.gone.example",
               "user_agent": "see www.gone.example"}])
    assert "gone.example" not in wait_gathered(waiting, "stays.example")
    assert waiting.post("/api/research/removed",
                        {"names": ["Ex ample"]}).status == 400


def test_a_persons_name_waits_for_the_owner(waiting):
    name = {"kind": DHCP_HOSTNAME, "text": "Anna's TV"}
    say(waiting, clues=[name, {"kind": MDNS_TXT, "text": "md=X 1"}])
    assert "Anna" not in wait_gathered(waiting, "md=X 1")
    asked, = state(waiting)["names"]
    assert asked["text"] == "Anna's TV" and asked["answer"] is None
    reply = waiting.post("/api/research/names", {
        "device": asked["device"], "kind": asked["kind"],
        "text": asked["text"], "share": True})
    assert reply.json["names"][0]["answer"] == "yes"
    # a program's text too, where it says whose it is
    say(waiting, clues=[name], http=[
        {"remote": SERVER, "host": "agent.example",
         "user_agent": "app/1 (Anna's phone)"}])
    assert "Anna's TV" in wait_gathered(waiting, "agent.example")
    assert "Anna's phone" not in gathered(waiting)
    assert ("user_agent", "app/1 (Anna's phone)") in [
        (one["kind"], one["text"]) for one in state(waiting)["names"]]
    assert waiting.post("/api/research/names", {
        "device": asked["device"], "kind": "dhcp_hostname", "text": "no",
        "share": True}).status == 404
    assert waiting.post("/api/research/names", {}).status == 400


def test_the_address_of_the_home_is_never_gathered(waiting):
    say(waiting, flows=[{"remote": "203.0.113.9"}, {"remote": "1.2.3.4"}],
        names=[{"addr": "203.0.113.9", "name": "us.duckdns.org",
                "source": DNS}],
        questions=[{"name": "us.duckdns.org"}],
        http=[{"remote": SERVER, "host": "us.duckdns.org:8443",
               "user_agent": "at 9.113.0.203.isp.example"}])
    before = wait_gathered(waiting, "1.2.3.4")
    assert "203.0.113.9" not in before and "duckdns" not in before
    assert "at [home].isp.example" in before
    # learnt from what a device is told; what waits has it no more
    say(waiting, flows=[{"remote": "203.0.113.10"}],
        http=[{"remote": "1.2.3.4", "host": "203.0.113.10"}])
    wait_gathered(waiting, "203.0.113.10")
    say(waiting, flows=[{"remote": "1.2.3.5"}], seen_as="203.0.113.10")
    assert "203.0.113.10" not in wait_gathered(waiting, "1.2.3.5")
    # learnt from an answer, in windows that wait already; others' that only
    # look alike stay, and no number is used again
    say(waiting, flows=[{"remote": "1.2.3.6"}, {"remote": "1.2.3.61"}],
        http=[{"remote": SERVER, "user_agent": "at 6%2D3%2D2%2D1.isp"}],
        names=[{"addr": SERVER, "name": "dsl-1-2-3-6.isp.example",
                "source": DNS},
               {"addr": SERVER, "name": "dsl-31-2-3-6.isp.example",
                "source": DNS}])
    before = wait_gathered(waiting, "1.2.3.6\"")
    say(waiting, names=[{"addr": "1.2.3.6", "name": "us.ddns.net",
                         "source": DNS}], flows=[{"remote": "1.2.3.7"}])
    after = wait_gathered(waiting, "1.2.3.7")
    assert "1.2.3.6\"" not in after and "dsl-1-2-3-6" not in after
    assert "6%2D3%2D2%2D1" in before and "6%2D3%2D2%2D1" not in after
    assert "1.2.3.61" in after and "dsl-31-2-3-6" in after

    def numbers(text):
        return [json.loads(line)["segment"] for line in text.splitlines()[1:]]

    assert numbers(after)[:len(numbers(before))] == numbers(before)


def test_names_under_the_homes_own_domain_are_never_gathered(waiting):
    nas = {"addr": SERVER, "name": "nas.smith.example", "source": DNS}
    say(waiting, names=[nas], http=[
        {"remote": SERVER, "host": "cam.jones.example"},
        {"remote": SERVER, "host": "www.example.org",
         "user_agent": "see TV.Smith.example"}])
    before = wait_gathered(waiting, "TV.Smith.example")
    assert nas["name"] in before and "cam.jones.example" in before
    # learnt by DHCP; what waits has it no more, nor what comes
    say(waiting, names=[nas, {**nas, "name": "a.goldsmith.example"}],
        domains=["Smith.example.", "com", "lan", "1.2", "bad domain"])
    after = wait_gathered(waiting, "a.goldsmith.example")
    assert "smith.example" not in after.lower().replace("goldsmith", "")
    assert "cam.jones.example" in after
    assert state(waiting)["counters"]["domains_refused"] == 3
    # learnt by a router advertisement
    waiting.chosen(domain="jones.example")
    wait_until(lambda: "jones.example" not in gathered(waiting), "none of it")
    say(waiting, names=[{**nas, "name": "b.jones.example"},
                        {**nas, "name": "b.com"}])
    assert "jones.example" not in wait_gathered(waiting, "b.com")


def test_what_happens_in_a_pause_is_never_gathered(waiting):
    assert waiting.post("/api/research/pause").json["paused"] is True
    say(waiting, names=[{"addr": SERVER, "name": "paused.example",
                         "source": DNS}])
    since = time.time() * 1000
    assert waiting.post("/api/research/resume").json["paused"] is False
    wait_until(lambda: window_ms(0) > since, "a window after the pause")
    say(waiting, names=[{"addr": SERVER, "name": "resumed.example",
                         "source": DNS}])
    assert "paused.example" not in wait_gathered(waiting, "resumed.example")


def test_a_switch_is_heard_also_by_what_waits(waiting):
    """The last with this home: a batch has the columns of one setting."""
    say(waiting, names=[{"addr": SERVER, "name": "switched.example",
                         "source": DNS}])
    wait_gathered(waiting, "switched.example")
    reply = waiting.post("/api/research/settings",
                         {"fields": {"answers": False, "bytes": False}})
    assert reply.json["fields"]["answers"] is False
    assert "in_bytes" not in gathered(waiting)
    assert "switched.example" not in gathered(waiting)
    waiting.post("/api/research/settings",
                 {"fields": {"answers": True, "bytes": True}})
    assert waiting.post("/api/research/settings",
                        {"fields": {"nonsense": True}}).status == 400


def test_another_text_asks_again(sharing, collector):
    with collector.lock:
        collector.text = "Now we study more."
    say(sharing)
    changed = wait_until(
        lambda: state(sharing)["state"] == "changed"
        and state(sharing)["offer"]["text"] == "Now we study more."
        and state(sharing), "the new text")
    account = changed["account"]
    assert not collector.rows("flow")
    assert changed["spool"]["waiting"] == 1
    assert sharing.post("/api/research/consent",
                        {"hash": "0" * 64}).status == 409
    sharing.post("/api/research/consent", {"hash": changed["offer"]["hash"]})
    now = wait_state(sharing, "sharing")
    assert now["account"] == account
    assert now["spool"]["waiting"] == 0 and now["spool"]["outdated"] == 1


def test_a_label_is_uploaded(sharing, collector):
    tv = sharing.device("192.168.1.20")["id"]
    reply = sharing.post("/api/devices/%s/label" % tv, {
        "name": "Anna's TV", "category": "television", "vendor": "Roku",
        "source": "typed"})
    assert reply.json["label"]["personal"] is True
    now = sharing.get("/api/devices/%s/label" % tv).json["label"]
    assert (now["name"], now["category"]) == ("Anna's TV", "television")
    label, = wait_rows(collector, "label")
    assert (label["id"], label["vendor"]) == (tv[:32], "Roku")
    assert label["category"] == "television" and label["name"] is None
    choices = sharing.get("/api/research/labels").json
    assert "Roku" in choices["vendors"] and "Roku Ultra" in choices["names"]
    assert sharing.post("/api/devices/%s/label" % tv, {"name": 1}).status == 400
    empty = sharing.post("/api/devices/%s/label" % tv, {
        "name": "", "category": "", "vendor": "", "source": "typed"})
    assert empty.json["label"] is None


def test_a_label_that_a_full_spool_dropped_goes_again(sharing, collector):
    tv = sharing.device("192.168.1.20")["id"]
    with collector.lock:
        collector.down = True
    sharing.post("/api/devices/%s/label" % tv, {
        "name": "", "category": "television", "vendor": "Roku",
        "source": "typed"})
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 1, "it waits")
    with database_of(sharing, "sharing.db") as spool:
        # as long as all that may wait: the next but one finds no room
        spool.execute("INSERT INTO segment(fields, made_ms, line) "
                      "VALUES(0, 1, zeroblob(67108864))")
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["waiting"] == 3, "no room")
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["dropped"], "some went")
    with collector.lock:
        collector.down = False
    label, = wait_rows(collector, "label")
    assert (label["id"], label["vendor"]) == (tv[:32], "Roku")
    assert label["segment"] > 2


def test_a_closed_device_has_no_label(home):
    phone = home.device("192.168.1.30")["id"]
    label = {"name": "x", "category": "", "vendor": "", "source": "typed"}
    assert home.get("/api/devices/%s/label" % phone).status == 409
    assert home.post("/api/devices/%s/label" % phone, label).status == 409
    assert home.post("/api/devices/%s/share" % phone,
                     {"share": True}).status == 409
    nobody = "0" * 64
    assert home.get("/api/devices/%s/label" % nobody).status == 404
    assert home.post("/api/devices/%s/label" % nobody, label).status == 404
    assert home.post("/api/devices/%s/share" % nobody,
                     {"share": True}).status == 404
    tv = home.open("192.168.1.20")
    assert home.post("/api/devices/%s/share" % tv, {}).status == 400
    # its length is counted in characters
    for name, status in (("\u00e9" * 128, 200), ("\u00e9" * 129, 400)):
        assert home.post("/api/devices/%s/label" % tv,
                         {**label, "name": name}).status == status


def test_rights_device_names_held(sharing, collector):
    say(sharing)
    wait_rows(collector, "flow")
    tv = sharing.device("192.168.1.20")["id"]
    assert sharing.post("/api/research/delete",
                        {"what": "device", "device": "0" * 64}).status == 404
    assert sharing.post("/api/research/delete", {"what": "x"}).status == 400
    asked = sharing.post("/api/research/delete",
                         {"what": "device", "device": tv}).json
    assert asked["not_shared"] == [tv]
    receipt = wait_until(lambda: state(sharing)["receipts"], "a receipt")[0]
    assert receipt["receipt"] == "%032x" % 1 and receipt["device"] == tv[:32]
    assert collector.receipts == [{"what": "device", "device": tv[:32],
                                   "segment": 1}]
    sharing.post("/api/research/delete", {"what": "names"})
    wait_until(lambda: len(state(sharing)["receipts"]) == 2, "a second one")
    assert state(sharing)["fields"]["questions"] is False
    assert sharing.get("/api/research/held").status == 404
    sharing.post("/api/research/held")
    wait_until(lambda: state(sharing)["held"]["state"] == "ready", "held")
    held = sharing.get("/api/research/held")
    assert json.loads(held.body.splitlines()[0])["segment"] == 1
    # a copy of what was held is not kept past what is taken back
    sharing.post("/api/research/delete", {"what": "names"})
    assert sharing.get("/api/research/held").status == 404
    assert not list(sharing.data_dir.glob("held-by-*"))


def test_a_device_that_came_back_is_deleted_under_both_its_ids(sharing,
                                                               collector):
    comes_back(sharing, CAST)
    for address in ("192.168.1.41", "192.168.1.42"):
        sharing.wait_device(address, lambda d: d["lock"]["state"] == "open")
    newer = sharing.wait_device("192.168.1.42",
                                lambda d: d.get("maybe_same"))["id"]
    older = sharing.device("192.168.1.41")["id"]
    assert sharing.post("/api/devices/%s/merge" % newer,
                        {"with": older}).status == 200
    sharing.post("/api/research/delete", {"what": "device", "device": newer})
    wait_until(lambda: len(state(sharing)["receipts"]) == 2, "receipts")
    assert [wish["device"] for wish in collector.receipts] == [newer[:32],
                                                               older[:32]]


def test_what_is_taken_out_of_an_upload_under_way_is_not_noted(sharing,
                                                               collector):
    tv = sharing.device("192.168.1.20")["id"]
    collector.may_reply.clear()
    say(sharing)
    wait_rows(collector, "flow")
    off = sharing.post("/api/devices/%s/share" % tv, {"share": False})
    assert off.status == 200
    collector.may_reply.set()
    now = wait_until(lambda: state(sharing)["spool"]["waiting"] == 0
                     and state(sharing), "it is the collector's")
    assert now["spool"]["sent"] == 1
    for sent in sharing.get("/api/research/sent").json["uploads"]:
        assert tv[:32] not in sent["text"]


def test_stop_and_erase(sharing, collector):
    say(sharing)
    wait_rows(collector, "flow")
    with collector.lock:
        collector.refusals = [("/v1/delete", 503, {})]
    now = sharing.post("/api/research/withdraw", {"erase": True}).json
    assert now["state"] == "erasing" and now["spool"]["waiting"] == 0
    say(sharing)
    off = wait_state(sharing, "off")
    assert off["receipts"][-1]["what"] == "everything"
    assert off["account"] is None and not collector.segments


def test_what_could_not_be_erased_here_is_not_said_to_be(sharing, collector):
    """The spool cannot be written: it is said, and tried again when asked."""
    with collector.lock:
        collector.down = True
    say(sharing)
    wait_until(lambda: state(sharing)["spool"]["waiting"], "the spool")
    switch = {"fields": {"bytes": False}}
    with nobody_else_writes(sharing, "sharing.db"):
        assert sharing.post("/api/research/settings", switch).status == 503
        assert state(sharing)["fields"]["bytes"] is True
        assert "in_bytes" in gathered(sharing)
    assert sharing.post("/api/research/settings", switch).status == 200
    assert "in_bytes" not in gathered(sharing)
    with nobody_else_writes(sharing, "sharing.db"):
        reply = sharing.post("/api/research/withdraw", {"erase": True})
        assert reply.status == 503
        assert b"flow" in stored_bytes(sharing, "sharing.db")
    now = sharing.post("/api/research/withdraw", {"erase": True})
    assert now.status == 200 and now.json["state"] == "erasing"
    assert now.json["spool"]["waiting"] == 0 and len(now.json["wishes"]) == 1
    assert SERVER.encode() not in stored_bytes(sharing, "sharing.db")


def test_only_a_receipt_says_that_it_is_erased(sharing, collector):
    cases = [(200, {}, "gave no receipt"), (400, {"error": "no"}, "400"),
             (200, {"receipt": "ok"}, "gave no receipt"),
             (404, {"error": "there is no such path"}, "404"),
             (401, "a proxy's", "401")]
    for status, said, trouble in cases:
        with collector.lock:
            collector.refusal = said
            collector.refusals = 20 * [("/v1/delete", status,
                                        {"Retry-After": "600"})]
        reply = sharing.post("/api/research/delete", {"what": "names"})
        assert reply.status == 200
        wait_until(lambda: trouble in (state(sharing)["trouble"] or ""),
                   trouble)
        assert not state(sharing)["receipts"]
    now = sharing.post("/api/research/withdraw", {"erase": True}).json
    assert now["state"] == "erasing" and now["account"]
    wait_until(lambda: "401" in (state(sharing)["trouble"] or ""), "401")
    assert state(sharing)["state"] == "erasing"


def test_stop_alone_sends_nothing_more(sharing, collector):
    before = len(collector.requests)
    now = sharing.post("/api/research/withdraw", {"erase": False}).json
    assert now["state"] == "off" and now["account"] is None
    say(sharing)
    wait_stored(sharing)
    assert sharing.post("/api/research/delete",
                        {"what": "everything"}).status == 409
    assert sharing.post("/api/research/held").status == 409
    assert sharing.post("/api/research/consent",
                        {"hash": "0" * 64}).status == 409
    # the courier carries one letter after the other: this one is the next
    choose(sharing, collector)
    assert collector.requests[before:] == ["/v1/consent"]


def test_another_collector_is_not_named_before_the_first_is_left(waiting):
    assert waiting.post("/api/research/collector",
                        {"url": "https://b.example"}).status == 409


def test_a_view_is_taken(served):
    view = {"view": "devices", "seconds": 3}
    assert served.post("/api/research/view", view).json == {}
    assert served.post("/api/research/view", {"view": "X"}).status == 400


def test_what_is_not_asked_for_is_refused(served):
    for path in ("withdraw", "consent"):
        assert served.post("/api/research/" + path, {"x": 1}).status == 400
    for path in ("pause", "resume", "held"):
        assert served.post("/api/research/" + path, {"x": 1}).status == 400


def test_the_courier_is_confined(waiting):
    pid = waiting.wait_message("test", "upload")["pid"]
    status = dict(line.split(":\t", 1) for line in
                  open("/proc/%d/status" % pid).read().splitlines()
                  if ":\t" in line)
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"


# One lock for every way out: what a camera did and said, and what the TV said
# of it, by the state it is in. What is open shows that each would be seen.

CAMERA_AT, DEED_AT, DEED_HOST = "192.168.1.21", "198.51.100.77", "deed.example"
SAID, AGENT = "Secret-Camera-Name", "deed-agent/7"
OF_DEED = [DEED_HOST, DEED_AT, AGENT, "424242"]


def path(what):
    return lambda hub: hub.get("/api/devices/%s%s" % (hub.camera, what)).body


def files(name):
    return lambda hub: stored_bytes(hub, name)


def answers(what):
    return lambda hub: hub.get(what).body


def streamed(hub):
    return repr(hub.stream.events[hub.closed_at:])


# outlet: how it is read, what of an open device it shows (None: never any)
OUTLETS = {
    "list": (answers("/api/devices"), SAID),
    "device": (path(""), SAID),
    "endpoints": (path("/endpoints?from=0"), DEED_HOST),
    "traffic": (path("/traffic?from=0"), '"series":[{'),
    "clues": (path("/clues?from=0"), SAID),
    "findings": (path("/findings"), DEED_HOST),
    "posture": (path("/posture"), DEED_HOST),
    "coverage": (path("/coverage"), '"seen_bytes":'),
    "label": (path("/label"), '"label"'),
    "alerts": (answers("/api/findings"), DEED_HOST),
    "stream": (streamed, DEED_HOST),
    "status": (answers("/api/status"), None),
    "pairs": (answers("/api/between"), None),
    "share": (answers("/api/research"), None),
    "upload": (answers("/api/research/next"), DEED_HOST),
    "spool": (files("sharing.db"), DEED_HOST),
    "store": (files("iot-inspector.db"), DEED_HOST),
    "log": (lambda hub: hub.logged(), None),
}
SHOWS_WHAT_IT_SAYS = {"list", "device", "stream"}


def camera_acts(hub):
    say(hub, CAMERA, flows=[
        {"remote": DEED_AT, "remote_port": 80, "in_bytes": 424242,
         "out_bytes": 300, "opener": 1}],
        names=[{"addr": DEED_AT, "name": DEED_HOST, "source": DNS,
                "resolver": "192.168.1.1"}],
        questions=[{"name": DEED_HOST}],
        hellos=[{"remote": DEED_AT, "sni": DEED_HOST}],
        http=[{"remote": DEED_AT, "host": DEED_HOST, "user_agent": AGENT}],
        clues=[{"kind": DHCP_HOSTNAME, "text": SAID}])


def brought_to(hub, wanted):
    with hub.collector.lock:
        hub.collector.down = True
    hub.stream, hub.closed_at = Stream(hub), 0
    hub.camera = hub.watch(CAMERA_AT, thing=wanted != "identifying")
    hub.do("watch_state", mac=CAMERA, phase=ACTIVE, since_ms=now_ms())
    camera_acts(hub)
    hub.wait_device(CAMERA_AT, lambda d: d["lock"]["withheld"] == 1
                    or d.get("in_bytes") == 424242)
    say(hub, TV, questions=[{"name": SAID.lower() + ".local"},
                            {"name": "tv-asks.example"}],
        clues=[{"kind": MDNS_TXT, "text": "model=%s" % SAID}])
    wait_gathered(hub, "tv-asks.example")
    hub.closed_at = len(hub.stream.events) if wanted in (
        "locked", "excluded") else 0
    if wanted == "locked":
        say(hub, CAMERA, flows=[], names=[], clues=[
            {"kind": DHCP_VENDOR_CLASS, "text": "MSFT 5.0"}])
    elif wanted == "excluded":
        hub.post("/api/devices/%s/exclude" % hub.camera, {"exclude": True})
    hub.wait_device(CAMERA_AT, lambda d: d["lock"]["state"] == wanted)
    camera_acts(hub)  # whatever it does then
    hub.do("watch_state", mac=CAMERA, phase=RELEASED, since_ms=now_ms(),
           reason="no replies come back")
    say(hub, TV, clues=[{"kind": MDNS_TXT, "text": "model=tv-again"}])
    wait_gathered(hub, "tv-again")
    hub.consent()  # and with it whatever was still to be stored
    hub.stream.wait("heartbeat")


@pytest.fixture(scope="module")
def states(homes):
    """Homes whose camera is in each state, brought there side by side."""
    made = {name: homes.pop() for name in STATES}
    with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
        list(pool.map(lambda at: brought_to(at[1], at[0]), made.items()))
    yield made

    def close(hub):
        hub.stream.close()
        hub.close()
        hub.collector.close()

    with concurrent.futures.ThreadPoolExecutor(len(made)) as pool:
        list(pool.map(close, made.values()))


def text_of(outlet, hub):
    text = OUTLETS[outlet][0](hub)
    return text.decode("latin-1") if isinstance(text, bytes) else text


@pytest.mark.parametrize("outlet", OUTLETS)
@pytest.mark.parametrize("name", ["identifying", "locked", "excluded"])
def test_one_lock_for_every_way_out(states, name, outlet):
    shown = OUTLETS[outlet][1]
    if shown:
        assert shown in text_of(outlet, states["open"])
    text = text_of(outlet, states[name])
    for trace in OF_DEED:
        assert trace not in text
    if name != "identifying" or outlet not in SHOWS_WHAT_IT_SAYS:
        assert SAID.lower() not in text.lower()
    assert CAMERA not in text.lower() and CAMERA[9:] not in text.lower()


def test_only_what_may_be_watched_is_asked_of_guard(states):
    for name, hub in states.items():
        macs = hub.sent("guard", "watch")[-1]["macs"]
        assert (CAMERA in macs) == (name in ("open", "identifying")), name
    assert CAMERA in states["excluded"].sent("guard", "exclude")[-1]["macs"]
