# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever makes a mistake with a command hears which, in one line, and nothing
is made or changed by it."""

import subprocess

import pytest

from program import DEADLINE, program

# words after "-d STORE", exit status, what is said; {d} is a folder
WRONG = [
    ("serve --http", 2, "option '--http' requires an argument"),
    ("serve --http nonsense", 1, "nonsense: not [ADDRESS:]PORT, of numbers"),
    ("serve --http 99999", 1, "99999: not [ADDRESS:]PORT"),
    ("serve --http 127.0.0.1:x", 1, "127.0.0.1:x: not [ADDRESS:]PORT"),
    ("serve --http 192.0.2.1:1", 1, "192.0.2.1:1: not the loopback"),
    ("serve --http 0 --metrics [::]:0", 1, "[::]:0: not the loopback"),
    ("serve --http 0 --listen 0", 2, "--http is instead of HTTPS"),
    ("serve --cert {d}/no.pem", 2, "--cert and --key come together"),
    ("serve --listen 127.0.0.1:0 --cert {d}/no.pem --key {d}/no.pem", 1,
     "{d}/no.pem: No such file or directory"),
    ("serve --listen 127.0.0.1:0 --cert {d}/text --key {d}/text", 1,
     "{d}/text: not a certificate in PEM"),
    ("serve --uploads-per-minute 0", 2, '"0" is not a number from 1'),
    ("serve --bytes-per-day 1e9", 2, '"1e9" is not a number from 1'),
    ("serve --crowd-accounts 4294967297", 2,
     '"4294967297" is not a number from 1 to 100000000'),
    # an empty crowd is not much smaller
    ("serve --crowd-memory 127", 2,
     '"127" is not a number from 128 to 100000000'),
    ("serve --answer-seconds -1", 2, '"-1" is not a number from 1'),
    ("serve --bogus", 2, "unrecognized option '--bogus'"),
    ("serve more", 2, '"more" is one word too many'),
    ("consent {d}/no.txt --approval A --contact C --retention-days 1", 1,
     "{d}/no.txt: No such file or directory"),
    ("consent {d}/text", 2,
     "a text needs --approval, --contact and --retention-days"),
    ("consent {d}/text --approval= --contact C --retention-days 1", 2,
     "a text needs --approval, --contact and --retention-days"),
    ("consent --approval A", 2, "name its FILE"),
    ("consent {d}/text --approval A --contact C --retention-days 0", 2,
     "--retention-days is 1 to 3650"),
    ("consent {d}/latin1 --approval A --contact C --retention-days 1", 1,
     "{d}/latin1: not text in UTF-8"),
    ("consent --withdraw 99", 1, "version 99: there is none of this number"),
    ("consent --withdraw all", 2, "--withdraw needs a version"),
    ("consent {d}/text --withdraw 1", 2, "it comes alone"),
    ("consent a b", 2, '"b" is one word too many'),
    ("stats --days 0", 2, '"0" is no number from 1 to 100000'),
    ("stats more", 2, '"more" is one word too many'),
    ("export", 2, "name a new folder, or a --table"),
    ("export {d}/out --table flows", 2, "--table is printed"),
    ("export --rollups --table flows", 2, "without --table"),
    ("export --table bogus", 1, "bogus: there is no such table"),
    ("export {d}", 1, "{d}: there is something of this name"),
    ("export a b", 2, '"b" is one word too many'),
    ("token bogus", 2, "bogus: this is not add, list, withdraw or log"),
    ("token add", 2, "add needs --approval"),
    ("token add --approval A --days 0", 2, '"0" is no number from 1 to 3650'),
    ("token list --approval A", 2, "--approval is of add"),
    ("token withdraw", 2, "withdraw needs a number"),
    ("token withdraw 99", 1, "token 99: there is none of this number"),
    ("token withdraw x", 2, '"x" is no number'),
    ("purge --published 2026-13-01", 1,
     "2026-13-01: not a date as 2026-01-31"),
    ("purge --published 2026-02-30", 1,
     "2026-02-30: not a date as 2026-01-31"),
    ("purge more", 2, '"more" is one word too many'),
    ("backup", 2, "name a folder"),
    ("backup {d}", 1, "{d}: File exists"),
    ("restore", 2, "name a folder"),
    ("restore {d}/no", 1, "{d}/no: there is no store"),
    ("restore {d}/text", 1, "{d}/text: a store is a folder"),
    ("restore {s} --tombstones {d}/no", 1, "{d}/no: there is no store"),
]
# each of these but "consent FILE" and "serve" wants one that is there
NO_STORE = ["stats", "export {d}/out", "export --table flows", "consent",
            "consent --withdraw 1", "token", "token add --approval A",
            "token log", "purge", "purge --show",
            "purge --published 2026-01-31", "backup {d}/copy"]


def ask(*words):
    return subprocess.run([program(), *words], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("misuse")
    (made / "text").write_text("A text.\n")
    (made / "latin1").write_bytes(b"caf\xe9\n")
    done = ask("consent", "-d", str(made / "store"), str(made / "text"), "-a",
               "A", "-c", "C", "-r", "1")
    assert done.returncode == 0, done.stderr
    return made


def held(folder):
    """Without what each start of `serve` makes, one that fails too."""
    return {path: path.stat().st_size for path in folder.rglob("*")
            if not path.name.endswith(("-wal", "-shm", ".pem", ".lock",
                                       "reserve"))}


def test_what_is_wrong_is_said_and_nothing_is_done(folder):
    before = held(folder)
    for line, status, said in WRONG:
        words = line.format(d=folder, s=folder / "store").split()
        done = ask(words[0], "-d", str(folder / "store"), *words[1:])
        first = done.stderr.splitlines()[0] if done.stderr else ""
        assert done.returncode == status, (line, done)
        assert said.format(d=folder) in first, (line, done)
        assert first.startswith("iot-collector"), (line, done)
    assert held(folder) == before


def test_a_folder_without_a_store_is_named_and_stays_so(folder):
    for line in NO_STORE:
        words = line.format(d=folder).split()
        for name, said in (("no", "there is no store"),
                           ("text", "a store is a folder")):
            at = folder / name
            done = ask(words[0], "-d", str(at), *words[1:])
            assert (done.returncode, done.stderr) == \
                (1, "iot-collector: %s: %s\n" % (at, said)), line
    assert not (folder / "no").exists()


def test_no_command_and_a_wrong_one_show_those_there_are():
    for words in ([], ["bogus"]):
        done = ask(*words)
        assert done.returncode == 2
        assert "restore" in done.stderr and not done.stdout
    assert 'there is no command "bogus"' in done.stderr.splitlines()[0]
    assert ask("serve", "--help").stdout.startswith(
        "Usage: iot-collector serve [OPTION...]")
