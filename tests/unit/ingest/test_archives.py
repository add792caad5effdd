"""Packed files: what a zip or gzip holds is read like a file, and a hostile one gives nothing."""

import gzip
import zlib
from pathlib import Path
from stat import S_IFLNK
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from ingest.archives import unpacked
from ingest.errors import SourceRejected

ENDINGS = ("csv", "tsv", "parquet")


def zipped(path: Path, **members: str | bytes) -> Path:
    """A zip with these members; in their names `__` stands for a slash."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), content)
    return path


def test_a_file_that_is_not_packed_stays_where_it_is(tmp_path: Path) -> None:
    """Its first bytes tell, not its name."""
    plain = tmp_path / "a.zip"
    plain.write_text("id\n1\n")

    assert unpacked("vendor", plain, tmp_path, ENDINGS) == [plain]


def test_the_members_of_a_zip_keep_their_names_and_order(tmp_path: Path) -> None:
    """Two of the same name in different folders are two; what is no data file is left alone."""
    path = zipped(
        tmp_path / "latest",
        x__b_csv="1",
        a_csv="2",
        y__b_csv="3",
        readme="-",
        MACOSX__=b"",
    )
    with ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._a.csv", "junk")

    found = unpacked("vendor", path, tmp_path, ENDINGS)

    assert [(file.name, file.read_text()) for file in found] == [
        ("b.csv", "1"),
        ("a.csv", "2"),
        ("b.csv", "3"),
    ]


def test_a_gzip_is_the_file_it_holds(tmp_path: Path) -> None:
    """Without its ending."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"id\n1\n"))

    (found,) = unpacked("vendor", path, tmp_path, ENDINGS)

    assert (found.name, found.read_text()) == ("a.csv", "id\n1\n")


@pytest.mark.parametrize("name", ["../../outside.csv", "/outside.csv", "a/../../outside.csv"])
def test_a_member_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    """Of its path only the last name is used."""
    scratch = tmp_path / "deep" / "scratch"
    scratch.mkdir(parents=True)
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "id\n")

    (found,) = unpacked("vendor", tmp_path / "a.zip", scratch, ENDINGS)

    assert found.resolve().is_relative_to(scratch.resolve())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "deep"]


def test_a_member_whose_name_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    """It would stand in messages and among the rejects."""
    with pytest.raises(SourceRejected, match=r"the name 'a\\nb\.csv' has characters"):
        unpacked("vendor", zipped(tmp_path / "a.zip", **{"a\nb.csv": "id\n"}), tmp_path, ENDINGS)


def test_a_link_in_an_archive_is_only_its_text(tmp_path: Path) -> None:
    """Nothing that it names is read."""
    link = ZipInfo("a.csv")
    link.external_attr = (S_IFLNK | 0o777) << 16
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    (found,) = unpacked("vendor", tmp_path / "a.zip", tmp_path, ENDINGS)

    assert (found.is_symlink(), found.read_text()) == (False, "/etc/passwd")


def test_a_bomb_stops_at_the_cap(tmp_path: Path) -> None:
    """The bytes are counted as they come, over all members."""
    bomb = zipped(tmp_path / "bomb.zip", a_csv="0" * 3_000_000, b_csv="0" * 3_000_000)
    packed = tmp_path / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * 5_000_000))

    for path in (bomb, packed):
        with pytest.raises(SourceRejected, match="more than the cap of 4,000,000 bytes"):
            unpacked("vendor", path, tmp_path, ENDINGS, most_bytes=4_000_000)


def damaged(kind: str) -> bytes:
    """The bytes of an archive in which something is wrong."""
    if kind == "gzip cut off":
        return gzip.compress(bytes(range(256)) * 400)[:-20]
    if kind == "zip cut off":
        return b"PK\x03\x04" + b"\x00" * 100
    return b"\x1f\x8b\x08\x00" + zlib.compress(b"x")


@pytest.mark.parametrize("kind", ["gzip cut off", "zip cut off", "no gzip at all"])
def test_a_broken_archive_gives_nothing(tmp_path: Path, kind: str) -> None:
    """And says what to do."""
    path = tmp_path / "a.csv.gz"
    path.write_bytes(damaged(kind))

    with pytest.raises(SourceRejected, match=r"a\.csv\.gz can't be unpacked: .*again"):
        unpacked("vendor", path, tmp_path, ENDINGS)


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    """The checksum of a zip's member is checked."""
    path = zipped(tmp_path / "a.zip", a_csv="id,name\n" * 100)
    content = bytearray(path.read_bytes())
    content[40] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(SourceRejected, match="can't be unpacked"):
        unpacked("vendor", path, tmp_path, ENDINGS)


def test_an_archive_without_data_says_so(tmp_path: Path) -> None:
    """Its members may all be something else."""
    with pytest.raises(SourceRejected, match="holds no file that ends in csv, tsv, parquet"):
        unpacked("vendor", zipped(tmp_path / "a.zip", readme="-"), tmp_path, ENDINGS)
