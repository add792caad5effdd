"""Packed files: a zip or gzip from outside is unpacked into the scratch folder, under a cap.

What belongs here: telling a packed file by its first bytes, and writing out what it holds. What
doesn't: which files to look for and what stands in them (`files.py`).

An archive is hostile until read: of a member's path only the last name is used, its bytes are
counted as they come and not as the archive says, and a broken or encrypted one gives nothing.
"""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from ingest.errors import SourceRejected
from ingest.file_names import check_name

CHUNK_BYTES = 2**20
MOST_BYTES = 50 * 2**30
ZIP_MARK, GZIP_MARK = b"PK\x03\x04", b"\x1f\x8b"
BROKEN = (BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, NotImplementedError)


def unpacked(
    source: str,
    path: Path,
    scratch: Path,
    endings: Iterable[str],
    *,
    most_bytes: int = MOST_BYTES,
) -> list[Path]:
    """The files in an archive whose names have one of the endings; a file that is none, as it is.

    They lie below `scratch` under their own names, in the archive's order. Raises SourceRejected
    for one that is broken, encrypted, larger than the cap, or holds no such file.
    """
    mark = _first_bytes(path)
    if not mark.startswith((ZIP_MARK, GZIP_MARK)):
        return [path]
    folder = Path(mkdtemp(prefix="unpacked-", dir=scratch))
    cap = _Cap(source, path.name, most_bytes)
    try:
        if mark.startswith(GZIP_MARK):
            return [_from_gzip(path, folder, cap)]
        return _from_zip(source, path, folder, tuple(endings), cap)
    except BROKEN as error:
        raise SourceRejected(
            source, f"{path.name} can't be unpacked: {error}; fetch or save it again"
        ) from None


class _Cap:
    """Copies streams until, in all, more bytes came than are allowed."""

    def __init__(self, source: str, name: str, most_bytes: int) -> None:
        self._source, self._name = source, name
        self._most_bytes = self._left = most_bytes

    def copy(self, packed: IO[bytes] | gzip.GzipFile, target: Path) -> Path:
        with target.open("wb") as file:
            while chunk := packed.read(CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise SourceRejected(
                        self._source,
                        f"{self._name} holds more than the cap of {self._most_bytes:,} bytes",
                    )
                file.write(chunk)
        return target


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _from_gzip(path: Path, folder: Path, cap: _Cap) -> Path:
    with gzip.open(path) as packed:
        return cap.copy(packed, folder / path.name.removesuffix(".gz"))


def _from_zip(
    source: str, path: Path, folder: Path, endings: tuple[str, ...], cap: _Cap
) -> list[Path]:
    with ZipFile(path) as archive:
        members = [member for member in archive.infolist() if _is_wanted(member, endings)]
        if not members:
            raise SourceRejected(
                source, f"{path.name} holds no file that ends in {', '.join(endings)}"
            )
        found = []
        for number, member in enumerate(members):
            name = PurePosixPath(member.filename).name
            check_name(source, name)
            target = folder / str(number) / name
            target.parent.mkdir()
            with archive.open(member) as packed:
                found.append(cap.copy(packed, target))
        return found


def _is_wanted(member: ZipInfo, endings: tuple[str, ...]) -> bool:
    name = PurePosixPath(member.filename).name
    return name.lower().endswith(endings) and not name.startswith(".")
