"""Telling people in their chat that a list did not come out: one message to PROSPECT_WEBHOOK.

What belongs here: what a message says and how it is posted. What doesn't: when one is due
(`sensors.py`, and `prospects run` for the runs of its own process).

The address is a secret: it is in no log line, error or metadata. And a chat is read by many: only
errors that a user can mend are told in their own words, of any other its kind alone, since its text
could hold a row of data.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import requests

from ingest.errors import ProspectError

VARIABLE = "PROSPECT_WEBHOOK"
REFUSED, FAILED = "Refused", "Failed"
TIMEOUT_SECONDS = (5.0, 10.0)
MOST_CHARACTERS = 2000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """What happened to what, why in one line, and what to do about it."""

    title: str
    subject: str
    reason: str
    advice: str

    def text(self) -> str:
        """Three lines of text, in which nothing can be taken for a mention or a link."""
        lines = (f"{self.title}: {self.subject}", self.reason, f"What to do: {self.advice}")
        return "\n".join(map(_plain, lines))


def refused(subject: str, reason: str) -> Message:
    """The gate held a list back; the reason names the checks and the page."""
    return Message(
        REFUSED,
        subject,
        reason,
        "open the page, mend the data and run the week again, or accept the finding by name with "
        "prospects run --accept. The last published list stays in force.",
    )


def failed(subject: str, reason: str) -> Message:
    """A run ended before it came to a list."""
    return Message(
        FAILED,
        subject,
        reason,
        "mend it and run the week again, in the Dagster UI or with prospects run. The last "
        "published list stays in force.",
    )


def notify(week: date, error: BaseException) -> None:
    """Tell how a run of this process ended; nothing happens without a webhook. Never raises."""
    from orchestration.publishing.gate_page import GateRefused

    subject, text = f"list week {week}", f"{error}"
    if isinstance(error, GateRefused):
        post(refused(subject, text))
    elif isinstance(error, ProspectError):
        post(failed(subject, without_data(text)))
    else:
        post(failed(subject, unforeseen(type(error).__name__)))


def without_data(text: str) -> str:
    """The first line of a mendable error; of one of dbt's what the database adds is left out."""
    first, *_ = text.strip().splitlines() or [""]
    if first.startswith("dbt: ") and "): " in first:
        return f"{first.partition('): ')[0]}); the log of the run has more"
    return first


def unforeseen(kind: str) -> str:
    """The reason where an error has none that may be told."""
    return f"an error that nobody foresaw ({kind}); the log of the run has its traceback"


def is_configured() -> bool:
    """Whether someone wants to be told."""
    return bool(_address())


def post(message: Message) -> bool:
    """Post a message; False, with a line in the log, when the webhook did not take it.

    Without a webhook nothing is posted, which is no failure. Never raises.
    """
    address = _address()
    trouble = _trouble(address, message) if address else None
    if trouble:
        log.warning("a message to %s did not get there: %s", VARIABLE, trouble)
    return trouble is None


def _address() -> str:
    return os.environ.get(VARIABLE, "").strip()


def _trouble(address: str, message: Message) -> str | None:
    """Why the message did not get there, without a word of the address; None if it did."""
    if not address.lower().startswith(("https://", "http://")):
        return "expected an http or https address"
    try:
        status = _status(address, message)
    except (requests.RequestException, ValueError, OSError) as error:
        # The text of such an error has the whole address in it.
        return type(error).__name__
    return None if 200 <= status < 300 else f"it answered {status}"


def _status(address: str, message: Message) -> int:
    body = {"text": message.text()}
    # Neither the answer's body nor where it redirects to is of interest.
    with (
        _without_a_trace(),
        requests.post(
            address, json=body, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True
        ) as response,
    ):
        return response.status_code


@contextmanager
def _without_a_trace() -> Iterator[None]:
    """urllib3 logs the path of each request, which is the secret part of such an address."""
    urllib3 = logging.getLogger("urllib3.connectionpool")
    urllib3.addFilter(_nothing)
    try:
        yield
    finally:
        urllib3.removeFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    return False


def _plain(text: str) -> str:
    line = " ".join(text.split())
    cut = line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
