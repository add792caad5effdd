"""The page docs/gate.md, written from the suites themselves.

`python -m expectations.page > docs/gate.md` writes it; a test holds the two together.
"""

from __future__ import annotations

from datetime import date

from expectations.arrivals import arrivals
from expectations.checks import Check
from expectations.deliveries import Delivery
from expectations.departures import departures
from expectations.files import files
from expectations.terms import Terms

_HEAD = """\
# The gate

What must hold before anyone gets a list. Great Expectations judges the two borders: batches as they
arrive, the list and its files as they depart. Single rows are judged at landing (bad ones are set
aside under `rejects/` with their reason), models by dbt's tests. Each check below has a test that
makes exactly that one fail.

- **refuses**: nothing is published, what was published stays as it is byte for byte, and
  `refused/<week>/gate.html` says what was found; `prospects run` exits 3.
- **refuses, may be accepted**: the same, but what it finds can be true of the market. Then
  `prospects run --accept CHECK --by NAME --because TEXT` lets it pass this once; name and reason
  stand in the manifest, on the gate page and on the report. In the Dagster UI the same is said by
  the run tags `prospects/accept`, `prospects/by` and `prospects/because`. Several findings of one
  cause are accepted together: `--accept` can be given again, and the tag holds several with commas.
- **banner**: the list is published and says so at its top.
- **note**: told on the gate page.

A check that can't look, because a table or column is missing, has failed and refuses. Without an
earlier list, changes and volumes only inform.

_This page is written by `python -m expectations.page > docs/gate.md`._
"""
_WEEK = date(2026, 11, 23)
_ANY = tuple(
    Delivery("source", table, "batch", None, 0.15, True) for table in ("companies", "signals")
)
_TERMS = Terms("sales", "marketing", _WEEK, (), 0)


def gate_page() -> str:
    """The page as Markdown, one row for each check in the order of the work."""
    suites = {
        "What arrived": arrivals(_ANY, _WEEK),
        "The list that was made of it": departures(_WEEK, "", _TERMS),
        "The files that leave": files(_WEEK, "", ()),
    }
    return _HEAD + "".join(_section(title, checks) for title, checks in suites.items())


def _section(title: str, checks: tuple[Check, ...]) -> str:
    rows = "\n".join(f"| `{c.name}` | {_consequence(c)} | {c.why} |" for c in checks)
    return (
        f"\n## {title}\n\n| check | when it fails | why it matters |\n| --- | --- | --- |\n{rows}\n"
    )


def _consequence(check: Check) -> str:
    if check.acceptable:
        return "refuses, may be accepted"
    return {"critical": "refuses", "warning": "banner", "info": "note"}[check.severity]


if __name__ == "__main__":
    print(gate_page(), end="")
