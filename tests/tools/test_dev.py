# SPDX-License-Identifier: GPL-3.0-or-later
"""./dev says in one clear line what it lacks, and what it does."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERBS = ["run", "demo", "build", "data", "test", "bench", "fuzz", "lint",
         "fmt", "package"]
NOBODY = 65534
AS_NOBODY = [shutil.which("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}",
             "--clear-groups"]
# what ./dev calls before it has installed anything
COMMANDS = ["awk", "bash", "cat", "dirname", "env", "getent", "grep", "id",
            "mkdir", "readlink", "rm", "sed", "sh", "stat", "tail",
            "tee", "uname"]
FAILS = "#!/bin/sh\nexit 1\n"
DOES_NOTHING = "#!/bin/sh\n"


@pytest.fixture
def tree():
    """A clone of what ./dev is, and the commands of a system that has nothing
    to install with; anybody may enter it."""
    # not below pytest's own folder, which is its owner's alone
    made = Path(tempfile.mkdtemp())
    try:
        (made / "tools").mkdir()
        shutil.copy(ROOT / "dev", made)
        shutil.copytree(ROOT / "tools/dev", made / "tools/dev")
        for folder in ("commands", "more"):
            (made / folder).mkdir()
        for name in COMMANDS:
            (made / "commands" / name).symlink_to(shutil.which(name))
        made.chmod(0o755)
        yield made
    finally:
        shutil.rmtree(made)


def have(tree, **commands):
    """These as well, as scripts."""
    for name, text in commands.items():
        path = tree / "more" / name.replace("_", "-")
        path.write_text(text)
        path.chmod(0o755)


def dev(tree, *words):
    """Started by its owner, who is not root."""
    as_owner = []
    if os.geteuid() == 0:
        shutil.chown(tree, NOBODY)
        as_owner = AS_NOBODY
    done = subprocess.run(
        [*as_owner, tree / "dev", *words], capture_output=True, text=True,
        check=False, env={"PATH": f"{tree}/more:{tree}/commands"})
    return done.returncode, done.stdout, done.stderr


def the_one_line(said):
    status, out, err = said
    assert (status, out) == (1, "")
    assert err.startswith("dev: ") and err.count("\n") == 1, err
    return err


def test_help_names_every_command(tree):
    status, out, err = dev(tree, "help")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()[2:]] == \
        [*VERBS, "help"]


def test_another_command_is_answered_with_those_there_are(tree):
    status, out, err = dev(tree, "destroy")
    assert (status, out) == (2, "")
    assert err == dev(tree, "help")[1]


def test_a_stage_that_there_is_not_is_said_with_those_there_are(tree):
    line = the_one_line(dev(tree, "test", "nonsense"))
    assert "nonsense" in line and "golden" in line


@pytest.mark.parametrize("words", [["run"], ["test", "install"]])
def test_without_privilege_what_is_missing_is_said(tree, words):
    have(tree, dpkg_query=FAILS, apt_get=FAILS, apt_cache=FAILS)
    status, _, err = dev(tree, *words)
    assert status == 1
    assert err.startswith("dev: missing: gcc ") and err.count("\n") == 1, err
    assert " pkgconf or pkg-config " in err and "?" not in err
    assert err.endswith(" needs root or sudo)\n")


def test_without_privilege_what_is_only_wished_for_is_done_without(tree):
    have(tree, dpkg_query=FAILS, apt_get=FAILS,
         apt_cache="#!/bin/sh\necho to be had\n")
    with open(tree / "dev", "a", encoding="ascii") as file:
        file.write("need check && say done\n")
    status, out, err = dev(tree, "help")
    assert (status, err) == (0, "")
    assert out.endswith("dev: going on without clang-format-14 (installing "
                        "them needs root or sudo)\ndev: done\n")


def test_without_apt_what_is_missing_is_said(tree):
    have(tree, dpkg_query=FAILS)
    line = the_one_line(dev(tree, "run"))
    assert "missing: gcc " in line and "no apt-get" in line


def test_what_apt_does_not_have_is_said(tree):
    have(tree, dpkg_query=FAILS, apt_get=FAILS, apt_cache=FAILS,
         sudo=DOES_NOTHING)
    status, out, err = dev(tree, "build")
    assert status == 1
    assert err == "dev: this release has no package gcc\n"
    assert "dev: renewing the package lists\n" in out


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a tree of another's")
def test_a_tree_of_anothers_is_said(tree):
    done = subprocess.run([*AS_NOBODY, tree / "dev", "build"], text=True,
                          capture_output=True, check=False)
    line = the_one_line((done.returncode, done.stdout, done.stderr))
    assert f"cannot write to {tree}: it belongs to root" in line
