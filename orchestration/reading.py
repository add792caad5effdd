"""Reading what is published, for a terminal: the list, and the explanation of any account.

Here belongs finding a version and an account in it, and laying answers out as text. Everything is
read from the version's `marts.duckdb` alone. Not here: what an explanation holds (`explanations`)
and command-line options (`cli`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.explanations import Change, Explanation, Leg, Unknown, ask, explanations
from orchestration.terminal import WIDTH, fit, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEAR_ENOUGH = 0.8

LIST_QUERY = """
    select
        rank, tier, change, previous_rank, name, domain, website, country, city, industry,
        employees, employees_low, employees_high, revenue_usd,
        alignment_score, organisation_fit_score, people_coverage_score, issue_urgency_score,
        weakest_leg, why_now, rolled_up_accounts, reachable_contacts,
        array_to_string(missing_roles, '; ') as missing_roles,
        data_coverage_pct, newest_signal_date, is_known_later, account_id, list_week,
        (select is_made_up from meta) as is_made_up
    from target_accounts
    left join (
        select account_id, employees_low, employees_high from accounts
    ) as banded using (account_id)
    order by rank
"""
"""The list as people read it. Scores are exact: rounded for the eye only, and only once, so that
they never contradict the explanations."""


def published(settings: Settings, week: date | None = None) -> Path:
    """The folder of the version that a week's link, or `latest`, names at this moment.

    Raises ProspectError when that week, or any at all, isn't published.
    """
    name = "latest" if week is None else week.isoformat()
    link = settings.published / name
    if not link.exists():
        missing = "nothing is published yet" if week is None else f"{name} is not published"
        raise ProspectError(f"{missing} in {settings.published}; make a list with: prospects run")
    return link.resolve()


def read_list(
    settings: Settings, week: date | None = None, tier: str | None = None, top: int | None = None
) -> list[dict[str, Any]]:
    """The published list, best first, one dict per account; optionally of one tier or only the top.

    Raises ProspectError when nothing is published or the tier has no account in the list.
    """
    with _marts(published(settings, week)) as marts:
        rows = ask(marts, LIST_QUERY)
    tiers = sorted({str(row["tier"]) for row in rows})
    if tier is not None and tier not in tiers:
        raise ProspectError(f"no account in tier {tier}; this list has: {', '.join(tiers)}")
    return [row for row in rows if tier in (None, row["tier"])][:top]


def format_list(
    rows: Sequence[dict[str, Any]], format: Literal["table", "csv", "json"], width: int = WIDTH
) -> str:
    """The list as a table for a terminal, as formula-safe CSV or as JSON."""
    if format == "json":
        return json.dumps(rows, indent=2, default=_plain, ensure_ascii=False) + "\n"
    if format == "csv":
        return as_csv(rows)
    return _table(rows, width)


def explain(settings: Settings, account: str, week: date | None = None) -> Explanation:
    """Why an account is or isn't on the list.

    `account` is its domain, any address on its site, its name or its account id. Raises
    ProspectError when no account, or more than one, goes by that.
    """
    with _marts(published(settings, week)) as marts:
        return explanations(marts, [_find(marts, account)])[0]


def _find(marts: DuckDBPyConnection, account: str) -> str:
    """The id of the one account that goes by this id, domain, address or name."""
    hosts = _hosts(account)
    spelt = " ".join(account.split()).casefold()
    for query, wanted in (
        (_BY_ID, account.strip()),
        *((_BY_DOMAIN, host) for host in hosts),
        (_BY_NAME, spelt),
    ):
        ids = [row["account_id"] for row in ask(marts, query, wanted=wanted)]
        if len(ids) == 1:
            return str(ids[0])
        if ids:
            raise ProspectError(_ambiguous(marts, account, ids))
    raise ProspectError(_not_found(marts, account, hosts[0] if hosts else spelt))


_BY_ID = "select account_id from accounts where account_id = $wanted"

_BY_DOMAIN = """
    select account_id from accounts where domain = $wanted
    union
    select account_id from account_sources where domain = $wanted
    order by account_id
"""

_BY_NAME = r"""
    select account_id from accounts
    where lower(regexp_replace(trim(name), '\s+', ' ', 'g')) = $wanted
    union
    select account_id from account_sources
    where lower(regexp_replace(trim(name), '\s+', ' ', 'g')) = $wanted
    order by account_id
"""

_NEAREST = """
    select domain, name from accounts
    where greatest(
        jaro_winkler_similarity(coalesce(domain, ''), $wanted),
        jaro_winkler_similarity(lower(coalesce(name, '')), $wanted)
    ) >= $near
    order by greatest(
        jaro_winkler_similarity(coalesce(domain, ''), $wanted),
        jaro_winkler_similarity(lower(coalesce(name, '')), $wanted)
    ) desc, account_id
    limit 3
"""


def _hosts(account: str) -> list[str]:
    """The host that the text names, then each of its parent domains, in punycode."""
    text = account.strip().casefold()
    if not text or any(character.isspace() for character in text):
        return []
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        host = host.rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        return []
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _ambiguous(marts: DuckDBPyConnection, account: str, ids: list[str]) -> str:
    rows = ask(
        marts,
        "select account_id, name from accounts "
        "where account_id in (select unnest($account_ids::varchar[])) "
        "order by account_id limit 5",
        account_ids=ids,
    )
    known = "; ".join(f"{row['account_id']} ({printable(row['name'])})" for row in rows)
    return f"{len(ids)} accounts go by {account!r}; give the id of one of them: {known}"


def _not_found(marts: DuckDBPyConnection, account: str, wanted: str) -> str:
    near = marts.execute(_NEAREST, {"wanted": wanted, "near": NEAR_ENOUGH}).fetchall()
    known = "; ".join(f"{domain or 'no domain'} ({printable(name)})" for domain, name in near)
    hint = f"; did you mean: {known}" if known else ""
    return f"no account goes by {account!r} among those of the published week{hint}"


@contextmanager
def _marts(version: Path) -> Iterator[DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(str(version / "marts.duckdb"), read_only=True) as connection:
        yield connection


def format_explanation(explanation: Explanation) -> str:
    """The explanation as text for a terminal."""
    return "\n".join(line.rstrip() for line in _lines(explanation)) + "\n"


def _lines(e: Explanation) -> Iterator[str]:
    yield from _heading(e)
    for leg, question in zip(e.legs, ("Why them", "Who", "Why now"), strict=True):
        yield ""
        is_weakest = leg.leg == e.weakest_leg and e.outcome != "suppressed"
        yield from _leg_lines(leg, question, is_weakest=is_weakest)
        if leg.leg == "people":
            yield from _people_lines(e)
        if leg.leg == "issue":
            yield from _signal_lines(e)
    yield ""
    yield from _unknown_lines(e)
    yield from _record_lines(e)
    yield from _contradiction_lines(e)


def _heading(e: Explanation) -> Iterator[str]:
    facts = (e.domain, e.city, e.country, e.industry, _employees(e))
    yield f"{printable(e.name)}  ·  " + "  ·  ".join(printable(fact) for fact in facts if fact)
    yield f"week {e.list_week}, version {e.publish_id}, account {printable(e.account_id)}"
    if e.is_made_up:
        yield "MADE-UP DATA: this account doesn't exist."
    if e.is_known_later:
        yield "Rests on data that arrived after its week."
    yield ""
    yield _verdict(e)
    yield from _family_lines(e)
    yield from (f"  disqualified by {printable(reason)}" for reason in e.disqualifiers)
    if e.change:
        yield _change_line(e.change)


def _family_lines(e: Explanation) -> Iterator[str]:
    if e.parent:
        top = (
            f", at the top {printable(e.ultimate_parent)}" if e.ultimate_parent != e.parent else ""
        )
        yield f"Belongs to {printable(e.parent)}{top}."
    if e.rolled_up_accounts:
        others = "account" if e.rolled_up_accounts == 1 else "accounts"
        yield f"Stands for {e.rolled_up_accounts} other {others} of its family."


def _verdict(e: Explanation) -> str:
    outcome = e.outcome.replace("_", " ").upper()
    place = f", rank {e.rank}, tier {e.tier}" if e.rank is not None else ""
    is_said = e.rank is not None or not e.outcome_reason
    reason = "" if is_said else f": {printable(e.outcome_reason).replace('_', ' ')}"
    return f"{outcome}{place}{reason}  (alignment {_score(e.alignment_score)})"


def _change_line(change: Change) -> str:
    before = f" from rank {change.previous_rank}" if change.previous_rank is not None else ""
    since = f"since {change.previous_week}: " if change.previous_week else ""
    reason = f" ({printable(change.reason)})" if change.reason else ""
    return f"{since}{change.change}{before}{reason}"


def _leg_lines(leg: Leg, question: str, *, is_weakest: bool) -> Iterator[str]:
    note = "  <- weakest leg" if is_weakest else ""
    scale = "" if leg.score is None else " of 100"
    yield f"{question}: {leg.title} {_score(leg.score)}{scale}{note}"
    for reason in leg.reasons:
        evidence = f" — {printable(reason.evidence)}" if reason.evidence else ""
        origin = ", ".join(str(part) for part in (reason.source, reason.date) if part)
        origin = f" [{printable(origin)}]" if origin else ""
        yield f"  {reason.points:>8.4f}  {printable(reason.text)}{evidence}{origin}"


def _people_lines(e: Explanation) -> Iterator[str]:
    if e.outcome == "suppressed":
        yield "  people of suppressed accounts are not shown"
    for person in e.people:
        ways = (person.email, person.phone, person.profile_url)
        reach = ", ".join(printable(way) for way in ways if way) or "through the company"
        roles = ", ".join(role.replace("_", " ") for role in person.roles)
        who = f"{printable(person.full_name)}, {printable(person.title)}"
        yield f"            {who} ({roles}): {reach}"
    for role in e.missing_roles:
        wanted = f" (look for: {printable(role.wanted)})" if role.wanted else ""
        yield f"   missing  {role.role_id.replace('_', ' ')}{wanted}"


def _signal_lines(e: Explanation) -> Iterator[str]:
    for signal in e.signals:
        kind = signal.kind.replace("_", " ")
        yield f"            {signal.occurred} {kind}: {printable(signal.text)} [{signal.source}]"
    if e.signals_seen > len(e.signals):
        yield f"            and {e.signals_seen - len(e.signals)} older signals"


def _unknown_lines(e: Explanation) -> Iterator[str]:
    if e.unknown:
        yield "Not known, worth finding out:"
    for unknown in e.unknown:
        yield _unknown_line(unknown, "wanted" if unknown.is_wanted else "not wanted:")
    if e.unknown_disqualifiers:
        yield "Not known, and might rule it out:"
    for unknown in e.unknown_disqualifiers:
        yield _unknown_line(unknown, "ruled out:")


def _unknown_line(unknown: Unknown, word: str) -> str:
    wanted = f", {word} {printable(unknown.wanted)}" if unknown.wanted else ""
    return f"  {unknown.attribute or unknown.criterion_id}{wanted} ({unknown.criterion_id})"


def _record_lines(e: Explanation) -> Iterator[str]:
    yield "Made up of the records:"
    for record in e.records:
        name = f"{printable(record.name)}, {printable(record.domain or 'no domain')}"
        origin = f"{record.source} {printable(record.source_company_id)}"
        weight = "" if record.match_weight is None else f", {record.match_weight:+.1f} bits"
        reason = (record.link_reason or "link reason unknown").replace("_", " ")
        yield f"  {origin}: {name} ({printable(reason)}{weight})"


def _contradiction_lines(e: Explanation) -> Iterator[str]:
    if e.contradictions:
        yield "Sources contradict each other:"
    for c in e.contradictions:
        stands = _said(c.value, c.value_source, c.value_date)
        other = _said(c.other_value, c.other_value_source, c.other_value_date)
        yield f"  {c.attribute.replace('_', ' ')}: {stands}, not {other}"


def _said(value: str, source: str, day: date | None) -> str:
    return f"{printable(value)} [{printable(source)}{f', {day}' if day else ''}]"


def _score(value: Decimal | None) -> str:
    return "not judged" if value is None else f"{value:.1f}"


def _employees(e: Explanation) -> str | None:
    if e.employees is None:
        return None
    if e.employees_low is None:
        return f"{e.employees:,} employees"
    rest = "or more" if e.employees_high is None else f"to {e.employees_high:,}"
    return f"{e.employees_low:,} {rest} employees"


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV that no spreadsheet takes for formulas."""
    import polars as pl

    from orchestration.publishing.people_files import formula_safe

    frame = formula_safe(pl.DataFrame(list(rows), infer_schema_length=None))
    return frame.write_csv(quote_style="always")


def _table(rows: Sequence[dict[str, Any]], width: int) -> str:
    lines = [_table_line([column[0] for column in _COLUMNS], width)]
    lines += [_table_line([_cell(row[column[1]]) for column in _COLUMNS], width) for row in rows]
    note = ["", "Made-up data: none of these accounts exists."] if _made_up(rows) else []
    return "\n".join(lines + note) + "\n"


def _table_line(cells: Sequence[str], width: int) -> str:
    taken = sum(column[3] + 2 for column in _COLUMNS[:-1])
    widths = [column[3] for column in _COLUMNS[:-1]] + [max(width - taken, _COLUMNS[-1][3])]
    fitted = (
        fit(cell, wide, column[2])
        for cell, wide, column in zip(cells, widths, _COLUMNS, strict=True)
    )
    return "  ".join(fitted).rstrip()


_COLUMNS: tuple[tuple[str, str, Literal["left", "right"], int], ...] = (
    ("#", "rank", "right", 4),
    ("tier", "tier", "left", 4),
    ("change", "change", "left", 8),
    ("account", "name", "left", 24),
    ("domain", "domain", "left", 20),
    ("align", "alignment_score", "right", 5),
    ("org", "organisation_fit_score", "right", 5),
    ("people", "people_coverage_score", "right", 6),
    ("issue", "issue_urgency_score", "right", 5),
    ("why now", "why_now", "left", 20),
)
"""Heading, column, alignment and width; what is left of the line goes to the last one."""


def _made_up(rows: Sequence[dict[str, Any]]) -> bool:
    return any(row["is_made_up"] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:.1f}"
    return printable(str(value)) if value is not None else ""
