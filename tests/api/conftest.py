# SPDX-License-Identifier: GPL-3.0-or-later
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from hub import CONTRACT, Hub, Stream  # noqa: E402


def pytest_sessionfinish(session):
    CONTRACT.leave(session)


@pytest.fixture
def make_hub(tmp_path):
    """make_hub(OPTION...): a hub on a new data directory, with a session."""
    made = []

    def make(*options, session=True, data="data%d"):
        hub = Hub(tmp_path / (data % len(made) if "%" in data else data),
                  *options)
        made.append(hub)
        if session:
            assert hub.start().status == 303
        return hub

    yield make
    for hub in made:
        hub.close()


@pytest.fixture
def hub(make_hub):
    return make_hub()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One hub for the many tests that change nothing of it."""
    hub = Hub(tmp_path_factory.mktemp("served"))
    assert hub.start().status == 303
    yield hub
    hub.close()


@pytest.fixture
def home(hub):
    hub.home()
    return hub


@pytest.fixture
def open_stream():
    made = []

    def make(hub):
        made.append(Stream(hub))
        return made[-1]

    yield make
    for stream in made:
        stream.close()
