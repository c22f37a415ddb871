# SPDX-License-Identifier: GPL-3.0-or-later
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from program import (CONTRACT, Collector,  # noqa: E402
                     wait_for_a_whole_day)


def pytest_sessionfinish(session):
    CONTRACT.leave(session)


@pytest.fixture(autouse=True)
def whole_day():
    wait_for_a_whole_day()


@pytest.fixture
def make_collector(tmp_path):
    """make_collector(OPTION...): a collector on a new store."""
    made = []

    def make(*options, **how):
        made.append(Collector(tmp_path / ("store%d" % len(made)), *options,
                              **how))
        return made[-1]

    yield make
    for collector in made:
        collector.close()


@pytest.fixture
def collector(make_collector):
    return make_collector()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One collector for the many tests that only are refused by it."""
    made = Collector(tmp_path_factory.mktemp("served") / "store",
                     "--uploads-per-minute", "100000")
    yield made
    made.close()
