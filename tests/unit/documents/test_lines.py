"""YAML text becomes plain values with lines, or a DocumentError, and never anything else."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.documents.lines import open_document, read_text
from ingest.errors import DocumentError, Mistake


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("NO", "NO", id="norway is text"),
        pytest.param("on", "on", id="on is text"),
        pytest.param("yes", "yes", id="yes is text"),
        pytest.param("2026-10-05", "2026-10-05", id="a day is text"),
        pytest.param("12:30:45", "12:30:45", id="a time is text"),
        pytest.param("1_000", "1_000", id="an underscore makes text"),
        pytest.param("true", True, id="true"),
        pytest.param("False", False, id="false"),
        pytest.param("~", None, id="null"),
        pytest.param("010", 10, id="a leading zero stays decimal"),
        pytest.param("0x1F", 31, id="hexadecimal"),
        pytest.param("-1.5e3", -1500.0, id="exponent"),
        pytest.param("'5'", "5", id="a quoted number is text"),
        pytest.param("!!str 5", "5", id="a number tagged as text is text"),
    ],
)
def test_scalars_follow_yaml_1_2_core(text: str, value: object) -> None:
    """Nothing that a person would read as text turns into something else."""
    assert read_text(f"key: {text}", "a.yml").value == {"key": value}


def test_a_yaml_1_1_directive_does_not_bring_the_norway_problem_back() -> None:
    """NO stays text whatever version the document claims to be."""
    assert read_text("%YAML 1.1\n---\nkey: NO", "a.yml").value == {"key": "NO"}


def test_each_value_knows_its_line() -> None:
    """The line is that of the name, or of the nearest value around it."""
    document = read_text("a:\n  - x\n  -\n    b: 1\n\nc: 2\n", "a.yml")

    assert document.line(("a", 1, "b")) == 4
    assert document.line(("c",)) == 6
    assert document.line(("a", 1, "not there", "either")) == 4


def test_every_duplicate_key_is_a_mistake_with_both_lines() -> None:
    """All duplicates are reported, not only the first one."""
    document = read_text("a: 1\nb: 2\na: 3\nb: 4\n", "a.yml")

    assert document.mistakes == [
        Mistake("a.yml", 3, "a: given twice, first on line 1; keep one of them"),
        Mistake("a.yml", 4, "b: given twice, first on line 2; keep one of them"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("a: [1, 2\nb: 3", 2, "this is not YAML", id="open bracket"),
        pytest.param("a: 1\n\tb: 2", 2, "this is not YAML", id="tab"),
        pytest.param("a: 1\n---\nb: 2", 2, "this is not YAML", id="two documents"),
        pytest.param("a: *nowhere", 1, "this is not YAML", id="unknown reference"),
        pytest.param("", 1, "the document is empty", id="empty"),
        pytest.param("# only a comment", 1, "the document is empty", id="comment only"),
        pytest.param("[" * 3000, 1, "nested too deeply", id="deep nesting"),
    ],
)
def test_what_is_not_yaml_says_where(text: str, line: int, message: str) -> None:
    """Text that can't be read is one mistake with its line."""
    with pytest.raises(DocumentError) as caught:
        read_text(text, "a.yml")

    (mistake,) = caught.value.mistakes
    assert mistake.line == line
    assert message in mistake.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: !python/object 5", "the tag", id="foreign tag"),
        pytest.param("a: !!set {x}", "the tag", id="set"),
        pytest.param("a: &x [*x]", "refers to itself", id="loop"),
        pytest.param("? [1, 2]\n: 3", "expected a name before the colon", id="list as name"),
        pytest.param("a: " + "[" * 60 + "]" * 60, "levels deep", id="deep list"),
    ],
)
def test_what_is_not_used_here_is_a_mistake(text: str, message: str) -> None:
    """YAML that could mean something else than is read on the page is refused."""
    (mistake,) = read_text(text, "a.yml").mistakes

    assert message in mistake.message


def test_references_that_multiply_are_stopped() -> None:
    """A billion values in a few lines are refused before they are built."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]

    document = read_text("\n".join(lines), "a.yml")

    assert any("more than 100,000 values" in m.message for m in document.mistakes)


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path) -> None:
    """The line is that of the first byte that is wrong."""
    path = tmp_path / "a.yml"
    path.write_bytes("a: 1\nb: é\n".encode("latin-1"))

    with pytest.raises(DocumentError, match=r"a\.yml:2: expected text in UTF-8"):
        open_document(path)


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path) -> None:
    """Editors on Windows write one."""
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert open_document(path).value == {"a": 1}


def test_a_file_that_is_not_there_is_a_mistake_of_the_document(tmp_path) -> None:
    """Its path stands in the message."""
    with pytest.raises(DocumentError, match=r"none\.yml:1: this file does not exist"):
        open_document(tmp_path / "none.yml")


@given(st.text() | st.text("abc:-[]{}&*!|>'\"#%@`,?~ \n\t01.\\x", max_size=60))
@example('"\\U99999999"')
@example("%YAML 9.9\n--- a")
@example("!<> a")
@example("a: 0o8\nb: ._\nc: 1e999")
def test_any_text_gives_a_document_or_a_document_error(text: str) -> None:
    """No text makes the reader fail in another way."""
    try:
        assert read_text(text, "a.yml").value is not Ellipsis
    except DocumentError as error:
        assert error.mistakes
