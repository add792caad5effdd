"""JSON lines: whatever an object holds is text by its name, and a broken line is set aside."""

import json
import tracemalloc
from pathlib import Path

import pytest

from ingest import delimited, json_lines
from ingest.errors import SourceRejected
from ingest.files import FileOptions, read


def rows(folder: Path, *lines: str) -> list[dict[str, object]]:
    """All rows of a file of these lines."""
    path = folder / "drop.jsonl"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
    options = FileOptions(path="drop.jsonl", url=None)
    return [row for frame in read("vendor", path, options) for row in frame.to_dicts()]


def test_each_value_is_text_by_its_name(tmp_path: Path) -> None:
    """Numbers, truths, lists and inner objects too; a name that a line lacks is empty there."""
    found = rows(
        tmp_path,
        '\ufeff{"id": 1, "share": 0.5, "is_on": true, "tags": ["a", null, "b"]}',
        "",
        '{"id": "2", "place": {"city": "Köln", "zip": null}}',
    )

    nothing = {"vendor.share": "", "vendor.is_on": "", "vendor.tags": ""}
    place = {"_file": "drop.jsonl", "_reject": None}
    assert found == [
        {"vendor.id": "1", "vendor.share": "0.5", "vendor.is_on": "true", "vendor.tags": "a; b"}
        | {"vendor.place.city": "", "vendor.place.zip": "", "_line": 1}
        | place,
        {"vendor.id": "2", "vendor.place.city": "Köln", "vendor.place.zip": "", "_line": 3}
        | nothing
        | place,
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", "expected an object"),
        ('{"id": 1', "Expecting"),
        ('{"id": NaN}', "NaN"),
        ('{"id": 1, "id": 2}', "a key twice"),
        ('{"id": "\\ud800"}', "half a character"),
        ("[" * 200_000, "nested too deeply"),
        (f'{{"id": {"[" * 700}{"]" * 700}}}', "nested too deeply"),
        ("nonsense", "Expecting value"),
        (f'{{"{"a" * 999}": {{"b": 1}}}}', "a name is longer than 1,000 characters"),
    ],
)
def test_a_line_that_is_no_object_is_set_aside(tmp_path: Path, line: str, reason: str) -> None:
    """With its number; the others are rows."""
    first, broken = rows(tmp_path, '{"id": 7}', line)

    assert (first["vendor.id"], first["_reject"]) == ("7", None)
    assert broken["_line"] == 2
    assert reason in str(broken["_reject"])


def test_a_file_without_lines_is_no_file_of_columns(tmp_path: Path) -> None:
    """Nothing tells what its columns would be."""
    assert rows(tmp_path, "", "") == []


def test_lines_and_names_have_a_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line without end, or a column for each row, would fill the memory."""
    monkeypatch.setattr(json_lines, "MOST_BYTES", 100)
    monkeypatch.setattr(json_lines, "MOST_NAMES", 3)

    with pytest.raises(SourceRejected, match="line 2 is longer than the cap of 100 bytes"):
        rows(tmp_path, "{}", '{"a": "' + "x" * 200 + '"}')
    with pytest.raises(SourceRejected, match="more than 3 names"):
        rows(tmp_path, '{"a": 1, "b": 2}', '{"c": 1, "d": 2}')


def test_a_few_bytes_that_stand_for_many_values_fill_frame_after_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines may leave out what one names: of many names there are few rows at once."""
    monkeypatch.setattr(delimited, "FRAME_BYTES", 2**17)
    path = tmp_path / "drop.jsonl"
    wide = json.dumps({f"n{number}": 1 for number in range(500)})
    path.write_text("{}\n" * 50 + f"{wide}\n")

    heights = [frame.height for frame in json_lines.read("vendor", path)]

    assert sum(heights) == 51
    assert max(heights) < 10


def test_names_of_objects_within_objects_are_not_multiplied(tmp_path: Path) -> None:
    """One of many letters stands before each name within it, and there may be many of these."""
    path = tmp_path / "drop.jsonl"
    names = ", ".join(f'"{number}": 1' for number in range(50_000))
    path.write_text(f'{{"id": 1}}\n{{"{"a" * 50_000}": {{{names}}}}}\n')

    tracemalloc.start()
    found = json_lines.first_record("vendor", path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == ["id"]
    assert peak < 64 * 2**20
