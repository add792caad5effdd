"""Zip archives from strangers: their members one by one, at most so many bytes.

What belongs here: opening an archive and reading a member. What doesn't: what a member means.
Nothing is ever unpacked to a place that an archive names, and what a header says about sizes is
not believed: the bytes that come out are counted.
"""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from ingest.errors import SourceRejected

CHUNK_BYTES = 2**20
MEMBER_BYTES = 64 * 2**20
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    # An encrypted member.
    RuntimeError,
    OSError,
)


@contextmanager
def opened(source: str, path: Path) -> Iterator[ZipFile]:
    """An archive. SourceRejected when the file is none, or only half of one."""
    try:
        archive = ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError):
        raise SourceRejected(source, f"{path.name} is not a whole zip archive") from None
    with archive:
        yield archive


def member(archive: ZipFile, info: ZipInfo, cap: int = MEMBER_BYTES) -> bytes:
    """What a member holds. ValueError when it is broken, encrypted or larger than the cap."""
    return b"".join(chunks(archive, info, cap))


def chunks(archive: ZipFile, info: ZipInfo, cap: int) -> Iterator[bytes]:
    """The bytes of a member, piece by piece; ValueError as in `member`."""
    taken = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(CHUNK_BYTES):
                taken += len(chunk)
                if taken > cap:
                    break
                yield chunk
    except BROKEN as error:
        raise ValueError(f"can't be unpacked: {error}") from None
    if taken > cap:
        raise ValueError(f"unpacks to more than the cap of {cap:,} bytes")
