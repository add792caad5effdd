"""A market of two dozen made-up companies in files, and documents of its own that rank them.

Every account is there for one reason, so that a test changes a cell and looks at one account. The
files are plain ones: a source can't be asked what they held last week.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from ingest.documents.sources import load_sources
from ingest.fetch import fetch_source
from ingest.settings import Settings

HOSTILE_NAMES = ('=HYPERLINK("http://evil.example";"x")', "+Plus AG", "-Minus, GmbH", "@At & Söhne")
FIRST_WEEK = date(2025, 1, 6)

Row = dict[str, object]

SOURCES = """\
sources:
  directory:
    connector: files
    tables:
      companies:
        path: drops/companies.csv
        columns: {source_company_id: ID, name: Company, domain: Website, country: Country, employees: {from: Headcount, as: number}}
      company_relationships:
        path: drops/parents.csv
        columns: {child_source_company_id: Child, parent_source_company_id: Parent, kind: {const: parent}, is_active: {from: Active, as: boolean}}
  people:
    connector: files
    tables:
      contacts:
        path: drops/people.csv
        columns:
          source_contact_id: ID
          company_domain: Domain
          full_name: Name
          title: Title
          email: Email
          is_opted_out: {from: Opted out, as: boolean}
          is_do_not_call: {from: Do not call, as: boolean}
  do_not_contact:
    connector: files
    required: true
    max_shrink: 1.0
    tables:
      suppressions:
        path: drops/do_not_contact.csv
        columns: {key_kind: Kind, key: Key, reason: Reason}
  research:
    connector: files
    tables:
      signals:
        path: drops/research.csv
        columns: {source_signal_id: ID, domain: Domain, kind: {const: topic_surge}, topic: Topic, occurred_at: {from: Day, as: timestamp}, known_at: {from: Day, as: timestamp}}
  visits:
    connector: files
    tables:
      signals:
        path: drops/visits.csv
        columns: {source_signal_id: ID, domain: Domain, kind: {const: web_visit}, title: Page, occurred_at: {from: Day, as: timestamp}, known_at: {from: Day, as: timestamp}}
"""

REGISTRY = """\
  registry:
    connector: files
    tables:
      companies:
        path: drops/registry.csv
        columns: {source_company_id: ID, name: Company, domain: Website, country: Country, employees: {from: Headcount, as: number}}
"""

SALES = """\
  sales:
    connector: files
    tables:
      verdicts:
        path: drops/verdicts.csv
        columns:
          source_company_id: Account
          domain: Domain
          given_date: {from: Day, as: date}
          verdict: {from: Answer, accepted: [yes], qualified_out: [no]}
          reason: Because
          until_date: {from: Until, as: date}
"""

PERFECT_CUSTOMER = """\
version: 1
agreed: {sales: head of sales, marketing: head of marketing, date: 2026-10-05}
organisations:
  criteria:
    - {id: mid_size, family: demographic, attribute: employees, at_least: 100, points: 60, why: "Small ones have no team."}
    - {id: visits_us, family: behavioural, attribute: visits_90_days, at_least: 1, points: 40, why: "They know us."}
  disqualifiers:
    - {id: not_served, attribute: country, not_in: [DE, FR], why: "We have nobody there."}
people:
  roles:
    - {id: finance_lead, budget: maker, decision: maker, titles: [chief financial officer], points: 40, motivation: "Sleep."}
issues:
  - id: slow_close
    statement: "Our close takes too long."
    severity: critical
    advantage: unique
    cost_of_inaction: "Decisions on old figures."
    kinds_needed: 1
    evidence:
      - {kind: topic_surge, topics: [financial close], weight: 1.0, half_life_days: 120}
ranking:
  weights: {organisation: 1, people: 1, issue: 1}
  minimum: {organisation: 40, people: 25, issue: 10}
  issue_points: {interesting: 10, important: 25, critical: 50}
  advantage_factor: {none: 0, parity: 0.25, better: 0.7, unique: 1}
  tiers: [{id: A, at_least: 50, capacity: 3}, {id: B, at_least: 1, capacity: 5}]
  most_per_parent: 2
  suppress: {customer: true, competitor: true, partner: true, open_opportunity: true, recently_lost: {days: 180}}
"""

# In the order of their research, the freshest first, which is the order of the list.
_KEEN = (
    *((f"hostile-{number}", name) for number, name in enumerate(HOSTILE_NAMES, start=1)),
    ("headcount", "Headcount Werke"),
    ("latecomer", "Latecomer Registered"),
    ("objector", "Objector SA"),
    ("sister-1", "First Sister"),
    ("sister-2", "Second Sister"),
    ("sister-3", "Third Sister"),
    ("spare-1", "Spare One"),
    ("spare-2", "Spare Two"),
)
_OTHERS = (
    ("mother", "Mother Holding"),
    ("tiny", "Tiny Shop"),
    ("abroad", "Abroad KK"),
    ("customer", "Our Customer"),
)


def domain(key: str) -> str:
    """The domain of a company by its key."""
    return f"{key}-fictive.com"


@dataclass(frozen=True)
class Market:
    """The folder of one market: documents, `drops/` and a home of its own."""

    folder: Path

    @property
    def settings(self) -> Settings:
        """Settings for a run on this market."""
        return Settings(
            self.folder / "home",
            self.folder / "sources.yml",
            self.folder / "perfect_customer.yml",
            FIRST_WEEK,
        )

    def drop(self, name: str) -> Path:
        """The file of that name which the vendor left."""
        return self.folder / "drops" / f"{name}.csv"

    def write(self, name: str, rows: Iterable[Row]) -> None:
        """Replace a drop by these rows, of which there is at least one."""
        rows = list(rows)
        with self.drop(name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def change(self, name: str, change: Callable[[Row], Row]) -> None:
        """Replace each row of a drop by what `change` makes of it."""
        self.write(name, [change(row) for row in self.rows(name)])

    def append(self, name: str, *rows: Row) -> None:
        """Add rows to a drop."""
        self.write(name, [*self.rows(name), *rows])

    def empty(self, name: str) -> None:
        """Leave only the header of a drop."""
        header = self.drop(name).read_text(encoding="utf-8").splitlines()[0]
        self.drop(name).write_text(f"{header}\n", encoding="utf-8")

    def rows(self, name: str) -> list[Row]:
        """The rows of a drop."""
        with self.drop(name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def land(self, week: date, *names: str) -> None:
        """Land every source, or those of these names, as it is now, stamped with that week."""
        for source in load_sources(self.settings.sources).sources:
            if not names or source.name in names:
                fetch_source(self.settings, source, week)


def make_market(folder: Path, week: date) -> Market:
    """A market in a new folder, in which every event lies before `week`."""
    market = Market(folder)
    (folder / "drops").mkdir(parents=True)
    market.settings.sources.write_text(SOURCES, encoding="utf-8")
    market.settings.perfect_customer.write_text(PERFECT_CUSTOMER, encoding="utf-8")
    listed = [key for key, _ in _KEEN]
    companies = [company(*named) for named in (*_KEEN, *_OTHERS)]
    market.write("companies", [row for row in companies if row["ID"] != "latecomer"])
    market.write("parents", [_child(f"sister-{number}") for number in (1, 2, 3)])
    market.write("people", _people([*listed, "customer", "abroad"]))
    market.write("do_not_contact", [_suppression("domain", domain("customer"), "customer")])
    market.write("research", [_event(key, week, days) for days, key in enumerate(listed, start=1)])
    market.write("visits", [_visit(key, week) for key in listed])
    return market


def add_registry(market: Market) -> None:
    """Add a source that nobody had before, with one company that no other source has."""
    market.write("registry", [company("latecomer", "Latecomer Registered")])
    with market.settings.sources.open("a", encoding="utf-8") as file:
        file.write(REGISTRY)


def add_sales(market: Market, *answers: Row) -> None:
    """Add sales as a source, with its answers to a list."""
    market.write("verdicts", answers)
    with market.settings.sources.open("a", encoding="utf-8") as file:
        file.write(SALES)


def answer(
    key: str, day: date, said: str, because: str = "", *, until: date | None = None, by: str = ""
) -> Row:
    """What sales says of a company, by its domain or, where `by` names it, by its account id."""
    return {
        "Account": by,
        "Domain": "" if by else domain(key),
        "Day": day,
        "Answer": said,
        "Because": because,
        "Until": until or "",
    }


def person(company: str, number: int) -> str:
    """The e-mail address of a finance chief."""
    return f"chief-{number}@{domain(company)}"


def suppress_person(market: Market, email: str) -> None:
    """Somebody asks by hashed address never to be contacted again."""
    digest = sha256(email.encode()).hexdigest()
    market.append("do_not_contact", _suppression("email_sha256", digest, "do_not_contact"))


def suppress_company(market: Market, key: str) -> None:
    """A company asks never to be contacted again."""
    market.append("do_not_contact", _suppression("domain", domain(key), "do_not_contact"))


def opt_out(market: Market, email: str) -> None:
    """Somebody's record is marked as opted out by its vendor."""
    market.change(
        "people", lambda row: row | {"Opted out": "yes"} if row["Email"] == email else row
    )


def resize(market: Market, key: str, employees: int) -> None:
    """The vendor changes a headcount in place."""
    market.change(
        "companies", lambda row: row | {"Headcount": employees} if row["ID"] == key else row
    )


def company(key: str, name: str) -> Row:
    """A row of the directory, and of the register."""
    return {
        "ID": key,
        "Company": name,
        "Website": f"https://www.{domain(key)}/",
        "Country": "Japan" if key == "abroad" else "Germany",
        "Headcount": 9 if key == "tiny" else 500,
    }


def _child(key: str) -> Row:
    return {"Child": key, "Parent": "mother", "Active": "yes"}


def _people(companies: Iterable[str]) -> list[Row]:
    return [
        {
            "ID": f"{company}-{number}",
            "Domain": domain(company),
            "Name": f"Made-up Person {number} of {company}",
            "Title": "Chief Financial Officer",
            "Email": person(company, number),
            "Opted out": "no",
            "Do not call": "yes" if number == 4 else "no",
        }
        for company in companies
        for number in (1, 2, 3, 4)
    ]


def _suppression(kind: str, key: str, reason: str) -> Row:
    return {"Kind": kind, "Key": key, "Reason": reason}


def _event(key: str, week: date, days: int) -> Row:
    day = week - timedelta(days=days)
    return {"ID": f"r-{key}", "Domain": domain(key), "Topic": "financial close", "Day": day}


def _visit(key: str, week: date) -> Row:
    day = week - timedelta(days=2)
    return {"ID": f"v-{key}", "Domain": domain(key), "Page": "Prices", "Day": day}
