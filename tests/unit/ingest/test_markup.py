"""XML from strangers: read as it is, or refused; nothing in it does anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.markup import parsed


def test_names_lose_their_prefixes_and_text_stays() -> None:
    """Vendors' tools put prefixes where they like; white space may stand before the document."""
    root = parsed(
        b'\n <?xml version="1.0"?><f:a xmlns:f="x"><f:b c="1">t &amp; \xc3\xa4</f:b></f:a>'
    )

    assert (root.tag, root.findtext("b"), root.find("b").get("c")) == ("a", "t & ä", "1")


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/hostname"> %b;]><a/>',
    ],
)
def test_a_document_type_is_refused(document: bytes) -> None:
    """Before anything that it declares is looked at."""
    with pytest.raises(ValueError, match="document type of its own"):
        parsed(document)


@pytest.mark.parametrize("document", [b"", b"<a>", b"a", b"<a>&b;</a>", b"<a></b>", b"<a/><b/>"])
def test_what_is_no_document_is_refused(document: bytes) -> None:
    """An entity that nobody declared too."""
    with pytest.raises(ValueError, match="expected XML, found something else"):
        parsed(document)


def test_depth_has_an_end() -> None:
    """A tree of a million levels is no document."""
    assert parsed(b"<a>" * 100 + b"</a>" * 100).tag == "a"
    with pytest.raises(ValueError, match="more than 100 levels"):
        parsed(b"<a>" * 1_000_000)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_tree_or_a_value_error(document: bytes) -> None:
    """Never anything else."""
    try:
        parsed(document)
    except ValueError as error:
        assert str(error)
