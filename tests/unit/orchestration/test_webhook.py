"""Messages to a chat: what they say, what they keep to themselves, and a webhook that is down."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from expectations.results import Finding, GateResults
from ingest.errors import DocumentError, Mistake, ProspectError, SourceRejected
from orchestration import webhook
from orchestration.publishing.gate_page import GateRefused
from orchestration.webhook import VARIABLE, failed, notify, post

WEEK = date(2026, 11, 23)
SECRET = "/services/T0-CANARY/B0-77b1e0"
MESSAGE = failed("list week 2026-11-23", "source crm: not there")


@pytest.fixture
def chat(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    """A chat that takes messages at a secret path."""
    monkeypatch.setenv(VARIABLE, httpserver.url_for(SECRET))
    httpserver.expect_request(SECRET, method="POST").respond_with_data("ok")
    return httpserver


def told(chat: HTTPServer) -> str:
    """The only message that the chat was given."""
    ((request, _),) = chat.log
    assert set(request.json) == {"text"}
    return request.json["text"]


def test_a_failure_says_what_failed_why_and_what_to_do(chat: HTTPServer) -> None:
    """Three lines: the week, the reason as the command line gives it, the next step."""
    notify(WEEK, SourceRejected("crm", "the answer is no JSON"))

    what, why, advice = told(chat).splitlines()
    assert what == "Failed: list week 2026-11-23"
    assert why == "source crm: the answer is no JSON"
    assert advice.startswith("What to do: ")


def test_a_refusal_names_its_checks_and_its_page(chat: HTTPServer) -> None:
    """It is told apart from a failure by its first word."""
    finding = Finding("ranks_dense", "departures", "critical", False, "why", "1, 2, 3", "a gap")
    page = Path("refused/2026-11-23/gate.html")

    notify(WEEK, GateRefused(GateResults(WEEK, "2026-11-23-0123456789ab", (finding,)), page))

    what, why, _ = told(chat).splitlines()
    assert what == "Refused: list week 2026-11-23"
    assert "ranks_dense (a gap)" in why
    assert f"{page}" in why


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("row ann@example.com"), "an error that nobody foresaw (ValueError)"),
        (
            ProspectError("dbt: 1 nodes failed (int_a): Conversion Error: 'ann@example.com'"),
            "dbt: 1 nodes failed (int_a); the log of the run has more",
        ),
        (
            DocumentError([Mistake("sources.yml", 3, "no such column"), Mistake("x.yml", 9, "b")]),
            "sources.yml:3: no such column",
        ),
    ],
    ids=["unforeseen", "dbt", "mistakes of a document"],
)
def test_what_may_hold_data_is_not_told(chat: HTTPServer, error: Exception, said: str) -> None:
    """A chat is read by many; the log of the run has the rest."""
    notify(WEEK, error)

    _, why, _ = told(chat).splitlines()
    assert said in why
    assert "ann@example.com" not in why


def test_hostile_text_is_only_text(chat: HTTPServer) -> None:
    """No mention, no link, no further line, no message without end."""
    post(failed("a\nb", "<!channel> & <https://evil.example|click>" + 9000 * "x"))

    text = told(chat)
    assert len(text.splitlines()) == 3
    assert "&lt;!channel&gt; &amp; &lt;https" in text
    assert len(text) < 3000


def test_without_a_webhook_nothing_is_posted(
    chat: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And that is no failure."""
    monkeypatch.delenv(VARIABLE)

    assert post(MESSAGE)
    assert chat.log == []


def test_the_address_is_told_nowhere(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever happens, no log line of any library has it, at any level."""
    caplog.set_level(logging.DEBUG)
    address = httpserver.url_for(SECRET)
    httpserver.expect_oneshot_request(SECRET).respond_with_data("ok")
    httpserver.expect_oneshot_request(SECRET).respond_with_data(address, status=500)
    closed = f"http://127.0.0.1:1{SECRET}"
    for url in (address, address, closed, f"ftp://host{SECRET}", f"https://[{SECRET}", SECRET):
        monkeypatch.setenv(VARIABLE, url)
        post(MESSAGE)

    # The test's own server writes down what it was asked.
    ours = [record for record in caplog.records if record.name != "werkzeug"]
    said = [(record.getMessage(), record.exc_info) for record in ours]
    assert len([message for message, _ in said if VARIABLE in message]) == 5
    assert "CANARY" not in f"{said}"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_another_answer_than_yes_is_a_failure(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """It returns False and raises nothing, and follows to no other host."""
    monkeypatch.setenv(VARIABLE, httpserver.url_for(SECRET))
    headers = {"Location": httpserver.url_for("/elsewhere")}
    httpserver.expect_request(SECRET).respond_with_data("", status=status, headers=headers)

    assert not post(MESSAGE)
    assert len(httpserver.log) == 1


def test_a_webhook_that_never_answers_is_given_up(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run must not wait for a chat."""
    over = Event()

    def wait(request: Request) -> Response:
        over.wait(30)
        return Response("")

    httpserver.expect_request(SECRET).respond_with_handler(wait)
    monkeypatch.setenv(VARIABLE, httpserver.url_for(SECRET))
    monkeypatch.setattr(webhook, "TIMEOUT_SECONDS", (0.2, 0.2))

    assert not post(MESSAGE)
    over.set()
