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


REFERENCE = "build/release/lib/know/reference.bin"
MESON = f"""#!/bin/sh
mkdir -p build/release/lib/know && touch build/release/build.ninja
printf '#!/bin/sh\\necho "$@" of $(cat {REFERENCE})\\n' \\
    >build/release/iot-inspector && chmod +x build/release/iot-inspector
"""
# ninja makes what is not there; without a source it fails
NINJA = f"#!/bin/sh\n[ -e {REFERENCE} ] || cp source {REFERENCE}\n"
NPM = "#!/bin/sh\necho npm \"$@\" >>asked\n"


@pytest.fixture
def built(tree):
    """A tree that was built, as far as the reference file: it is made of
    `source`, and the program prints it."""
    have(tree, meson=MESON, ninja=NINJA, npm=NPM,
         dpkg_query="#!/bin/sh\necho installed\n")
    for name in ("chmod", "cp", "find", "paste", "sort", "touch"):
        (tree / "commands" / name).symlink_to(shutil.which(name))
    for folder in ("data", "study/page"):
        (tree / folder / "node_modules").mkdir(parents=True)
        (tree / folder / "node_modules/.package-lock.json").write_text("")
    for folder in ("study/page/dist", "build/duckdb"):
        (tree / folder).mkdir(parents=True)
    (tree / "study/page/dist/report.js").write_text("")
    (tree / "build/duckdb/release").write_text("")
    (tree / "tools/dev/duckdb").write_text(DOES_NOTHING)
    (tree / "tools/dev/duckdb").chmod(0o755)
    (tree / "source").write_text("old")
    for path in tree.rglob("*"):
        if os.geteuid() == 0 and not path.is_symlink():
            shutil.chown(path, NOBODY)
    status, out, err = dev(tree, "build")
    assert (status, err) == (0, ""), out
    assert not (tree / "asked").exists()
    return tree


def test_data_is_made_anew_and_shown(built):
    (built / "source").write_text("new")
    status, out, err = dev(built, "data")
    assert (status, err) == (0, ""), out
    assert out.splitlines()[-1] == "data of new"
    assert (built / "asked").read_text().startswith("npm ci --prefix data ")


def test_data_that_cannot_be_made_is_said_and_not_shown(built):
    (built / "source").unlink()
    status, out, err = dev(built, "data")
    assert status == 1 and "data of" not in out
    assert err.endswith("dev: build/release could not be built\n")
    assert not (built / REFERENCE).exists()  # and is made by the next


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a tree of another's")
def test_a_tree_of_anothers_is_said(tree):
    done = subprocess.run([*AS_NOBODY, tree / "dev", "build"], text=True,
                          capture_output=True, check=False)
    line = the_one_line((done.returncode, done.stdout, done.stderr))
    assert f"cannot write to {tree}: it belongs to root" in line
