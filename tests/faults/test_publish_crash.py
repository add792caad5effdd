"""Publishing dies or fails at every single step, and readers never notice.

A child process forbids its own n-th change to the file system by an audit hook: it either exits at
once, as a killed process would, or gets an OSError, as on a full disk.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.publishing.version import linked_versions, publish
from tests.support.publications import gate, publish_week, settings_in
from tests.support.warehouse import LIST_WEEK, build_warehouse

DRIVER = '''
"""Publish a second version of the week once for each step, failing at it, then once in peace."""
import os
import shutil
import sys
from pathlib import Path

from ingest.errors import ProspectError
from tests.support.publications import gate, settings_in
from tests.support.warehouse import LIST_WEEK
from orchestration.publishing.version import publish

CHANGES = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "shutil.copyfile"}
template, work, publish_id, manner = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:5]


seen = 0


def fail_at(step, home):
    def hook(event, arguments):
        global seen
        is_write = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
        if not (is_write or event in CHANGES) or str(home) not in str(arguments[0]):
            return
        seen += 1
        if seen == step:
            if manner == "killed":
                os._exit(9)
            raise OSError(28, "No space left on device")

    sys.addaudithook(hook)


def attempt(step):
    home = work / f"{step:03}"
    shutil.copytree(template, home, symlinks=True)
    settings = settings_in(home)
    fail_at(step, home)
    try:
        warehouse = home / "warehouse" / "next" / "warehouse.duckdb"
        publish(settings, LIST_WEEK, publish_id, warehouse, gate(LIST_WEEK, publish_id), {})
    except ProspectError:
        os._exit(1)
    os._exit(0 if seen < step else 2)


for step in range(1, 500):
    child = os.fork()
    if child == 0:
        attempt(step)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(step, code, flush=True)
    if code == 0:
        break
'''


@pytest.mark.parametrize("manner", ["killed", "failing"])
def test_a_publication_that_dies_anywhere_leaves_old_or_new(tmp_path: Path, manner: str) -> None:
    """After each death links name one whole version, old or new, and a rerun ends like a first run.

    The rerun cleans up as well: no name is left that a run that never died would not have made.
    """
    template = tmp_path / "template"
    publish_week(settings_in(template))
    new_id = f"{LIST_WEEK}-ba9876543210"
    build_warehouse(_next_warehouse(template), publish_id=new_id)
    old = _reachable(template)

    *died, peaceful = _attempts(template, tmp_path / "work", new_id, manner)

    new = _repeatable(_reachable(peaceful))
    assert len(died) > 20
    for home in died:
        seen = _reachable(home)
        if linked_versions(home / "published") == {LIST_WEEK: new_id}:
            assert _repeatable(seen) == new
            assert (home / "history" / "account_facts" / f"{new_id}.parquet").exists()
        else:
            assert seen == old
        results = gate(LIST_WEEK, new_id)
        publish(settings_in(home), LIST_WEEK, new_id, _next_warehouse(home), results, {})
        assert _names(home) == _names(peaceful)


def _next_warehouse(home: Path) -> Path:
    return home / "warehouse" / "next" / "warehouse.duckdb"


def _attempts(template: Path, work: Path, publish_id: str, manner: str) -> list[Path]:
    """The homes of the attempts, the last of which came through in peace."""
    work.mkdir()
    command = [sys.executable, "-c", DRIVER, str(template), str(work), publish_id, manner]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    codes = [line.split()[1] for line in done.stdout.splitlines()]
    assert codes[-1] == "0", done.stderr
    assert set(codes[:-1]) <= ({"9"} if manner == "killed" else {"1", "2"})
    return [work / f"{step:03}" for step in range(1, len(codes) + 1)]


def _reachable(home: Path) -> dict[str, bytes]:
    """Everything that readers reach through `latest`, as bytes."""
    latest = home / "published" / "latest"
    return {
        path.relative_to(latest).as_posix(): path.read_bytes()
        for path in sorted(latest.rglob("*"))
        if path.is_file()
    }


def _repeatable(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the files that hold or are the DuckDB file, which is equal in content only."""
    return {
        n: content for n, content in files.items() if n not in ("manifest.json", "marts.duckdb")
    }


def _names(home: Path) -> set[str]:
    """Every name in what is published and kept, with where links lead."""
    return {
        f"{path.relative_to(home)} {path.readlink() if path.is_symlink() else ''}"
        for folder in ("published", "history")
        for path in (home / folder).rglob("*")
    }
