# SPDX-License-Identifier: GPL-3.0-or-later
"""Last: what the contract has was all seen."""

import pytest
from program import CONTRACT


@pytest.fixture(autouse=True)
def whole(request):
    CONTRACT.gather(request)


def test_every_reply_but_of_a_failing_store_was_seen():
    wanted = {(method, path, status)
              for method, path, status in CONTRACT.replies()
              if status != 503 or path == "/v1/upload"}
    assert wanted - CONTRACT.seen == set()
