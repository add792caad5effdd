"""HTML and Markdown as such: how templates are rendered, and the filters they use.

Everything is escaped, nothing is loaded from anywhere, and only http(s) addresses become links.
The one script that a page may run is a file beside the templates, allowed by its hash.
"""

from __future__ import annotations

import hashlib
import string
from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

NOTHING = "\N{EN DASH}"
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in string.punctuation})


@dataclass(frozen=True)
class Script:
    """A script of ours as it stands in a page, and how the page's policy names it."""

    text: Markup
    allowed_as: str


def script(name: str) -> Script:
    """The script file of that name beside the templates; a page with any other runs nothing."""
    text = (files("orchestration.publishing") / "templates" / name).read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"sha256-{digest}")  # noqa: S704 - no value ever comes into it


def render(template: str, **content: object) -> str:
    """The template with its content, the same bytes for the same content."""
    return _environment().get_template(template).render(**content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("orchestration.publishing"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        long_date=long_date, score=score, web_address=web_address, words=words, thousands=thousands
    )
    return environment


def long_date(day: date) -> str:
    """23 November 2026."""
    return f"{day.day} {day:%B %Y}"


def score(value: Decimal | float | None) -> str:
    """One decimal, or a dash where there is none."""
    return NOTHING if value is None else f"{value:.1f}"


def thousands(value: float | None) -> str:
    """1,234,567, or a dash where there is none."""
    return NOTHING if value is None else f"{value:,.0f}"


def words(identifier: str | None) -> str:
    """An identifier such as `budget_holder` as words."""
    return (identifier or "").replace("_", " ")


def web_address(address: str | None) -> str | None:
    """The address when it is one that a browser may safely open, else nothing."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


def plain_markdown(text: str) -> str:
    """The text on one line of Markdown, in which no mark of it or of HTML means anything."""
    return " ".join(text.split()).translate(_MARKS)
