# SPDX-License-Identifier: GPL-3.0-or-later
"""One home a module, unless a test needs a special one."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))

from lab.home import Home  # noqa: E402

FIGURES = pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES] = []
    config.addinivalue_line(
        "markers", "sanitized: also run on the build with sanitizers, which "
        "is too slow for what is timed")


def pytest_collection_modifyitems(config, items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(
                reason="needs root, to make network namespaces"))
    if os.environ.get("IOT_SANITIZED"):
        left_out = [i for i in items if not i.get_closest_marker("sanitized")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if i.get_closest_marker("sanitized")]


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[FIGURES]:
        terminalreporter.section("figures")
        for line in config.stash[FIGURES]:
            terminalreporter.line(line)


@pytest.fixture
def figure(request):
    """Call it with a measured figure, to be printed at the end."""
    def add(text):
        request.config.stash[FIGURES].append(f"{request.node.name}: {text}")
    return add


@pytest.fixture(scope="module")
def home():
    with Home(dumb=4) as made:
        yield made
