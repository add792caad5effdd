"""Archives from strangers: a member is read whole or not at all, and never more than the cap."""

import zipfile
from pathlib import Path

import pytest

from ingest.errors import SourceRejected
from ingest.zip_members import member, opened


def packed(path: Path, **members: bytes) -> Path:
    """An archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_member_is_read_up_to_the_cap(tmp_path: Path) -> None:
    """As many bytes as the cap are fine, one more is not."""
    path = packed(tmp_path / "a.zip", a=b"0" * 5_000_000, b=b"0" * 5_000_001)

    with opened("vendor", path) as archive:
        assert len(member(archive, archive.getinfo("a"), 5_000_000)) == 5_000_000
        with pytest.raises(ValueError, match="more than the cap of 5,000,000 bytes"):
            member(archive, archive.getinfo("b"), 5_000_000)


def test_what_a_header_says_of_the_size_is_not_believed(tmp_path: Path) -> None:
    """A bomb that calls itself small stops all the same."""
    path = packed(tmp_path / "a.zip", a=b"0" * 5_000_000)

    with opened("vendor", path) as archive:
        info = archive.getinfo("a")
        info.file_size = 10
        with pytest.raises(ValueError, match=r"cap|can't be unpacked"):
            member(archive, info, 1_000)


def damaged(path: Path, at: int, byte: bytes) -> Path:
    """The archive with one byte in another way."""
    content = bytearray(path.read_bytes())
    content[at : at + 1] = byte
    path.write_bytes(content)
    return path


def test_a_member_whose_bytes_are_not_those_that_were_packed_is_refused(tmp_path: Path) -> None:
    """Its check sum tells."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"x" * 100)
    damaged(path, path.read_bytes().index(b"xxxx") + 50, b"y")

    with opened("vendor", path) as archive, pytest.raises(ValueError, match="Bad CRC-32"):
        member(archive, archive.getinfo("a"))


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    """There is no password to ask for."""
    path = packed(tmp_path / "a.zip", a=b"x" * 100)
    # The lowest bit of the flags, in the member's header and in the directory.
    damaged(path, 6, b"\x01")
    damaged(path, path.read_bytes().index(b"PK\x01\x02") + 8, b"\x01")

    with opened("vendor", path) as archive, pytest.raises(ValueError, match="encrypted"):
        member(archive, archive.getinfo("a"))


@pytest.mark.parametrize("cut", [0, 10, 100], ids=["empty", "no archive", "half"])
def test_what_is_no_whole_archive_is_refused(tmp_path: Path, cut: int) -> None:
    """One clear line, whatever is missing."""
    path = packed(tmp_path / "a.zip", a=b"x" * 10_000, b=b"y" * 10_000)
    path.write_bytes(path.read_bytes()[:cut])

    with (
        pytest.raises(SourceRejected, match=r"source vendor: a\.zip is not a whole zip"),
        opened("vendor", path),
    ):
        pass
