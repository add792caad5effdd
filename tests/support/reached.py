"""What readers and later runs find below a home: through which link, under which name."""

from __future__ import annotations

import hashlib
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
    as then; never to anything between."""
    links = old.keys() | new.keys() | found.keys()
    return all(found.get(link) in (old.get(link), new.get(link)) for link in links)


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
    paths = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
    return {
        f"{path.relative_to(place.parent)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }
