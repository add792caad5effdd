"""What readers and later runs find below a home: through which link, under which name."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ingest.settings import Settings

# The DuckDB file is equal in content only, so its bytes differ from make to make.
UNEQUAL = ("manifest.json", "marts.duckdb")

Reached = dict[str, dict[str, str]]
"""Per link in `published/`, the files that it leads to with the hashes of their bytes."""


def reached(settings: Settings) -> Reached:
    """What every link leads to, as its reader finds it."""
    links = [path for path in settings.published.glob("[!.]*") if path.is_symlink()]
    return {path.name: _files(path) for path in sorted(links)}


def is_old_or_new(found: Reached, old: Reached, new: Reached) -> bool:
    """Whether each link leads to what it led to before, or to what it shall lead to, or isn't there
    as then; never to anything between. `new` may have been made elsewhere."""
    again, made = repeatable(found), repeatable(new)
    return all(
        found.get(link) == old.get(link) or again.get(link) == made.get(link)
        for link in old.keys() | new.keys() | found.keys()
    )


def is_proved(settings: Settings) -> bool:
    """Whether each version that a link names has just the files that its manifest tells of."""
    versions = {path.resolve() for path in settings.published.glob("????-??-??")}
    return all(_hashes(version) == _promised(version) for version in versions)


def repeatable(found: Reached) -> Reached:
    """Without the files that differ between two makes of the same list."""
    return {
        link: {path: digest for path, digest in files.items() if not path.endswith(UNEQUAL)}
        for link, files in found.items()
    }


def names(settings: Settings, *folders: str) -> set[str]:
    """Every name below these folders of the home, with where links lead."""
    return {
        f"{path.relative_to(settings.home)} {path.readlink() if path.is_symlink() else ''}"
        for folder in folders
        for path in (settings.home / folder).rglob("*")
    }


def _files(place: Path) -> dict[str, str]:
    return _hashes(place) if place.is_dir() else {place.name: _sha256(place)}


def _hashes(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in paths}


def _promised(version: Path) -> dict[str, str]:
    manifest = version / "manifest.json"
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    proved = {path: entry["sha256"] for path, entry in files.items()}
    return proved | {manifest.name: _sha256(manifest)}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
