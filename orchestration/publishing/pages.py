"""HTML as such: the environment in which templates are rendered, and the filters they use.

Everything is escaped, nothing is loaded from anywhere, and only http(s) addresses become links.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

NOTHING = "\N{EN DASH}"


def render(template: str, **content: object) -> str:
    """The template with its content, the same bytes for the same content."""
    return _environment().get_template(template).render(**content)


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
