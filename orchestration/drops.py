"""The local files that sources.yml names: which are there, and which are new, changed and whole.

What belongs here: looking at files by size and time. What doesn't: reading one (`ingest/`), and
what follows from a new one (`sensors.py`). Nothing here imports Dagster.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from pydantic import BaseModel

from ingest.documents.sources import Sources
from ingest.files import FileOptions

HASH_DIGITS = 16


@dataclass(frozen=True)
class Watch:
    """What is remembered from look to look: each file's size and time by its path.

    `known` are the files that were there when the watch began or for which a run was asked; `seen`
    those of the last look. A file that is away for a while stays known.
    """

    known: Mapping[str, str]
    seen: Mapping[str, str]

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """Read back what `to_json` wrote; None where there is nothing that can be read."""
        try:
            return cls(**json.loads(text or ""))
        except (ValueError, TypeError):
            return None

    def to_json(self) -> str:
        """The watch as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)

    def news(self, now: Mapping[str, str]) -> list[str]:
        """The files that are new or changed."""
        return sorted(path for path, mark in now.items() if self.known.get(path) != mark)

    def is_whole(self, now: Mapping[str, str], paths: Iterable[str]) -> bool:
        """Whether these files are as they were at the last look: nobody writes them any more."""
        return all(self.seen.get(path) == now[path] for path in paths)

    def looked(self, now: Mapping[str, str]) -> Self:
        """The watch after a look that asked for nothing."""
        return replace(self, seen=now)

    def asked(self, now: Mapping[str, str]) -> Self:
        """The watch after a run was asked for."""
        return replace(self, known={**self.known, **now}, seen=now)


def local_patterns(sources: Sources) -> list[str]:
    """The paths and patterns of local files, as sources.yml writes them, each once."""
    found = (pattern for source in sources.sources for pattern in _patterns(source.options))
    # Where a path comes from the environment it is not known before a run.
    return sorted({pattern for pattern in found if "${" not in pattern})


def look(folder: Path, patterns: Iterable[str]) -> dict[str, str]:
    """Size and time of each file that matches, by its path from the folder of sources.yml.

    Empty files and hidden ones are not there yet. Raises OSError or ValueError where a place can't
    be looked at.
    """
    files = {path for pattern in patterns for path in _matching(folder.resolve() / pattern)}
    marks = {_shown(path, folder.resolve()): _mark(path) for path in files}
    return {path: mark for path, mark in sorted(marks.items()) if mark}


def digest(marks: Mapping[str, str]) -> str:
    """One name for a state of all files."""
    text = json.dumps(dict(marks), sort_keys=True)
    return sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def _patterns(options: BaseModel) -> Iterator[str]:
    if isinstance(options, FileOptions) and options.path:
        yield options.path
    # The one option that is a path by itself: the list of job boards.
    boards = getattr(options, "boards", None)
    if isinstance(boards, str) and "://" not in boards:
        yield boards
    for name in type(options).model_fields:
        if isinstance(value := getattr(options, name), BaseModel):
            yield from _patterns(value)


def _matching(pattern: Path) -> Iterator[Path]:
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return (path for path in found if not path.name.startswith("."))


def _mark(path: Path) -> str | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return f"{state.st_size}-{state.st_mtime_ns}" if path.is_file() and state.st_size else None


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
