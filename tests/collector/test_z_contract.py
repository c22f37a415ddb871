# SPDX-License-Identifier: GPL-3.0-or-later
"""Last: what the contract has was all seen. A part of the tests cannot say
that, so this is for the whole folder."""

from pathlib import Path

import contract
import pytest

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def whole(request):
    ran = {Path(item.fspath).name for item in request.session.items}
    if ran != {path.name for path in HERE.glob("test_*.py")}:
        pytest.skip("only a part of the tests was run")


def test_every_reply_but_of_a_failing_store_was_seen():
    wanted = {(method, path, int(status))
              for method, path, operation in contract.operations()
              for status in operation["responses"]
              if status != "503" or path == "/v1/upload"}
    assert wanted - contract.seen == set()
