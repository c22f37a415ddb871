# SPDX-License-Identifier: GPL-3.0-or-later
"""Last: what the contract has was all seen."""

import pytest
from hub import CONTRACT

# Not reachable in every build or at will: a page that was not built has no
# assets, and a store that fails is made to fail for some requests only.
NOT_ASKED = {
    ("GET", "/assets/{file}", 200), ("GET", "/assets/{file}", 304),
}


@pytest.fixture(autouse=True)
def whole(request):
    CONTRACT.gather(request)


def test_every_operation_was_asked():
    asked = {(method, path) for method, path, _ in CONTRACT.seen}
    wanted = {(method, path) for method, path, _ in CONTRACT.operations()}
    assert wanted - asked == set()


def test_every_reply_but_of_a_failing_store_was_seen():
    wanted = {reply for reply in CONTRACT.replies() if reply[2] != 503}
    assert wanted - CONTRACT.seen - NOT_ASKED == set()


def test_every_event_was_seen():
    assert CONTRACT.seen_events == set(CONTRACT.events())
