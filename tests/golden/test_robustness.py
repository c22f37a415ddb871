# SPDX-License-Identifier: GPL-3.0-or-later
"""tcpdump's own test captures, many of them malformed on purpose: each is read
in every way, without a crash, a hang or a sanitizer's report."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

import reference

# Read one after the other by one process; the one that fails is then found.
BATCH = 16
SECONDS_A_BATCH = 60


def complaint(folder, files):
    """What went wrong, or None."""
    for ways in (["--facts", folder / "facts", "--csv", folder / "csv",
                  "--secret", folder / "secret"], ["--json"], ["--all"]):
        try:
            ran = reference.run(*ways, *files, timeout=SECONDS_A_BATCH)
        except subprocess.TimeoutExpired:
            return "%s: no end" % ways[0]
        if (ran.returncode not in (0, 1) or b"Sanitizer" in ran.stderr
                or b"runtime error" in ran.stderr):
            return "%s: exit %d\n%s" % (
                ways[0], ran.returncode,
                ran.stderr[-2000:].decode("utf-8", "replace"))
    return None


def check(folder, files):
    folder.mkdir()
    if complaint(folder, files) is None:
        return {}
    found = ((file, complaint(folder, [file])) for file in files)
    return ({str(file): what for file, what in found if what}
            or {"only together": " ".join(map(str, files))})


@reference.needed
def test_no_capture_brings_the_reader_down(tmp_path, capsys):
    files = sorted(path for path in (reference.CAPTURES / "tcpdump").rglob("*")
                   if path.is_file())
    batches = [files[i:i + BATCH] for i in range(0, len(files), BATCH)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(
            check, (tmp_path / str(i) for i in range(len(batches))), batches))
    with capsys.disabled():
        print("\n%d captures of tcpdump's read" % len(files))
    assert len(files) > 500
    assert {k: v for part in found for k, v in part.items()} == {}
