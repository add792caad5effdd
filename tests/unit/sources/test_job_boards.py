"""Job boards: three vendors' formats give the same postings, and a dead board stops nothing."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from ingest.errors import DocumentError, SourceRejected, SourceUnavailable
from tests.support.sources import fetched, write

POSTED = datetime(2026, 10, 1, 6, 30, tzinfo=UTC)
GREENHOUSE = {
    "jobs": [
        {
            "id": 7,
            "title": "Controller",
            "updated_at": "2026-10-09T06:30:00Z",
            "first_published": "2026-10-01T02:30:00-04:00",
            "absolute_url": "https://boards.example/7",
            "location": {"name": "Berlin, Germany"},
            "internal_job_id": 70,
            "content": "&lt;p&gt;Month&amp;nbsp;end &amp;amp; &lt;b&gt;close&lt;/b&gt;&lt;/p&gt;",
        },
        {"id": 8, "title": "Accountant", "updated_at": "2026-10-09T06:30:00Z", "content": ""},
        {"id": 9, "title": "Join our talent pool", "internal_job_id": None, "content": "Hello"},
    ],
    "meta": {"total": 2},
}
LEVER = [
    {
        "id": "a-b",
        "text": "Controller",
        "createdAt": 1_790_836_200_000,
        "categories": {"location": "Köln", "allLocations": ["Köln", "Bonn"]},
        "hostedUrl": "https://lever.example/a-b",
        "description": "<div>Month end</div><style>p {}</style>",
        "lists": [{"text": "Tasks", "content": "<li>close &amp; consolidate</li>"}],
    }
]
ASHBY = {
    "apiVersion": "1",
    "jobs": [
        {
            "id": "x",
            "title": "Controller",
            "isListed": True,
            "publishedAt": "2026-10-01T06:30:00.000+00:00",
            "jobUrl": "https://ashby.example/x",
            "location": "Remote",
            "secondaryLocations": [{"location": "Paris"}],
            "descriptionHtml": "<p>Month end</p>",
        },
        {"id": "y", "title": "Hidden", "isListed": False},
    ],
}


@pytest.fixture
def boards(httpserver: HTTPServer) -> HTTPServer:
    """One board of each vendor."""
    httpserver.expect_request(
        "/v1/boards/acme/jobs", query_string="content=true"
    ).respond_with_json(GREENHOUSE)
    httpserver.expect_request("/v0/postings/beta", query_string="mode=json").respond_with_json(
        LEVER
    )
    httpserver.expect_request("/posting-api/job-board/gamma co").respond_with_json(ASHBY)
    for path in ("/v0/postings/gone", "/v1/boards/gone/jobs"):
        httpserver.expect_request(path).respond_with_json({"message": "no such board"}, status=404)
    return httpserver


def source(server: HTTPServer, boards: str) -> str:
    """The entry of sources.yml."""
    address = server.url_for("").rstrip("/")
    urls = "\n".join(f"{ats}_url: {address}" for ats in ("greenhouse", "lever", "ashby"))
    return f"connector: job_boards\n{urls}\nboards: {boards}"


ALL = (
    "[{ats: greenhouse, token: acme, domain: acme.de}, "
    "{ats: lever, token: beta, company_name: Beta}, "
    "{ats: ashby, token: gamma co, source_company_id: '3'}]"
)


def test_three_vendors_give_the_same_postings(boards: HTTPServer, tmp_path: Path) -> None:
    """Place and text without mark-up, title, address and time of publication.

    Hidden ones are left out, and so are forms for whoever wants to be thought of.
    """
    signals = fetched(tmp_path, source(boards, ALL))["signals"].rows

    by_id = {row["source_signal_id"]: row for row in signals.to_dicts()}
    assert {key: row["text"] for key, row in by_id.items()} == {
        "greenhouse/acme/7": "Berlin, Germany. Month end & close",
        "greenhouse/acme/8": None,
        "lever/beta/a-b": "Köln; Bonn. Month end Tasks: close & consolidate",
        "ashby/gamma co/x": "Remote; Paris. Month end",
    }
    dated = [row for key, row in by_id.items() if key != "greenhouse/acme/8"]
    assert {row["title"] for row in dated} == {"Controller"}
    assert {(row["occurred_at"], row["known_at"]) for row in dated} == {(POSTED, POSTED)}
    assert by_id["lever/beta/a-b"]["company_name"] == "Beta"
    assert by_id["ashby/gamma co/x"]["source_company_id"] == "3"
    assert {row["kind"] for row in by_id.values()} == {"job_posting"}


def test_a_posting_without_a_time_of_publication_has_none(
    boards: HTTPServer, tmp_path: Path
) -> None:
    """An edit is not a publication; the week it was first seen counts instead."""
    signals = fetched(tmp_path, source(boards, ALL))["signals"].rows.to_dicts()

    (undated,) = [row for row in signals if row["source_signal_id"] == "greenhouse/acme/8"]
    assert (undated["occurred_at"], undated["known_at"]) == (None, None)


def test_boards_may_stand_in_a_file(boards: HTTPServer, tmp_path: Path) -> None:
    """A row that names no board, or one twice, changes nothing for the others."""
    write(
        tmp_path,
        "boards.csv",
        "ats,token,domain,company_name",
        "greenhouse,acme,acme.de,Acme",
        "greenhouse,acme,acme.de,Acme",
        "workday,acme,acme.de,Acme",
        "lever,beta,,",
    )

    landed = fetched(tmp_path, source(boards, "boards.csv"))["signals"]

    assert landed.rows["source_signal_id"].to_list() == ["greenhouse/acme/7", "greenhouse/acme/8"]
    assert landed.rejects["line"].to_list() == [4, 5]
    assert "ats: Input should be 'greenhouse', 'lever' or 'ashby'" in landed.rejects["reason"][0]
    assert len([request for request, _ in boards.log]) == 1


def test_a_board_that_is_gone_is_recorded_and_the_rest_goes_on(
    boards: HTTPServer, tmp_path: Path
) -> None:
    """404 of one board is a fact about that board."""
    gone = ALL.replace("token: beta", "token: gone")

    landed = fetched(tmp_path, source(boards, gone))["signals"]

    assert landed.rows.height == 3
    assert landed.rejects["file"].to_list() == ["lever/gone"]
    assert "answered 404: not there" in landed.rejects["reason"][0]


def test_when_most_boards_fail_the_source_fails(boards: HTTPServer, tmp_path: Path) -> None:
    """Then it is the address or the vendor, and the last good batch stays."""
    gone = ALL.replace("token: beta", "token: gone").replace("token: acme", "token: gone")

    with pytest.raises(SourceUnavailable, match=r"2 of 3 boards failed; the last: .* 404"):
        fetched(tmp_path, source(boards, gone))


STRANGE: dict[str, tuple[str, Any]] = {
    "no postings": ("greenhouse", {"jobs": [], "meta": {"total": 0}}),
    "null": ("ashby", {"jobs": None}),
    "nothing but an id": ("greenhouse", {"jobs": [{"id": 1}]}),
    "everything null": (
        "lever",
        [dict.fromkeys(("text", "categories", "createdAt", "description", "lists")) | {"id": "1"}],
    ),
    "lists of something else": (
        "lever",
        [
            {
                "id": "1",
                "lists": ["?", {"text": None, "content": None}],
                "categories": {"allLocations": [None, 3]},
                "createdAt": "2026-10-01",
            }
        ],
    ),
    "plain text only": ("ashby", {"jobs": [{"id": "1", "descriptionPlain": "Month end"}]}),
    "numbers and truths for texts": (
        "ashby",
        {"jobs": [{"id": 1, "title": 5, "location": True, "isListed": None, "jobUrl": {}}]},
    ),
}


@pytest.mark.parametrize(("ats", "answer"), STRANGE.values(), ids=STRANGE)
def test_a_posting_lands_with_what_it_says(
    httpserver: HTTPServer, tmp_path: Path, ats: str, answer: Any
) -> None:
    """Vendors leave out, and add, whatever they like."""
    httpserver.expect_request(re.compile(".*/acme.*")).respond_with_json(answer)
    jobs = answer["jobs"] or [] if isinstance(answer, dict) else answer

    landed = fetched(tmp_path, source(httpserver, f"[{{ats: {ats}, token: acme, domain: a.de}}]"))

    signals = landed["signals"]
    assert (signals.batch.rows, signals.batch.rejects) == (len(jobs), 0)


def test_what_is_no_posting_is_set_aside_alone(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Without an id it couldn't be told from others; a time that is none is counted."""
    jobs = [
        "?",
        {"title": "No id"},
        {"id": "x", "title": "Good", "publishedAt": "soon"},
    ]
    httpserver.expect_request(re.compile(".*/acme.*")).respond_with_json({"jobs": jobs})

    landed = fetched(tmp_path, source(httpserver, "[{ats: ashby, token: acme, domain: acme.de}]"))

    signals = landed["signals"]
    assert signals.rows["title"].to_list() == ["Good"]
    assert signals.batch.unconverted == 1
    assert set(signals.rejects["reason"]) == {"expected a posting with an id"}
    assert set(signals.rejects["file"]) == {"ashby/acme"}


@pytest.mark.parametrize("answer", [{}, None, "no jobs", {"message": "hello"}])
def test_what_is_no_board_is_no_empty_board(
    httpserver: HTTPServer, tmp_path: Path, answer: Any
) -> None:
    """Its openings would be gone."""
    httpserver.expect_request(re.compile(".*/acme.*")).respond_with_json(answer)

    with pytest.raises(SourceUnavailable, match="expected a list of postings"):
        fetched(tmp_path, source(httpserver, "[{ats: ashby, token: acme, domain: acme.de}]"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["board,token,domain", "lever,acme,acme.de"], 'expected the column "ats"'),
        (["ats,token,domain", "workday,acme,acme.de"], "no row names a board; the last: ats"),
    ],
)
def test_a_file_that_names_no_board_is_an_error(
    httpserver: HTTPServer, tmp_path: Path, lines: list[str], message: str
) -> None:
    """Else all openings would be gone, and nobody would know why."""
    write(tmp_path, "boards.csv", *lines)

    with pytest.raises(SourceRejected, match=message):
        fetched(tmp_path, source(httpserver, "boards.csv"))


def test_a_board_names_its_company(httpserver: HTTPServer, tmp_path: Path) -> None:
    """A posting of nobody is no signal."""
    with pytest.raises(DocumentError, match="a domain, a company_name or a source_company_id"):
        fetched(tmp_path, source(httpserver, "[{ats: lever, token: beta}]"))
