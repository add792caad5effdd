"""Erasing dies or fails at every few of its steps; readers never notice, and another one ends it.

A child process forbids its own n-th change to the file system by an audit hook: it either exits at
once, as a killed process would, or gets an OSError, as on a full disk.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from ingest.batches import batches
from ingest.erasure import read_erased
from ingest.settings import PROJECT, Settings
from orchestration.erasure import erase
from orchestration.publishing.erasure import MANIFEST, MARTS
from tests.support.landing import WEEK, companies, land_frames
from tests.support.publications import publish_week, settings_in
from tests.support.runs import fingerprint
from tests.support.traces import traces
from tests.support.warehouse import LIST_WEEK

ADA = "ada@nordlicht.example"
SAID_OF_ADA = (ADA, "Ada Example", "+49 221 12", "people.example/p1", "old@nordlicht.example")
DRIVER = '''
"""Erase once for each step, failing at it, then once in peace; each in a copy of the template."""
import os
import shutil
import sys
from pathlib import Path

from ingest.errors import ProspectError
from orchestration.erasure import erase
from tests.support.publications import settings_in
from tests.support.warehouse import LIST_WEEK

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.utime", "shutil.copyfile"}
template, work, manner, email = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:5]
stride = int(sys.argv[5])
seen = 0


def fail_at(step, home):
    def hook(event, arguments):
        global seen
        is_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        # Inside a folder that is removed, names come without it.
        is_inside = event in ("os.remove", "os.rmdir") and not str(arguments[0]).startswith("/")
        is_ours = is_inside or (arguments and str(home) in str(arguments[0]))
        if not (is_write or event in CHANGES) or not is_ours:
            return
        seen += 1
        if seen == step:
            if manner == "killed":
                os._exit(9)
            raise OSError(28, "No space left on device")

    sys.addaudithook(hook)


def attempt(step):
    home = work / f"{step:04}"
    shutil.copytree(template, home, symlinks=True)
    fail_at(step, home)
    try:
        erase(settings_in(home), [email], LIST_WEEK)
    except ProspectError:
        os._exit(1)
    os._exit(0 if seen < step else 2)


for step in range(1, 2000, stride):
    child = os.fork()
    if child == 0:
        attempt(step)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(step, code, flush=True)
    if code == 0:
        break
'''


@pytest.mark.parametrize(("manner", "stride"), [("killed", 29), ("failing", 41)])
def test_an_erasure_that_dies_anywhere_is_ended_by_another(
    tmp_path: Path, manner: str, stride: int
) -> None:
    """After each death every file that links reach is whole, the old or the new one; the hash is
    kept before anything is gone; and erasing again leaves what one undisturbed erasure leaves."""
    template = settings_in(tmp_path / "template")
    _fill(template)
    old = fingerprint(template.published)
    said = traces(template.landing, *SAID_OF_ADA).keys()

    *died, peaceful = _attempts(template, tmp_path / "work", manner, stride)

    new = fingerprint(peaceful.published)
    assert len(died) > 5
    for home in died:
        _assert_readable(home, old, new)
        if traces(home.landing, *SAID_OF_ADA).keys() != said:
            assert read_erased(home) == read_erased(peaceful)
        erase(home, [ADA], LIST_WEEK)
        assert traces(home.home, *SAID_OF_ADA) == {}
        assert _repeatable(fingerprint(home.published)) == _repeatable(new)
        assert _landed(home) == _landed(peaceful)


def _fill(settings: Settings) -> None:
    """A person in batches, rejects, a warehouse and a version."""
    people = pl.DataFrame(
        {
            "source_contact_id": ["p1", "p1", "p3"],
            "full_name": ["Ada Example", "Ada Example", "Cy Example"],
            "email": [ADA, "old@nordlicht.example", "cy@hostile.example"],
        }
    )
    land_frames(settings, people, table="contacts", source="crm")
    land_frames(settings, companies("1", city=[f"ask {ADA}"]), source="crm", week=WEEK)
    publish_week(settings)


def _attempts(template: Settings, work: Path, manner: str, stride: int) -> list[Settings]:
    """The homes of the attempts, the last of which came through in peace."""
    work.mkdir()
    command = [
        sys.executable,
        "-c",
        DRIVER,
        str(template.home),
        str(work),
        manner,
        ADA,
        f"{stride}",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    steps = [line.split() for line in done.stdout.splitlines()]
    codes = [code for _, code in steps]
    assert codes[-1] == "0", done.stderr
    assert set(codes[:-1]) <= ({"9"} if manner == "killed" else {"1", "2"}), done.stderr
    return [settings_in(work / f"{int(step):04}") for step, _ in steps]


def _assert_readable(home: Settings, old: dict[str, str], new: dict[str, str]) -> None:
    """Nothing that a link reaches is missing or half."""
    latest = (home.published / "latest").resolve()
    assert latest.is_dir()
    for path, found in fingerprint(home.published).items():
        if Path(path).name in (MANIFEST, MARTS) or ".partial" in path:
            continue
        assert found in (old[path], new[path]), path
    for version in (home.published / ".versions").glob("[!.]*"):
        assert (version / MARTS).stat().st_size > 0
        assert (version / MANIFEST).read_text().endswith("}\n")


def _repeatable(files: dict[str, str]) -> dict[str, str]:
    """Without the files that hold or are the DuckDB file, which is equal in content only."""
    return {
        path: found for path, found in files.items() if Path(path).name not in (MANIFEST, MARTS)
    }


def _landed(home: Settings) -> list[tuple[object, ...]]:
    """What has landed; of manifests only what no clock decides."""
    return [
        (batch.batch_id, batch.rows, batch.rejects, batch.data(home).read_bytes())
        for batch in batches(home)
    ]
