"""The attributes that a criterion may name: one table, from which the page about them is written.

Add a row here when the accounts gain a column or a derived attribute. How an attribute is computed
belongs into the dbt project; which operator fits which type belongs into `conditions.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AttributeType = Literal["number", "text", "boolean", "date", "words"]
Family = Literal["demographic", "structural", "behavioural", "environmental", "situational"]

MASTERED = "the company records, mastered over all sources"
STRUCTURE = "company records and company relationships"
RESEARCH = "signals of the kinds topic_surge and research"
POSTINGS = "signals of the kind job_posting"
FILINGS = "signals of the kind filing"


@dataclass(frozen=True)
class Attribute:
    """One fact about an account: its type, the family it usually serves, and what it rests on."""

    name: str
    type: AttributeType
    family: Family
    description: str
    source: str


def _attribute(
    name: str, type: AttributeType, family: Family, source: str, description: str
) -> Attribute:
    return Attribute(name, type, family, description, source)


_ROWS: tuple[Attribute, ...] = (
    _attribute("name", "text", "demographic", MASTERED, "The name it trades under."),
    _attribute("country", "text", "demographic", MASTERED, "ISO 3166-1 alpha-2 code, such as GB."),
    _attribute("region", "text", "demographic", MASTERED, "State, province or region, as written."),
    _attribute("city", "text", "demographic", MASTERED, "City, as written."),
    _attribute("industry", "text", "demographic", MASTERED, "Industry in the source's words."),
    _attribute("industry_code", "text", "demographic", MASTERED, "Code in the source's system."),
    _attribute("employees", "number", "demographic", MASTERED, "Number of people employed."),
    _attribute("revenue_usd", "number", "demographic", MASTERED, "Yearly revenue in US dollars."),
    _attribute("founded_year", "number", "demographic", MASTERED, "Year of foundation."),
    _attribute("ownership", "text", "structural", MASTERED, "Such as private, public, family."),
    _attribute("legal_form", "text", "structural", MASTERED, "Such as GmbH, Ltd, Inc."),
    _attribute("status", "text", "demographic", MASTERED, "Such as active or dissolved."),
    _attribute(
        "subsidiaries",
        "number",
        "structural",
        STRUCTURE,
        "Companies below it, directly or through others, as far as known.",
    ),
    _attribute(
        "subsidiaries_added_24_months",
        "number",
        "structural",
        STRUCTURE,
        "Companies that came directly under it in the last 24 months: how much it grows by buying.",
    ),
    _attribute(
        "acquisitions_24_months",
        "number",
        "structural",
        FILINGS,
        "Filings of the last 24 months (730 days) with the topic `acquisition or disposal "
        "completed`, which doesn't tell the two apart; unknown without any filing.",
    ),
    _attribute(
        "sites",
        "number",
        "structural",
        "company records and postings",
        "Distinct places, by city and country, named in its records and postings.",
    ),
    _attribute(
        "depth_under_parent",
        "number",
        "structural",
        STRUCTURE,
        "Steps up to the ultimate parent, at most 32; 0 for a company that has none above it.",
    ),
    _attribute(
        "has_parent", "boolean", "structural", STRUCTURE, "Whether another company owns it."
    ),
    _attribute(
        "topics_researched_90_days",
        "number",
        "behavioural",
        RESEARCH,
        "Distinct topics researched in the last 90 days: the breadth of interest.",
    ),
    _attribute(
        "research_intensity",
        "number",
        "behavioural",
        RESEARCH,
        "Sum of the strength (0 to 1 each) of the research of the last 28 days.",
    ),
    _attribute(
        "research_weeks_12",
        "number",
        "behavioural",
        RESEARCH,
        "Of the last 12 weeks, those in which it researched anything: persistence, 0 to 12.",
    ),
    _attribute(
        "visits_90_days",
        "number",
        "behavioural",
        "signals of the kind web_visit",
        "Visits to our own pages in the last 90 days.",
    ),
    _attribute("past_deals", "number", "behavioural", "deals", "Closed deals, won or lost."),
    _attribute(
        "past_deal_days",
        "number",
        "behavioural",
        "deals",
        "Median length of its closed deals in days, from opening to closing.",
    ),
    _attribute(
        "last_deal_closed_date",
        "date",
        "behavioural",
        "deals",
        "The day on which its last deal was won or lost.",
    ),
    _attribute(
        "technologies",
        "words",
        "environmental",
        "postings and attributes",
        "Names of known technologies found in its postings or given by a source.",
    ),
    _attribute(
        "posting_words",
        "words",
        "environmental",
        POSTINGS,
        "All titles and texts of its postings of the last 180 days.",
    ),
    _attribute(
        "is_listed", "boolean", "environmental", MASTERED, "Whether its shares are publicly traded."
    ),
    _attribute(
        "is_regulated",
        "boolean",
        "environmental",
        "the industry and the seed of regulated industries",
        "Whether its industry is a regulated one.",
    ),
    _attribute(
        "openings_28_days",
        "number",
        "situational",
        POSTINGS,
        "Openings of the last 28 days; a job that is posted again is none.",
    ),
    _attribute(
        "openings_ratio",
        "number",
        "situational",
        POSTINGS,
        "Openings of the last 28 days against its own 12-week baseline; 1 is as usual.",
    ),
    _attribute(
        "finance_openings_90_days",
        "number",
        "situational",
        POSTINGS,
        "Openings of the last 90 days for work in finance or accounting.",
    ),
    _attribute(
        "last_posting_date", "date", "situational", POSTINGS, "The day of its newest opening."
    ),
    _attribute(
        "last_funding_date",
        "date",
        "situational",
        "signals of the kind funding",
        "The day of its last round of funding.",
    ),
    _attribute(
        "last_news_date", "date", "situational", "signals of the kind news", "Its newest news."
    ),
    _attribute(
        "last_executive_change_date",
        "date",
        "situational",
        FILINGS,
        "The day of its newest filing with the topic `executive or director change`.",
    ),
    _attribute(
        "incidents_12_months",
        "number",
        "situational",
        FILINGS,
        "Filings of the last 12 months (365 days) with one of the topics `cybersecurity "
        "incident`, `debt called in` and `restatement`; unknown without any filing.",
    ),
    _attribute(
        "last_bankruptcy_date",
        "date",
        "situational",
        FILINGS,
        "The day of its newest filing with the topic `bankruptcy`.",
    ),
)

ATTRIBUTES: dict[str, Attribute] = {row.name: row for row in _ROWS}

_PAGE = """\
# Attributes

What a criterion or a disqualifier of `perfect_customer.yml` may name. This page is written from
`ingest/documents/attributes.py`; `python -m ingest.documents.attributes` prints it.

An account of which an attribute is not known neither meets nor misses a criterion that names it.
Besides these, a criterion may name any key that a source lands in `attributes`: `attributes.stage`
is the value mastered over all sources, `crm.stage` the one of the source `crm`.
Which operators fit which type is told in [perfect_customer.md](perfect_customer.md).

| attribute | type | usual family | what it is | rests on |
| --- | --- | --- | --- | --- |
"""


def attributes_page() -> str:
    """The text of `docs/attributes.md`: one row per attribute, in the order of the table."""
    rows = (
        f"| `{a.name}` | {a.type} | {a.family} | {a.description} | {a.source} |\n" for a in _ROWS
    )
    return _PAGE + "".join(rows)


if __name__ == "__main__":
    print(attributes_page(), end="")
