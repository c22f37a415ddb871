# SPDX-License-Identifier: GPL-3.0-or-later
"""One home a module, as its HOME says; a test may make a special one."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))

from lab import measure  # noqa: E402
from lab.home import Home  # noqa: E402
from lab.inspector import Inspector  # noqa: E402

FIGURES = pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES] = []
    config.addinivalue_line(
        "markers", "sanitized: also run on the build with sanitizers, which "
        "is too slow for what is timed")
    config.addinivalue_line(
        "markers", "alone: measures the machine, so nothing runs beside it")


def pytest_collection_modifyitems(config, items):
    if os.geteuid() != 0:
        for item in items:
            item.add_marker(pytest.mark.skip(
                reason="needs root, to make network namespaces"))
    if os.environ.get("IOT_SANITIZED"):
        left_out = [i for i in items if not i.get_closest_marker("sanitized")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if i.get_closest_marker("sanitized")]


# Figures of homes that ran side by side come together here.
def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = session.config.stash[FIGURES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[FIGURES] += getattr(node, "workeroutput", {}).get(
        "figures", [])


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
def home(request):
    """What the module's HOME names of Home()'s arguments."""
    with Home(**getattr(request.module, "HOME", {"dumb": 4})) as made:
        yield made


@pytest.fixture
def inspector(home):
    """One that watches the home's TV."""
    with Inspector(home.inspector) as made:
        made.consent()
        measure.watch(made, home.tv)
        yield made
