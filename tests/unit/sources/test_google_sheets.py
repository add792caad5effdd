"""Google Sheets: lists of whom to leave alone, over a loopback server that redirects as Google."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ingest.batches import batches_of
from ingest.errors import DocumentError, SourceNotFound, SourceRejected
from tests.support.landing import settings_in
from tests.support.sources import Landed, fetched

SHEET = "1MadeUpSheetIdNobodyHas"
DIGEST = sha256(b"a.sample@acme-sample.com").hexdigest()
LISTED = "Who,Since,Until,Why\n"


@pytest.fixture
def content() -> Iterator[HTTPServer]:
    """The other host, which gives what was exported."""
    with HTTPServer(host="127.0.0.1") as server:
        yield server


def source(server: HTTPServer, *further: str, columns: str = "key: Who") -> str:
    """The entry of sources.yml: `localhost` exports, 127.0.0.1 gives the content."""
    base = f"http://localhost:{server.port}"
    sheets = [f"{{sheet: {SHEET}, reason: do_not_contact, columns: {{{columns}}}}}", *further]
    listed = "".join(f"  - {sheet}\n" for sheet in sheets)
    return (
        f"connector: google_sheets\nbase_url: {base}\ncontent_domain: 127.0.0.1\nsheets:\n{listed}"
    )


def exports(server: HTTPServer, text: str | bytes, gid: int = 0, sheet: str = SHEET) -> None:
    """A shared sheet, as if the exporting host gave it itself."""
    server.expect_request(
        f"/spreadsheets/d/{sheet}/export", query_string={"format": "csv", "gid": f"{gid}"}
    ).respond_with_data(text, content_type="text/csv")


def landed(server: HTTPServer, folder: Path, text: str, columns: str = "key: Who") -> Landed:
    """One sheet of this text, landed."""
    exports(server, text)
    return fetched(folder, source(server, columns=columns))["suppressions"]


def test_a_shared_sheet_is_followed_to_the_host_of_its_content(
    httpserver: HTTPServer, content: HTTPServer, tmp_path: Path
) -> None:
    """Google answers an export with a redirect to another of its domains."""
    content.expect_request("/export/x").respond_with_data(
        f"{LISTED}acme-sample.com,,,\n", content_type="text/csv"
    )
    httpserver.expect_request(f"/spreadsheets/d/{SHEET}/export").respond_with_data(
        status=307, headers={"Location": content.url_for("/export/x?id=1")}
    )

    rows = fetched(tmp_path, source(httpserver))["suppressions"].rows

    assert rows.select("key_kind", "key", "reason").rows() == [
        ("domain", "acme-sample.com", "do_not_contact")
    ]


def test_a_published_sheet_is_read_from_its_own_address(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Its id tells that it is published, not shared."""
    published = "2PACX-MadeUpPublishedId"
    httpserver.expect_request(
        f"/spreadsheets/d/e/{published}/pub",
        query_string={"output": "csv", "single": "true", "gid": "0"},
    ).respond_with_data(f"{LISTED}acme-sample.com,,,\n", content_type="text/csv")

    entry = source(httpserver).replace(SHEET, published)

    assert fetched(tmp_path, entry)["suppressions"].batch.rows == 1


@pytest.mark.parametrize(
    ("cell", "kind", "key"),
    [
        ("https://www.Acme-Sample.com/about", "domain", "acme-sample.com"),
        (" acme-sample.com\u200b", "domain", "acme-sample.com"),
        ("A.Sample@Acme-Sample.com", "email", "a.sample@acme-sample.com"),
        ("mailto:a.sample@acme-sample.com", "email", "a.sample@acme-sample.com"),
        (DIGEST.upper(), "email_sha256", DIGEST),
    ],
)
def test_a_cell_tells_its_kind_of_key(
    httpserver: HTTPServer, tmp_path: Path, cell: str, kind: str, key: str
) -> None:
    """In any spelling."""
    rows = landed(httpserver, tmp_path, f"{LISTED}{cell},,,\n").rows

    assert rows.select("key_kind", "key").rows() == [(kind, key)]


@pytest.mark.parametrize(
    "cell",
    [
        "Acme Sample",
        "@acme-sample.com",
        "a.sample@",
        '"acme-sample.com, beta-sample.com"',
        DIGEST[:40],
        "co.uk",
        "192.0.2.1",
    ],
)
def test_a_cell_that_could_be_anything_is_set_aside(
    httpserver: HTTPServer, tmp_path: Path, cell: str
) -> None:
    """With its line; the others land. A guess would leave the wrong ones alone."""
    table = landed(httpserver, tmp_path, f"{LISTED}acme-sample.com,,,\n{cell},,,\n")

    assert table.rows["key"].to_list() == ["acme-sample.com"]
    ((file, line, reason),) = table.rejects.select("file", "line", "reason").rows()
    assert (file, line) == ("sheet-1.csv", 3)
    assert reason.startswith("expected a domain, an e-mail address or the SHA-256 of one, found ")


def test_columns_of_the_sheet_tell_more(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Kind, reason, last day and note; where a reason is missing, the sheet's counts."""
    text = (
        "What,Who,Because,Until,Note,Initials\n"
        "company_id,crm:1042,partner,2027-01-31,renewal,xy\n"
        ",acme-sample.com,,someday,,\n"
        ",,,,,\n"
        ",,competitor,,no key,\n"
    )
    columns = "key: Who, key_kind: What, reason: Because, until_date: Until, note: Note"

    table = landed(httpserver, tmp_path, text, columns)

    assert table.rows.select("key_kind", "key", "reason", "until_date", "note").rows() == [
        ("company_id", "crm:1042", "partner", date(2027, 1, 31), "renewal"),
        ("domain", "acme-sample.com", "do_not_contact", None, None),
    ]
    assert table.rejects["line"].to_list() == [5]
    assert table.batch.unconverted == 1
    assert table.batch.new_columns == ("Initials",)


def test_each_sheet_has_its_reason(httpserver: HTTPServer, tmp_path: Path) -> None:
    """One spreadsheet may hold several lists."""
    exports(httpserver, f"{LISTED}acme-sample.com,,,\n")
    exports(httpserver, "Rival\nbeta-sample.com\n", gid=7)
    further = f"{{sheet: {SHEET}, gid: 7, reason: competitor, columns: {{key: Rival}}}}"

    rows = fetched(tmp_path, source(httpserver, further))["suppressions"].rows

    assert rows.select("key", "reason").rows() == [
        ("acme-sample.com", "do_not_contact"),
        ("beta-sample.com", "competitor"),
    ]


PRIVATE = {
    "a page to sign in": Response("<html>Sign in</html>", content_type="text/html; charset=utf-8"),
    "a redirect to sign in": Response(
        status=302, headers={"Location": f"https://accounts.sample/ServiceLogin?to={SHEET}"}
    ),
    "a refusal": Response(status=401),
    "not there": Response(status=404),
}


@pytest.mark.parametrize("answer", PRIVATE.values(), ids=PRIVATE)
def test_a_private_sheet_is_one_clear_line_without_its_id(
    httpserver: HTTPServer, tmp_path: Path, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knows the id can read a shared sheet, so it is no better than a password."""
    caplog.set_level(0)
    httpserver.expect_request(f"/spreadsheets/d/{SHEET}/export").respond_with_response(answer)

    with pytest.raises(SourceRejected, match="share it with anyone who has the link") as raised:
        fetched(tmp_path, source(httpserver))

    assert f"{raised.value}".startswith("source vendor: sheet 1 (gid 0): http://localhost:")
    assert SHEET not in f"{raised.value}"
    assert "\n" not in f"{raised.value}"
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("ingest")]
    assert SHEET not in " ".join(ours)


@pytest.mark.parametrize("location", ["http://localhost.sample/x", "ftp://127.0.0.1/x"])
def test_no_other_host_and_no_other_way_is_followed(
    httpserver: HTTPServer, tmp_path: Path, location: str
) -> None:
    """Only the domain of Google's content, asked as the sheet was."""
    httpserver.expect_request(f"/spreadsheets/d/{SHEET}/export").respond_with_data(
        status=302, headers={"Location": location}
    )

    with pytest.raises(SourceRejected, match="redirects to another host"):
        fetched(tmp_path, source(httpserver))


@pytest.mark.parametrize("text", [LISTED, f"{LISTED},,,\n,,,\n", f"{LISTED}nobody,,,\n"])
def test_a_sheet_that_names_nobody_lands_nothing(
    httpserver: HTTPServer, tmp_path: Path, text: str
) -> None:
    """Also where another sheet is filled: the last good list stays."""
    exports(httpserver, f"{LISTED}acme-sample.com,,,\n")
    exports(httpserver, text, gid=7)
    further = f"{{sheet: {SHEET}, gid: 7, reason: competitor, columns: {{key: Who}}}}"

    with pytest.raises(SourceRejected, match=r"sheet 2 \(gid 7\) names nobody"):
        fetched(tmp_path, source(httpserver, further))
    assert batches_of(settings_in(tmp_path), "suppressions", "vendor") == []


def test_another_sheet_than_meant_is_told(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Its columns have other names."""
    with pytest.raises(SourceRejected, match=r'sheet-1.csv: expected the column "Who".*`gid`'):
        landed(httpserver, tmp_path, "Name,Street\nx,y\n")


def test_the_id_may_stand_in_the_environment(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing sheet then shows neither."""
    monkeypatch.setenv("DO_NOT_CONTACT_SHEET", SHEET)
    entry = source(httpserver).replace(SHEET, '"${DO_NOT_CONTACT_SHEET}"')
    exports(httpserver, f"{LISTED}acme-sample.com,,,\n")

    assert fetched(tmp_path, entry)["suppressions"].batch.rows == 1
    httpserver.clear()
    httpserver.expect_request(f"/spreadsheets/d/{SHEET}/export").respond_with_data(status=404)
    with pytest.raises(SourceNotFound) as raised:
        fetched(tmp_path, entry)
    assert SHEET not in f"{raised.value}"


def test_an_address_in_place_of_an_id_is_a_mistake_of_the_document(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """It says which part of the address is meant."""
    address = f"https://docs.google.com/spreadsheets/d/{SHEET}/edit"

    with pytest.raises(DocumentError, match="what stands between /d/ and /edit") as raised:
        fetched(tmp_path, source(httpserver).replace(SHEET, address))
    assert SHEET not in f"{raised.value}"
