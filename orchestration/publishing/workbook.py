"""The workbook for people: the list, what changed, why, by which criteria, and how to read it.

Here belongs which sheets there are, what their columns mean and in which order they stand. Not
here: what Excel can hold and how cells look (`xlsx_files`), and the sheet that explains the others
(`workbook_read_me`). Machines import the CSV files of `import_files` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from expectations.results import GateResults
from orchestration.explanations import LEG_TITLES, ask
from orchestration.publishing import csv_files
from orchestration.publishing.pages import long_date
from orchestration.publishing.people_files import country_names
from orchestration.publishing.workbook_read_me import Sheet, write_read_me
from orchestration.publishing.xlsx_files import EXCEL, Column, Limits, Table, written


def write_workbook(
    path: Path, marts: duckdb.DuckDBPyConnection, gate: GateResults, limits: Limits = EXCEL
) -> None:
    """Write the workbook of a published marts file; the same marts and gate give the same bytes.

    `gate` is what was found before the files. Raises OSError where the file can't be written.
    """
    meta = ask(marts, "select * from meta")[0]
    sheets = [Sheet(table, _count(marts, table)) for table in _tables(meta["is_made_up"])]
    title = f"Target accounts, week of {long_date(meta['list_week'])}"
    with written(
        path,
        meta["list_week"],
        f"{title}, made-up data" if meta["is_made_up"] else title,
        f"Version {meta['publish_id']}",
        rows=sum(sheet.rows for sheet in sheets),
        limits=limits,
    ) as book:
        for sheet in sheets:
            book.add_table(sheet.table, _rows(marts, sheet.table))
        write_read_me(book, marts, gate, sheets)


def _count(marts: duckdb.DuckDBPyConnection, table: Table) -> int:
    row = marts.execute(f"select count(*) from ({table.query})").fetchone()
    return int(row[0]) if row else 0


def _rows(marts: duckdb.DuckDBPyConnection, table: Table) -> Iterator[Sequence[object]]:
    for frame in csv_files.frames(marts, table.query):
        yield from frame.iter_rows()


def _tables(is_made_up: bool) -> list[Table]:
    account = Column("Account (made up)" if is_made_up else "Account", 30, "name")
    return [_list(account), _changes(account), _reasons(account), _criteria()]


def _list(account: Column) -> Table:
    return Table(
        name="List",
        about="The target accounts of the week, best first.",
        mart="target_accounts",
        frozen=4,
        query="""
            select
                rank, tier, change, name, domain, alignment_score, organisation_fit_score,
                people_coverage_score, issue_urgency_score, weakest_leg, why_now,
                coalesce(people, 0), replace(array_to_string(missing_roles, '; '), '_', ' '),
                country, city, industry, employees,
                format('{:,}', employees_low)
                    || coalesce(' to ' || format('{:,}', employees_high), ' or more') as band,
                revenue_usd, data_coverage_pct,
                newest_signal_date, previous_rank, rolled_up_accounts,
                case when is_known_later then 'yes' end, website, account_id
            from target_accounts
            left join (
                select account_id, count(distinct contact_id) as people
                from target_contacts group by account_id
            ) as reached using (account_id)
            left join (
                select account_id, employees_low, employees_high from accounts
            ) as banded using (account_id)
            order by rank
        """,
        columns=[
            Column("Rank", 6, "count"),
            Column("Tier", 6, "tier", meaning=_TIER),
            Column("Change", 9, meaning=_CHANGE),
            account,
            Column("Domain", 25),
            Column("Alignment", 11, "score", meaning=_ALIGNMENT),
            Column("Organisation fit", 13, "score", meaning=_ORGANISATION_FIT),
            Column("People coverage", 11, "score", meaning=_PEOPLE_COVERAGE),
            Column("Issue urgency", 11, "score", meaning=_ISSUE_URGENCY),
            Column("Weakest leg", 16, meaning=_WEAKEST_LEG, labels=LEG_TITLES),
            Column("Why now", 52),
            Column("People to talk to", 11, "count", meaning=_PEOPLE),
            Column("Missing roles", 28, meaning=_MISSING_ROLES),
            Column("Country", 15, labels=country_names()),
            Column("City", 16, is_printed=False),
            Column("Industry", 26, is_printed=False),
            Column("Employees", 12, "count", meaning=_EMPLOYEES, is_printed=False),
            Column("Band of employees", 15, meaning=_BAND, is_printed=False),
            Column("Revenue (USD)", 15, "count", is_printed=False),
            Column("Data known", 9, "percentage", meaning=_DATA_KNOWN, is_printed=False),
            Column("Newest signal", 12, "date", meaning=_NEWEST_SIGNAL, is_printed=False),
            Column("Rank before", 9, "count", is_printed=False),
            Column("Stands for", 9, "count", meaning=_STANDS_FOR, is_printed=False),
            Column("Rests on later data", 11, meaning=_LATER, is_printed=False),
            Column("Website", 36, "link", is_printed=False),
            Column("Account id", 24, meaning=_ACCOUNT_ID, is_printed=False),
        ],
    )


def _changes(account: Column) -> Table:
    return Table(
        name="Changes",
        about="What became of each account since the list compared with: also of those that left.",
        mart="target_account_changes",
        frozen=2,
        query="""
            select
                change, name, domain, rank, previous_rank, previous_rank - rank, alignment_score,
                previous_alignment_score, alignment_score - previous_alignment_score, reason,
                previous_week, account_id
            from target_account_changes
            -- Who must not be listed now is in no list file, also not as one who left.
            where account_id not in (
                select account_id from account_scores where outcome = 'suppressed'
            )
            order by rank nulls last, previous_rank nulls last, account_id
        """,
        columns=[
            Column("Change", 10, meaning=_CHANGE),
            account,
            Column("Domain", 25),
            Column("Rank", 7, "count"),
            Column("Rank before", 8, "count"),
            Column("Places moved", 8, "moved", meaning=_MOVED),
            Column("Alignment", 11, "score", meaning=_ALIGNMENT),
            Column("Alignment before", 11, "score"),
            Column("Alignment gained", 11, "gained"),
            Column("What moved it", 60),
            Column("Compared with", 12, "date"),
            Column("Account id", 24, is_printed=False),
        ],
    )


def _reasons(account: Column) -> Table:
    return Table(
        name="Reasons",
        about="Why each listed account is on the list: every reason with what is known of it.",
        mart="target_account_reasons",
        frozen=2,
        query="""
            select
                listed.rank, listed.name, reasons.leg, replace(reasons.reason_id, '_', ' '),
                reasons.points, reasons.reason, reasons.evidence, reasons.evidence_source,
                reasons.evidence_date, listed.domain, reasons.account_id, reasons.reason_id
            from target_account_reasons as reasons
            join target_accounts as listed on listed.account_id = reasons.account_id
            order by
                listed.rank, array_position(['organisation', 'people', 'issue'], reasons.leg),
                reasons.points desc, reasons.reason_id, reasons.evidence
        """,
        columns=[
            Column("Rank", 6, "count"),
            account,
            Column("Leg", 16, labels=LEG_TITLES),
            Column("Reason", 22),
            Column("Points", 9, "points", meaning=_POINTS),
            Column("Why it counts", 60),
            Column("Evidence", 48),
            Column("Source", 20),
            Column("Date", 12, "date"),
            Column("Domain", 25, is_printed=False),
            Column("Account id", 24, is_printed=False),
            Column("Reason id", 24, is_printed=False),
        ],
    )


def _criteria() -> Table:
    return Table(
        name="Criteria",
        about="The document of the perfect customer by which the list was made, row by row.",
        mart="criteria",
        frozen=3,
        query=r"""
            select
                leg, kind, replace(criterion_id, '_', ' '),
                coalesce(
                    replace(regexp_replace(attribute, '^attributes\.', ''), '_', ' ') || ': ', ''
                ) || operand,
                points, statement, cost_of_inaction, family, severity, advantage, budget, decision,
                criterion_id
            from criteria
            order by position, criterion_id
        """,
        columns=[
            Column("Leg", 16, labels=LEG_TITLES),
            Column("Kind", 12),
            Column("Name", 24, "name"),
            Column("What we look for", 46),
            Column("Points in the document", 11, "points", meaning=_DOCUMENT_POINTS),
            Column("Why it matters", 58),
            Column("What doing nothing costs", 46),
            Column("Family", 14),
            Column("Severity", 11),
            Column("Our advantage", 11),
            Column("Budget", 9),
            Column("Decision", 10),
            Column("Id", 24, is_printed=False),
        ],
    )


_ALIGNMENT = (
    "What the three legs come to together, 0 to 100. It is their geometric mean, so that a strong "
    "leg can't make up for a missing one. It gives the rank."
)
_ORGANISATION_FIT = (
    "Are they the right organisation? The share of the criteria's points that they earn, 0 to 100. "
    "What nobody knows earns nothing."
)
_PEOPLE_COVERAGE = (
    "Do we know the right people there? The share of the roles' points for which somebody can be "
    "reached, 0 to 100."
)
_ISSUE_URGENCY = (
    "Do they have an issue now that we solve better than others? Points by severity and by our "
    "advantage for what they were seen to do, fading with age, 0 to 100."
)
_WEAKEST_LEG = "The lowest of the three legs: what to find out next."
_TIER = "A part of the list. The darkest colour is the first tier on it; the cell names it too."
_CHANGE = (
    "Since the list compared with: new, returned (was on an earlier list, not on the last one), "
    "up, down, same, or left (on the sheet Changes only)."
)
_PEOPLE = "How many people with a role can be reached; target_contacts.csv names them."
_MISSING_ROLES = "Roles of the document for which nobody can be reached yet."
_EMPLOYEES = "Where only a band is known, its middle."
_BAND = "What the source tells, where it tells no number."
_DATA_KNOWN = "The share of the criteria's points about which anything is known."
_NEWEST_SIGNAL = "The last day on which the account was seen to do anything."
_STANDS_FOR = (
    "Other accounts of its family that could be listed; empty where the list isn't rolled up."
)
_LATER = "Yes where something rests on data that was fetched for a later week."
_ACCOUNT_ID = "Stays the same from week to week. Answers about an account go by it."
_MOVED = "Places gained since the list compared with; negative where it fell."
_POINTS = (
    "On the scale of their leg, 0 to 100. The reasons of an account's leg add up to its score "
    "exactly; the cells hold more digits than they show."
)
_DOCUMENT_POINTS = (
    "Of a criterion or role as the document gives them, of an issue severity times advantage. "
    "Negative ones speak against an account; a disqualifier rules it out."
)
