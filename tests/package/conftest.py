# SPDX-License-Identifier: GPL-3.0-or-later
"""Each test has a bare root of its own."""

import os
import sys

import pytest
from bare import ROOT, SUITES, bare_root_of

sys.path.insert(0, str(ROOT))


def pytest_collection_modifyitems(items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(
                reason="needs root, for bare root file systems"))


@pytest.fixture(params=SUITES)
def bare_root(request):
    with bare_root_of(request.param) as made:
        yield made
