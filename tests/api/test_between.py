# SPDX-License-Identifier: GPL-3.0-or-later
"""Which watched devices' traffic with each other is read too."""

from hub import wait_until

NONE = {"all": False, "pairs": []}


def said(hub):
    with hub.lock:
        return sum(m["type"] == "pairs" and m["to"] == "guard"
                   for m in hub.messages)


def test_nobody_s_at_first_and_not_before_consent(hub):
    assert hub.get("/api/between").json == NONE
    reply = hub.post("/api/between", {"all": True, "pairs": []})
    assert (reply.status, reply.code) == (409, "consent_needed")
    assert hub.get("/api/between").json == NONE


def test_what_is_set_is_said_to_guard_and_kept(home):
    one, two = (home.device(a)["id"] for a in ("192.168.1.20",
                                               "192.168.1.21"))
    before = said(home)
    wanted = {"all": False, "pairs": [[one, two]]}
    assert home.post("/api/between", wanted).json == wanted
    assert home.get("/api/between").json == wanted
    wait_until(lambda: said(home) > before, "guard to be told")
    wanted = {"all": True, "pairs": []}
    assert home.post("/api/between", wanted).json == wanted


def test_what_is_no_pair_is_refused(home):
    one = home.device("192.168.1.20")["id"]
    for body in ({"all": True}, {"all": 1, "pairs": []},
                 {"all": False, "pairs": [[one]]},
                 {"all": False, "pairs": [[one, one]]},
                 {"all": False, "pairs": [[one, "0" * 64]]},
                 {"all": False, "pairs": [[one, one]] * 41}):
        assert home.post("/api/between", body).status == 400
    assert home.get("/api/between").json == NONE
