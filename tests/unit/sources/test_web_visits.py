"""Web visits: who came and what for, without staff, bots, consumers and anything about a person."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.errors import DocumentError, SourceRejected
from tests.support.sources import Landed, fetched, write

PER_VISIT = """\
connector: web_visits
path: visits.csv
columns:
  domain: Host
  company_name: Company
  country: Country
  visited_at: {from: At, as: timestamp}
  page: Page
  title: Title
  user_agent: Agent
  is_staff: Staff
not_domains: [https://www.own-sample.com/]
topics: {/pricing: pricing, /guides: research, /guides/close: financial close}
"""
HEADER = "Host,Company,Country,At,Page,Title,Agent,Staff,IP,Cookie"
BROWSER = "Mozilla/5.0 (X11) Firefox/140.0"
AT = "2026-10-30T09:15:00Z"


def visits(folder: Path, *lines: str, source: str = PER_VISIT) -> Landed:
    """These rows, landed."""
    write(folder, "visits.csv", *lines)
    return fetched(folder, source)["signals"]


def row(**changes: str) -> str:
    """A visit of somebody at Acme Sample, but for the changes."""
    values = {
        "host": "www.acme-sample.com",
        "company": "",
        "country": "",
        "at": AT,
        "page": "https://own-sample.com/pricing",
        "title": "",
        "agent": BROWSER,
        "staff": "",
        "ip": "203.0.113.7",
        "cookie": "GA1.2.33",
    }
    return ",".join((values | changes).values())


def test_a_visit_lands_with_its_company_time_topic_and_page(tmp_path: Path) -> None:
    """The query of an address is left out: it may tell who came."""
    page = "https://someone:pw@own-sample.com/pricing/eu/?utm_id=7&email=a@acme-sample.com#top"

    landed = visits(tmp_path, HEADER, row(page=page, title="Prices"))

    at = datetime(2026, 10, 30, 9, 15, tzinfo=UTC)
    columns = ["domain", "kind", "topic", "title", "strength", "occurred_at", "known_at", "url"]
    assert landed.rows.select(columns).rows() == [
        (
            "acme-sample.com",
            "web_visit",
            "pricing",
            "Prices",
            None,
            at,
            at,
            "https://own-sample.com/pricing/eu/",
        )
    ]


def test_staff_bots_and_shared_hosts_are_counted_and_no_rejects(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The own domains and the mark of staff, words of user agents, and free mail and its like."""
    caplog.set_level(logging.INFO)

    landed = visits(
        tmp_path,
        HEADER,
        row(),
        row(host="blog.own-sample.com"),
        row(host="beta-sample.com", staff="yes"),
        row(host="gamma-sample.com", agent="Mozilla/5.0 (compatible; Googlebot/2.1)"),
        row(host="mail.gmail.com"),
        row(host="somebody.github.io"),
        row(host="github.io"),
    )

    assert landed.rows["domain"].to_list() == ["acme-sample.com"]
    assert landed.batch.rejects == 0
    assert "left out 2 of own staff, 1 of bots, 3 of hosts that many firms share" in caplog.text


def test_a_column_tells_bots_and_words_can_be_chosen(tmp_path: Path) -> None:
    """Warehouses know better than a list of words."""
    source = """\
connector: web_visits
path: visits.csv
columns: {domain: Host, visited_at: At, user_agent: Agent, is_bot: Bot}
bots: [Checker]
"""

    landed = visits(
        tmp_path,
        "Host,At,Agent,Bot",
        f"acme-sample.com,{AT},Googlebot,no",
        f"beta-sample.com,{AT},Firefox,yes",
        f"gamma-sample.com,{AT},Uptime-CHECKER/3,",
        source=source,
    )

    assert landed.rows["domain"].to_list() == ["acme-sample.com"]


def test_words_can_be_none(tmp_path: Path) -> None:
    """Then only a column tells bots."""
    agent = row(agent="Googlebot/2.1")

    assert visits(tmp_path, HEADER, agent, source=f"{PER_VISIT}bots: []").batch.rows == 1


@pytest.mark.parametrize(
    ("page", "topic"),
    [
        ("/pricing", "pricing"),
        ("/Pricing/", "pricing"),
        ("/pricing?plan=2", "pricing"),
        ("own-sample.com/pricing", "pricing"),
        ("/pricing-history", None),
        ("/guides/close/checklist", "financial close"),
        ("/guides/tax", "research"),
        ("/", None),
        ("", None),
    ],
)
def test_the_longest_beginning_of_a_path_gives_the_topic(
    tmp_path: Path, page: str, topic: str | None
) -> None:
    """Part by part, whatever the host, the query and the case."""
    assert visits(tmp_path, HEADER, row(page=page)).rows["topic"].to_list() == [topic]


DAILY = """\
connector: web_visits
path: visits.csv
columns: {domain: Domain, visited_at: Day, visits: Visits, pages: Pages}
full_strength: 20
"""


def test_a_row_of_a_day_is_as_strong_as_it_has_visits(tmp_path: Path) -> None:
    """Else as it has pages, up to all; and it is known when the day is over."""
    landed = visits(
        tmp_path,
        "Domain,Day,Visits,Pages",
        "acme-sample.com,2026-10-30,5,90",
        "beta-sample.com,2026-10-30,,10",
        "gamma-sample.com,2026-10-30,700,",
        "delta-sample.com,2026-10-30,-1,",
        source=DAILY,
    )

    assert dict(landed.rows.select("domain", "strength").rows()) == {
        "acme-sample.com": 0.25,
        "beta-sample.com": 0.5,
        "gamma-sample.com": 1.0,
        "delta-sample.com": None,
    }
    assert landed.rows["occurred_at"].unique().to_list() == [datetime(2026, 10, 30, tzinfo=UTC)]
    assert landed.rows["known_at"].unique().to_list() == [datetime(2026, 10, 31, tzinfo=UTC)]


def test_parquet_of_a_warehouse_gives_what_the_csv_gives(tmp_path: Path) -> None:
    """Days, counts and flags have types there."""
    write(tmp_path, "visits.csv", "Domain,Day,Visits,Pages", "acme-sample.com,2026-10-30,5,9")
    frame = pl.DataFrame({"Domain": ["acme-sample.com"], "Visits": [5], "Pages": [9]})
    times = (date(2026, 10, 30), datetime(2026, 10, 30), datetime(2026, 10, 30, tzinfo=UTC))
    hashes = {fetched(tmp_path, DAILY)["signals"].batch.content_hash}
    for number, day in enumerate(times):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        frame.with_columns(Day=pl.lit(day)).write_parquet(folder / "visits.parquet")
        landed = fetched(folder, DAILY.replace("visits.csv", "visits.parquet"))["signals"]
        hashes.add(landed.batch.content_hash)

    assert len(hashes) == 1


def test_a_visit_has_the_key_of_its_column_or_a_stable_one(tmp_path: Path) -> None:
    """Two visits of one company are two; the same row twice is one, also in a later drop."""
    with_key = PER_VISIT.replace("columns:\n", "columns:\n  id: Title\n")
    lines = [HEADER, row(title="v-1"), row(title="v-2"), row(title="")]

    keyed = visits(tmp_path / "keyed", *lines, source=with_key).rows
    made = visits(tmp_path / "made", *lines, lines[1], row(at="2026-10-30T09:15:01Z")).rows

    key = f"acme-sample.com|||{AT}|/pricing|"
    assert sorted(keyed["source_signal_id"]) == [key, "v-1", "v-2"]
    assert made.height == 4
    assert key in made["source_signal_id"].to_list()


def test_dated_drops_add_up(tmp_path: Path) -> None:
    """Each day's file has the visits of its day, and a past week has those until then."""
    for day in ("2026-10-01", "2026-10-31", "2026-11-05"):
        write(tmp_path, f"visits-{day}.csv", "Domain,Day,Visits,Pages", f"acme-sample.com,{day},1,")
    source = DAILY.replace("visits.csv", 'visits-*.csv\ndate_in_name: "%Y-%m-%d"')

    assert fetched(tmp_path, source)["signals"].batch.rows == 2
    assert fetched(tmp_path, source, date(2026, 10, 5))["signals"].batch.rows == 1


def test_no_address_and_no_cookie_lands(tmp_path: Path) -> None:
    """In no landed file, whether its column is mapped, or its row is set aside."""
    landed = visits(
        tmp_path,
        HEADER,
        row(),
        row(host="198.51.100.9", company="198.51.100.10", title="2001:db8::7"),
        row(host="beta-sample.com", company="198.51.100.10", title="2001:db8::7"),
        row(host="gamma-sample.com", at="198.51.100.11"),
    )

    assert landed.rows["domain"].to_list() == ["acme-sample.com", "beta-sample.com"]
    assert landed.rejects["line"].to_list() == [3, 5]
    assert landed.batch.unconverted == 1
    written = f"{landed.rows.rows()} {landed.rejects.rows()} {landed.batch.to_json()}"
    for secret in ("203.0.113", "198.51.100", "2001:db8", "GA1.2"):
        assert secret not in written


@pytest.mark.parametrize("column", ["Visitor ID", "ip_address", "GA Cookie", "client_id", "IP"])
def test_the_key_of_a_visitor_is_no_key_of_a_visit(tmp_path: Path, column: str) -> None:
    """The document says so before anything is read."""
    source = DAILY.replace("{domain", f"{{id: {column}, domain")

    with pytest.raises(DocumentError, match="seems to tell who visited"):
        fetched(tmp_path, source)


def test_a_row_without_a_company_or_a_time_is_set_aside(tmp_path: Path) -> None:
    """The others land; a company without a domain goes by its name."""
    landed = visits(
        tmp_path,
        HEADER,
        row(host="", company="Beta Sample", country="Germany"),
        row(host="", company=""),
        row(at="yesterday"),
    )

    assert landed.rows.select("domain", "company_name", "country").rows() == [
        (None, "Beta Sample", "DE")
    ]
    assert landed.rejects.select("line", "reason").rows() == [
        (3, "expected that some company is named"),
        (4, "expected a time in `visited_at`"),
    ]


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    """With the nearest name."""
    with pytest.raises(SourceRejected, match=r'"Host" \(did you mean "Hosts"\?\)'):
        visits(tmp_path, HEADER.replace("Host", "Hosts"), row())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("domain: Domain, ", "", "expected `domain` or `company_name`"),
        ("full_strength: 20", "not_domains: [own]", "expected a domain such as acme.com"),
        ("full_strength: 20", "topics: {pricing: x}", "expected the beginning of a path"),
        ("full_strength: 20", "full_strength: 0", "a number above 0"),
    ],
)
def test_a_mistake_of_the_document_is_told(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Before anything is read."""
    with pytest.raises(DocumentError, match=message):
        fetched(tmp_path, DAILY.replace(old, new))
