# ruff: noqa: RUF001  the page has real minus signs, dashes and multiplication signs
"""The page of the perfect customer holds the whole document, and all that changed in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from ingest.documents.lines import read_text
from ingest.documents.perfect_customer import PerfectCustomer, perfect_customer_of
from orchestration.publishing.perfect_customer_changes import PartChange, Piece, document_changes
from orchestration.publishing.perfect_customer_page import (
    FAMILIES,
    earlier_document,
    other_documents,
    render_perfect_customer,
)
from orchestration.publishing.perfect_customer_words import condition, looked_for, recognised_by
from orchestration.publishing.version import linked_versions, publish
from orchestration.warehouse import warehouse_file
from tests.support.publications import document, edition, settings_in, unjudged
from tests.support.warehouse import build_warehouse

WEEK = date(2026, 11, 23)
WEEK_BEFORE = date(2026, 11, 16)
HOSTILE = "<script>alert(1)</script>"

SMALL = """\
version: 3
agreed: {sales: Ada Sales, marketing: Max Marketing, date: 2026-10-05}
organisations:
  criteria:
    - {id: mid_size, family: demographic, attribute: employees, between: [200, 5000], points: 30, why: they outgrew it}
    - {id: rival, family: environmental, attribute: attributes.uses_rival, is: true, points: -15, why: they stay}
  disqualifiers:
    - {id: not_served, attribute: country, not_in: [US, GB], why: no support there}
people:
  roles:
    - {id: chief, budget: maker, decision: maker, titles: [cfo], points: 40, motivation: to know first}
issues:
  - id: slow_close
    statement: the close takes too long
    severity: interesting
    advantage: better
    cost_of_inaction: half the working days
    kinds_needed: 2
    evidence:
      - {kind: topic_surge, topics: [financial close], weight: 0.5, half_life_days: 21}
      - {kind: job_posting, words: [consolidation], weight: 0.4, half_life_days: 45}
  - id: audit
    statement: the auditors find it first
    severity: critical
    advantage: unique
    cost_of_inaction: a higher fee
    kinds_needed: 1
    evidence:
      - {kind: news, words: [restated], weight: 1, half_life_days: 90, surge: {weeks: 3, baseline_weeks: 12, ratio: 1.5}}
ranking:
  weights: {organisation: 1, people: 1, issue: 0}
  minimum: {organisation: 40, people: 25, issue: 20}
  issue_points: {interesting: 10, important: 25, critical: 50}
  advantage_factor: {none: 0, parity: 0.25, better: 0.7, unique: 1}
  tiers: [{id: A, at_least: 60, capacity: 50}, {id: B, at_least: 40, capacity: 200}]
  most_per_parent: 3
  suppress: {customer: true, competitor: true, partner: false, open_opportunity: true, recently_lost: {days: 180}}
"""  # noqa: E501  one part a line

KEPT_OFF = "who is kept off the list"
MID_SIZE = SMALL.splitlines()[4]
AUDIT = SMALL[SMALL.index("  - id: audit\n") : SMALL.index("ranking:")]


def facts(text: str) -> dict[str, Any]:
    """A document given as text, as the facts of an edition hold it."""
    return facts_of(perfect_customer_of(read_text(text, "perfect_customer.yml")))


def facts_of(customer: PerfectCustomer) -> dict[str, Any]:
    """A document as the facts of an edition hold it."""
    return {
        "version": customer.version,
        "sha256": customer.digest(),
        "content": customer.model_dump(mode="json", by_alias=True),
    }


def page(text: str, earlier: str | None = None, list_week: date = WEEK) -> str:
    """The page of a document given as text."""
    before = facts(earlier) if earlier else None
    return render_perfect_customer(facts(text), before, WEEK_BEFORE if before else None, list_week)


def shown(html: str) -> str:
    """What a reader sees of a page, its words parted by single spaces."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def parts(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Criteria, disqualifiers, roles and issues of a document."""
    organisations = content["organisations"]
    return [
        *organisations["criteria"],
        *organisations["disqualifiers"],
        *content["people"]["roles"],
        *content["issues"],
    ]


def changed(old: str, new: str) -> dict[str, list[PartChange]]:
    """What changed in the small document where one text was replaced by another."""
    assert SMALL.count(old) == 1
    before = facts(SMALL)["content"]
    return document_changes(before, facts(SMALL.replace(old, new))["content"])


def marked(pieces: tuple[Piece, ...]) -> str:
    """A field as text, with what changed in brackets."""
    return "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in pieces)


@pytest.mark.parametrize("field", ["id", "why", "motivation", "statement", "cost_of_inaction"])
def test_all_that_people_wrote_stands_on_the_page(field: str) -> None:
    """Every name and reason of the project's own document, word for word."""
    own = document()
    html = render_perfect_customer(own, None, None, WEEK)
    written = [part[field] for part in parts(own["content"]) if field in part]

    assert written
    assert not [words for words in written if words not in shown(html)]


def test_who_recognises_whom_and_by_which_signals_stands_on_the_page() -> None:
    """Titles, topics and words of the project's own document."""
    own = document()
    seen = shown(render_perfect_customer(own, None, None, WEEK))
    roles, issues = own["content"]["people"]["roles"], own["content"]["issues"]
    lists = [role["titles"] for role in roles]
    lists += [e["topics"] + e["words"] for issue in issues for e in issue["evidence"]]

    assert not [words for words in lists if ", ".join(words) not in seen]


def test_the_same_document_gives_the_same_bytes() -> None:
    """A page can be told from another by its hash."""
    assert page(SMALL, SMALL.replace("cfo", "daf")) == page(SMALL, SMALL.replace("cfo", "daf"))


def test_hostile_text_stays_text() -> None:
    """Whoever agreed, whatever they wrote, now or in the earlier document."""
    hostile = SMALL
    for words in ("Ada Sales", "they outgrew it", "cfo", "to know first", "half the working days"):
        hostile = hostile.replace(words, f'"{HOSTILE}"')

    for html in (page(hostile, SMALL), page(SMALL, hostile)):
        assert "<script" not in html
        assert html.count("&lt;script&gt;") >= 5


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """It can be mailed: no address, no script, and a policy that forbids both."""
    html = render_perfect_customer(document(), facts(SMALL), WEEK_BEFORE, WEEK)

    assert "default-src 'none'" in html
    assert not re.search(r"https?:|\b(src|srcset)=|@import|url\(|<link|<script", html)


def test_families_and_severities_come_in_the_order_of_weight_of_word() -> None:
    """All five families, also those without a criterion, and the critical issues first."""
    html = page(SMALL)
    families = re.findall(r'<h3 class="family">(\w+) <span class="soft">([^<]+)', html)

    assert families[:5] == [(name.capitalize(), said) for name, said in FAMILIES.items()]
    assert html.count("No criterion of this family yet.") == 3
    assert html.index('id="audit-issue"') < html.index('id="slow_close-issue"')


def test_points_are_told_with_their_share_and_what_speaks_against() -> None:
    """Negative points are said to be so in words, not by colour alone."""
    seen = shown(page(SMALL))

    assert "employees: between 200 and 5,000 Number of people employed. 30 100.0 %" in seen
    assert "speaks against uses rival: yes A field that the sources may give. −15 −50.0 %" in seen
    assert "up to 7 points: 10 × 0.7" in seen


def test_every_role_stands_where_its_budget_and_decision_put_it() -> None:
    """The overview has a cell for each of the nine cases."""
    grid = page(SMALL).split('<table class="grid">')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', grid, flags=re.DOTALL)
    cells = {budget: ["chief" in c for c in row.split("<td>")[1:]] for budget, row in rows}

    assert cells == {
        "Makes the budget": [True, False, False],
        "Spends a given budget": [False, False, False],
        "Has no budget": [False, False, False],
    }


def test_the_ranking_is_told_in_full() -> None:
    """Weights, minimums, tiers, the parent's cap, and who is kept off the list."""
    seen = shown(page(SMALL))

    for words in (
        "organisation fit 1 40",
        "issue urgency not judged",
        "A 60 50 accounts",
        "At most 3 accounts under one ultimate parent",
        "partners may be listed",
        "accounts lost recently kept off for 180 days",
    ):
        assert words in seen


@pytest.mark.parametrize(
    ("agreed", "list_week", "told"),
    [
        ("{marketing: Max, date: 2026-10-05}", WEEK, "Sales has not agreed to this version."),
        ("{sales: Ada, date: 2026-10-05}", WEEK, "Marketing has not agreed to this version."),
        ("{sales: Ada, marketing: Max}", WEEK, "It has no date of agreement"),
        ("{}", WEEK, "✕ not agreed"),
        ("{sales: Ada, marketing: Max, date: 2025-11-22}", WEEK, "agree again"),
        ("{sales: Ada, marketing: Max, date: 2025-11-23}", WEEK, None),
        ("{sales: Ada, marketing: Max, date: 2026-12-01}", WEEK, None),
    ],
)
def test_a_document_that_not_both_stand_by_today_says_so(
    agreed: str, list_week: date, told: str | None
) -> None:
    """Who is missing, that the day is, or that it was more than a year before the list."""
    given = "{sales: Ada Sales, marketing: Max Marketing, date: 2026-10-05}"
    seen = shown(page(SMALL.replace(given, agreed), list_week=list_week))

    assert told in seen if told else "Not settled" not in seen


def test_who_agreed_and_when_stands_at_the_top() -> None:
    """Both names, the day in words, and the version."""
    assert (
        "Version 3 Sales ✓ agreed by Ada Sales Marketing ✓ agreed by Max Marketing "
        "Agreed on 5 October 2026"
    ) in shown(page(SMALL))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("employees, between: [200, 5000]", "employees: between 200 and 5,000"),
        ("employees, at_least: 1000", "employees: at least 1,000"),
        ("founded_year, at_most: 1999", "founded year: at most 1999"),
        ("openings_ratio, at_least: 1.5", "openings ratio: at least 1.5"),
        ("visits_90_days, at_least: 2", "visits in 90 days: at least 2"),
        ("has_parent, is: false", "has parent: no"),
        ("status, is: active", "status: active"),
        ("country, in: [GB, US]", "country: one of United Kingdom, United States"),
        ("country, not_in: [GB]", "country: none of United Kingdom"),
        ("industry, mentions: [wholesale]", "industry: mentions wholesale"),
        ('industry, in: ["iron, steel", wood]', 'industry: one of "iron, steel", wood'),
        ("crm.tier_1, is: true", "tier 1 (as crm has it): yes"),
        ("attributes.legal_entities, at_least: 3", "legal entities: at least 3"),
        (
            "employees, near: {centre: 800, half_width: 600}",
            "employees: near 800, all points there, fading to none at 200 or 1,400",
        ),
        (
            "last_funding_date, within_days: {days: 180, half_life_days: 60}",
            "last funding date: at most 180 days before the list week, half the points left after "
            "60 days",
        ),
        (
            "last_funding_date, within_days: {days: 90}",
            "last funding date: at most 90 days before the list week",
        ),
    ],
)
def test_a_condition_reads_as_a_person_would_say_it(given: str, words: str) -> None:
    """Each operator, with countries by name and years without a comma."""
    read = facts(SMALL.replace("employees, between: [200, 5000]", given))

    assert condition(read["content"]["organisations"]["criteria"][0]) == words


def test_who_fills_a_role_is_told_as_it_is_matched() -> None:
    """By title, or by department together with seniority."""
    role = {"titles": ["cfo"], "departments": ["finance"], "seniorities": ["director", "vp"]}

    assert recognised_by(role) == (
        "titles: cfo; or departments: finance, with seniorities: director, vp"
    )
    assert recognised_by(role | {"titles": []}).startswith("departments: finance")


def test_evidence_without_words_counts_by_happening() -> None:
    """A visit needs to mention nothing."""
    assert looked_for({"kind": "web_visit", "topics": [], "words": []}).startswith("nothing")


FIELDS = [
    ("version: 3", "version: 4", "version and agreement", "version", "[3]", "[4]"),
    ("sales: Ada Sales, ", "", "version and agreement", "for sales", "[Ada Sales]", "[not agreed]"),
    ("-05}", "-06}", "version and agreement", "date", "[5] October", "[6] October"),
    ("200, 5000", "150, 5000", "mid_size", "wanted", "between [200] and", "between [150] and"),
    ("points: 30", "points: 20", "mid_size", "points", "[30]", "[20]"),
    ("demographic", "structural", "mid_size", "family", "[demographic]", "[structural]"),
    ("they outgrew it", "they outgrow it", "mid_size", "why", "y [outgrew] it", "y [outgrow] it"),
    ("[US, GB]", "[US, GB, SE]", "not_served", "wanted", "Kingdom", "Kingdom[, Sweden]"),
    ("[cfo]", "[cfo, daf]", "chief", "recognised by", "titles: cfo", "titles: cfo[, daf]"),
    ("budget: maker", "budget: taker", "chief", "budget", "[makes the budget]", "[spends a"),
    ("to know first", "it", "chief", "what is in it for them", "[to know first]", "[it]"),
    ("severity: critical", "severity: important", "audit", "severity", "[critical]", "[important]"),
    ("weight: 0.5", "weight: 0.6", "slow_close", "evidence: topic surge", "s [0.5];", "s [0.6];"),
    ("[restated]", "[restated, late]", "audit", "evidence: news", "restated;", "restated[, late];"),
    ("issue: 0}", "issue: 2}", "weight of each leg", "issue", "[0]", "[2]"),
    ("people: 25", "people: 30", "minimum of each leg", "people", "[25]", "[30]"),
    ("capacity: 50", "capacity: 60", "tier A", "takes at most", "[50] accounts", "[60] accounts"),
    ("partner: false", "partner: true", KEPT_OFF, "partners", "[may be listed]", "[kept off]"),
    ("{days: 180}", "false", KEPT_OFF, "accounts lost recently", "[kept off for", "[may be"),
]


@pytest.mark.parametrize(("old", "new", "name", "field", "before", "after"), FIELDS)
def test_a_change_is_told_field_by_field(
    old: str, new: str, name: str, field: str, before: str, after: str
) -> None:
    """What stood there, what stands there now, and which words make the difference."""
    (part,) = (part for parts in changed(old, new).values() for part in parts)
    (told,) = part.fields

    assert (part.name, part.change, told.field) == (name, "changed", field)
    assert before in marked(told.before)
    assert after in marked(told.after)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all single values of a document that are given."""
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from leaves(value[key], (*path, key))
    elif value is not None:
        yield path


OTHERS = {
    "family": "situational",
    "budget": "none",
    "decision": "none",
    "severity": "important",
    "advantage": "none",
    "date": "2026-11-02",
}


def another(name: Any, value: Any) -> Any:
    """Another value that the field might have."""
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value} anew"


@pytest.mark.parametrize("path", list(leaves(facts(SMALL)["content"])), ids=str)
def test_nothing_changes_unseen(path: tuple[Any, ...]) -> None:
    """Whichever single value of a document changes, the page tells of it."""
    before = facts(SMALL)["content"]
    after = deepcopy(before)
    inner = after
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = another(path[-1], inner[path[-1]])

    assert document_changes(before, after)


def test_what_came_and_what_went_is_told_whole() -> None:
    """An added part with all it says, a removed one with all it said, under their ids."""
    tiny = MID_SIZE.replace("mid_size", "tiny").replace("outgrew it", "grow")
    seen = shown(page(SMALL.replace(MID_SIZE, tiny), SMALL))

    assert "Tiny + added family – demographic points – 30 wanted" in seen
    assert "why – they grow" in seen
    assert "Mid size mid_size − removed family demographic –" in seen
    assert "why they outgrew it –" in seen


def test_what_changed_is_marked_without_colour() -> None:
    """Struck out, underlined, and the part itself named as new or changed where it stands."""
    html = page(SMALL, SMALL.replace("200, 5000", "150, 5000").replace(AUDIT, ""))

    assert "between <del>150</del> and 5,000" in html
    assert "between <ins>200</ins> and 5,000" in html
    assert "Mid size mid_size changed employees" in shown(html)
    assert "Audit new critical" in shown(html)
    assert "2 parts changed" in shown(html)


def test_the_earlier_version_is_named() -> None:
    """By its number and the last list that was made by it."""
    seen = shown(page(SMALL.replace("version: 3", "version: 4"), SMALL))

    assert "Since version 3, used until the list of 16 November 2026." in seen
    assert "Same number" not in seen


def test_another_content_under_the_same_number_is_a_warning() -> None:
    """People must know which version they speak of."""
    assert "both call themselves version 3" in shown(page(SMALL, SMALL.replace("cfo", "daf")))


def test_nothing_to_tell_is_told() -> None:
    """No earlier version, and one that differs by its order alone."""
    first, *rest = [line for line in SMALL.splitlines() if "family:" in line]
    reordered = SMALL.replace(f"{first}\n{rest[0]}", f"{rest[0]}\n{first}")

    assert "there is nothing to compare with" in shown(page(SMALL))
    assert "Nothing but the order in which things stand." in shown(page(reordered, SMALL))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three weeks: the first by the small document, the others by another version of it."""
    settings = settings_in(tmp_path_factory.mktemp("home"))
    for day in (9, 16, 23):
        week = date(2026, 11, day)
        used = facts(SMALL if day < 16 else SMALL.replace("version: 3", "version: 4"))
        publish_id = f"{week}-aaaaaaaaaaaa"
        build_warehouse(warehouse_file(settings, week), list_week=week, publish_id=publish_id)
        plain = edition(settings, week, publish_id)
        publish(settings, replace(plain, facts={**plain.facts, "document": used}), unjudged)
    return settings.published


@pytest.mark.parametrize(
    ("list_week", "version", "earlier"),
    [
        (date(2026, 11, 30), 4, date(2026, 11, 9)),
        (date(2026, 11, 30), 3, date(2026, 11, 23)),
        (date(2026, 11, 16), 4, date(2026, 11, 9)),
        (date(2026, 11, 9), 3, None),
        (date(2026, 11, 9), 4, None),
    ],
)
def test_the_earlier_document_is_the_one_last_used_before(
    published: Path, list_week: date, version: int, earlier: date | None
) -> None:
    """Of an earlier published week, whatever weeks by the same document lie between."""
    sha256 = facts(SMALL.replace("version: 3", f"version: {version}"))["sha256"]
    found = earlier_document(published, linked_versions(published), list_week, sha256)

    assert (found[0] if found else None) == earlier
    assert found is None or found[1]["content"]["version"] == 7 - version


def test_weeks_of_another_document_are_known_with_its_version(published: Path) -> None:
    """By content, not by the number that it bears."""
    linked = linked_versions(published)
    fourth = facts(SMALL.replace("version: 3", "version: 4"))["sha256"]

    assert other_documents(published, linked, fourth) == {date(2026, 11, 9): 3}
    assert set(other_documents(published, linked, "of none")) == set(linked)


def test_the_published_page_tells_what_changed(published: Path) -> None:
    """Each list comes with the page of its own document, held against the one before it."""
    pages = {
        day: shown((published / f"2026-11-{day}" / "perfect_customer.html").read_text("utf-8"))
        for day in ("09", "16", "23")
    }

    assert "there is nothing to compare with" in pages["09"]
    assert "Since version 3, used until the list of 9 November 2026." in pages["16"]
    assert "Since version 3, used until the list of 9 November 2026." in pages["23"]


def test_versions_that_are_gone_are_passed_over(tmp_path: Path) -> None:
    """A link whose version somebody removed doesn't stop the next publication."""
    assert earlier_document(tmp_path, {WEEK_BEFORE: "removed"}, WEEK, "aa") is None
