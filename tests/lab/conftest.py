# SPDX-License-Identifier: GPL-3.0-or-later
"""One home a module, unless a test needs a special one."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))

from lab.home import Home  # noqa: E402


def pytest_collection_modifyitems(items):
    if os.geteuid() == 0:
        return
    for item in items:
        item.add_marker(pytest.mark.skip(
            reason="needs root, to make network namespaces"))


@pytest.fixture(scope="module")
def home():
    with Home(dumb=4) as made:
        yield made
