# SPDX-License-Identifier: GPL-3.0-or-later
"""Last: what the contract has was all seen. A part of the tests cannot say
that, so this is for the whole folder."""

from pathlib import Path

import contract
import pytest

HERE = Path(__file__).parent

# Not reachable in every build or at will: a page that was not built has no
# assets, and a store that fails is made to fail for some requests only.
NOT_ASKED = {
    ("GET", "/assets/{file}", 200), ("GET", "/assets/{file}", 304),
}


@pytest.fixture(autouse=True)
def whole(request):
    ran = {Path(item.fspath).name for item in request.session.items}
    if ran != {path.name for path in HERE.glob("test_*.py")}:
        pytest.skip("only a part of the tests was run")


def test_every_operation_was_asked():
    asked = {(method, path) for method, path, _ in contract.seen}
    wanted = {(method, path) for method, path, _ in contract.operations()}
    assert wanted - asked == set()


def test_every_reply_but_of_a_failing_store_was_seen():
    wanted = {(method, path, int(status))
              for method, path, operation in contract.operations()
              for status in operation["responses"] if status != "503"}
    assert wanted - contract.seen - NOT_ASKED == set()


def test_every_event_was_seen():
    events = contract.DOCUMENT["paths"]["/api/events"]["get"]["x-events"]
    assert contract.seen_events == set(events)
