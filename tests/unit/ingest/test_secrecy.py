"""Secrets are found again however an address spells them and wherever it is cut."""

import pytest

from ingest.secrecy import address_parts, without

TARGET = "/d/PATHTOKEN123/list.csv?dl=1&key=K3Y%2B9x&x=a+b+c+d"
DROP = f"https://user:pass-word@vendor.example{TARGET}"
HIDDEN = [
    pytest.param("vendor.example/d/PATHTOKEN123/list.csv?dl=1", "vendor.example…?dl=1", id="path"),
    pytest.param(f"GET {TARGET} HTTP/1.1", "GET … HTTP/1.1", id="what is asked for"),
    pytest.param("PATHTOKEN123 is no list", "… is no list", id="segment"),
    pytest.param("key: K3Y%2B9x", "key: …", id="value"),
    pytest.param("key: K3Y+9x", "key: …", id="value as it is meant"),
    pytest.param("x: a b c d", "x: …", id="value with spaces"),
    pytest.param("user:pass-word, pass-word", "…, …", id="password"),
    pytest.param("https://vendor.example is down", "https://vendor.example is down", id="host"),
    pytest.param("1 list, d", "1 list, d", id="words"),
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_of_an_address_only_the_host_is_shown(text: str, shown: str) -> None:
    """Whole or in parts, as it is sent or as it is meant; words stay readable."""
    assert without(text, address_parts(DROP)) == shown


PIECES = [
    pytest.param("d/PATHTOKEN123.csv.gz?dl=1", "PATHTOKEN123.csv", id="path and query"),
    pytest.param("key=QUERYTOKEN&dl=1", "QUERYTOKEN", id="query"),
    pytest.param("vendor.example/d?key=T0K3N9", "T0K3N9", id="without a scheme"),
    pytest.param("s3cr3t", "s3cr3t", id="key"),
    pytest.param("k3y", "k3y", id="short key"),
    pytest.param("https://vendor.example/k3y", "https://vendor.example/k3y", id="short path"),
    pytest.param("http://[", "http://[", id="no address"),
]


@pytest.mark.parametrize(("value", "repeated"), PIECES)
def test_a_piece_of_an_address_is_hidden_too(value: str, repeated: str) -> None:
    """A document may hold the rest of it; nothing that is whole a secret is ever shown."""
    assert repeated not in without(f"found {repeated}", address_parts(value))
