# ruff: noqa: E501  one mistake a line, so that the table can be read as a table
"""The perfect customer: what its document may say, what it may not, and the rows it lands as."""

import json
from io import StringIO
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ingest.documents.attributes import ATTRIBUTES
from ingest.documents.conditions import OPERATORS
from ingest.documents.lines import read_text
from ingest.documents.perfect_customer import (
    PerfectCustomer,
    SignalKind,
    load_perfect_customer,
    perfect_customer_of,
)
from ingest.documents.rules import MATCHED_BY
from ingest.errors import DocumentError, Mistake

EXAMPLE = Path(__file__).parents[3] / "perfect_customer.yml"

SMALL = """\
version: 3
agreed: {sales: head of sales, marketing: head of marketing, date: 2026-10-05}
organisations:
  criteria:
    - {id: mid_size, family: demographic, attribute: employees, between: [200, 5000], points: 20, why: reason}
  disqualifiers:
    - {id: not_served, attribute: country, not_in: [US, GB], why: reason}
people:
  roles:
    - {id: budget_holder, budget: maker, decision: maker, titles: [CFO], points: 40, motivation: reason}
issues:
  - id: slow_close
    statement: statement
    severity: critical
    advantage: better
    cost_of_inaction: cost
    kinds_needed: 2
    evidence:
      - {kind: topic_surge, topics: [Financial  Close], weight: 0.5, half_life_days: 21}
      - {kind: job_posting, words: [consolidation], weight: 0.4, half_life_days: 45}
ranking:
  weights: {organisation: 1, people: 1, issue: 1}
  minimum: {organisation: 40, people: 25, issue: 20}
  issue_points: {interesting: 10, important: 25, critical: 50}
  advantage_factor: {none: 0, parity: 0.25, better: 0.7, unique: 1}
  tiers: [{id: A, at_least: 60, capacity: 50}, {id: B, at_least: 40, capacity: 200}]
  most_per_parent: 3
  suppress: {customer: true, competitor: true, partner: true, open_opportunity: true, recently_lost: {days: 180}}
"""

CRITERION = SMALL.splitlines()[4].strip()
DISQUALIFIER = SMALL.splitlines()[6].strip()
ROLE = SMALL.splitlines()[9].strip()
TOPICS = SMALL.splitlines()[18].strip()


def read(text: str) -> PerfectCustomer:
    """The document that a text holds."""
    return perfect_customer_of(read_text(text, "pc.yml"))


def mistakes(text: str) -> list[Mistake]:
    """All mistakes of a text."""
    with pytest.raises(DocumentError) as caught:
        read(text)
    return caught.value.mistakes


def criterion(attribute: str, operator: str) -> str:
    """The small document, its criterion judging an attribute by an operator."""
    row = f"- {{id: mid_size, family: demographic, attribute: {attribute}, {operator}, points: 20, why: reason}}"
    return SMALL.replace(CRITERION, row)


def test_the_small_document_has_no_mistake() -> None:
    """What the table of mistakes changes is right to begin with."""
    assert read(SMALL).version == 3


MISTAKES = [
    pytest.param(("version: 3", "version: three"), 1, 'version: expected a whole number, found the text "three"', id="version is text"),
    pytest.param(("version: 3\n", ""), 1, "version: missing; expected a whole number, raised by each change", id="version missing"),
    pytest.param(("version: 3", "vresion: 3"), 1, 'vresion: this name is not known (did you mean "version"?)', id="misspelt top name"),
    pytest.param(("2026-10-05", "05.10.2026"), 2, "agreed.date: expected a day such as 2026-10-05", id="day in another order"),
    pytest.param(("marketing: head", "marketting: head"), 2, 'did you mean "marketing"?', id="misspelt side"),
    pytest.param(("attribute: employees", "attribute: employes"), 5, 'there is no attribute "employes" (did you mean "employees"?)', id="misspelt attribute"),
    pytest.param(("between: [200, 5000]", "beween: [200, 5000]"), 5, 'beween: this name is not known (did you mean "between"?)', id="misspelt operator"),
    pytest.param(("family: demographic", "family: demografic"), 5, 'found the text "demografic" (did you mean "demographic"?)', id="misspelt family"),
    pytest.param(("between: [200, 5000], ", ""), 5, "criteria[0]: expected one operator of is, in, not_in", id="no operator"),
    pytest.param(("between: [200, 5000]", "between: "), 5, "criteria[0]: expected one operator of is, in, not_in", id="operator without a value"),
    pytest.param(("between: [200, 5000]", "between: [200, 5000], at_least: 3"), 5, "found between and at_least", id="two operators"),
    pytest.param(("[200, 5000]", "[5000, 200]"), 5, "expected [low, high] with low below high, found [5000, 200]", id="low above high"),
    pytest.param(("[200, 5000]", "[200]"), 5, "between: expected 2 or more entries, found a list of 1", id="one bound"),
    pytest.param(("between: [200, 5000]", "between: 200"), 5, "between: expected [low, high], found 200", id="bounds are no list"),
    pytest.param(("points: 20", 'points: "20"'), 5, 'points: expected a number, found the text "20"', id="points in quotes"),
    pytest.param(("points: 20", "points: true"), 5, "points: expected a number, found true", id="points are true"),
    pytest.param(("points: 20", "points: .inf"), 5, "criteria[0].points: expected", id="points are infinite"),
    pytest.param(("points: 20", "points: 0"), 4, "ranking.weights.organisation: 0", id="no criterion can earn points"),
    pytest.param((", why: reason}\n  dis", ', why: ""}\n  dis'), 5, "why: expected text that is not empty", id="empty why"),
    pytest.param((", why: reason}\n  dis", "}\n  dis"), 5, "why: missing; expected the reason", id="no why"),
    pytest.param((", why: reason}\n  dis", ", why: reason, why: reason}\n  dis"), 5, "why: given twice, first on line 5", id="duplicate key"),
    pytest.param(("id: mid_size", "id: MidSize"), 5, "id: expected a name of lower-case letters", id="id with capitals"),
    pytest.param(("id: mid_size", "id: cap_at_100"), 5, "a name that the scores use themselves", id="reserved id"),
    pytest.param(("[US, GB]", "[US, UK]"), 7, 'found the text "UK" (did you mean "GB"?)', id="UK"),
    pytest.param(("[US, GB]", "[US, Germany]"), 7, 'found the text "Germany" (did you mean "DE"?)', id="name of a country"),
    pytest.param(("[US, GB]", "[us]"), 7, 'found the text "us" (did you mean "US"?)', id="small letters"),
    pytest.param(("[US, GB]", "[]"), 7, "not_in: expected 1 or more entries, found a list of 0", id="empty list"),
    pytest.param(("id: not_served", "id: mid_size"), 7, '"mid_size" is also the id of organisations.criteria[0] on line 5', id="id of a criterion"),
    pytest.param(("id: budget_holder", "id: slow_close"), 12, '"slow_close" is also the id of people.roles[0] on line 10', id="id of a role"),
    pytest.param(("budget: maker", "budget: makr"), 10, 'did you mean "maker"?', id="misspelt budget"),
    pytest.param(("titles: [CFO], ", ""), 10, "expected titles, departments or seniorities", id="a role nobody can hold"),
    pytest.param(("titles: [CFO]", "titles: CFO"), 10, 'titles: expected a list, found the text "CFO"', id="titles are no list"),
    pytest.param(("titles: [CFO]", "titles: ['!?']"), 10, "expected a word with a letter or a digit", id="title of punctuation"),
    pytest.param(("points: 40", "points: 0"), 9, "ranking.weights.people: 0", id="no role can earn points"),
    pytest.param(("severity: critical", "severity: crtical"), 14, 'did you mean "critical"?', id="misspelt severity"),
    pytest.param(("kinds_needed: 2", "kinds_needed: 3"), 17, "expected at most 2, the number of kinds in its evidence (job_posting, topic_surge), found 3", id="more kinds than listed"),
    pytest.param(("kinds_needed: 2", "kinds_needed: 0"), 17, "kinds_needed: expected 1 or more, found 0", id="no kinds needed"),
    pytest.param(("kind: topic_surge", "kind: topic_serge"), 19, 'did you mean "topic_surge"?', id="misspelt kind"),
    pytest.param(("topics: [Financial  Close]", "words: [x]"), 19, "signals of the kind topic_surge have no words; expected topics", id="words for topics"),
    pytest.param(("topics: [Financial  Close], ", ""), 19, "expected topics for the kind topic_surge", id="no topics"),
    pytest.param(("weight: 0.5", "weight: 0"), 19, "weight: expected a number above 0, found 0", id="weight zero"),
    pytest.param(("weight: 0.5", "weight: 5"), 19, "weight: expected 1 or less, found 5", id="weight above one"),
    pytest.param(("half_life_days: 21", "half_life_days: 2.5"), 19, "half_life_days: expected a whole number, found 2.5", id="half a day"),
    pytest.param(("half_life_days: 21", "half_life_days: 21, surge: {weeks: 3, baseline_weeks: 12, ratio: 1}"), 19, "ratio: expected a number above 1, found 1", id="a surge that is none"),
    pytest.param(("{organisation: 1, people: 1, issue: 1}", "{organisation: 0, people: 0, issue: 0}"), 22, "expected at least one weight above 0", id="no leg counts"),
    pytest.param(("people: 25", "people: 125"), 23, "minimum.people: expected 100 or less, found 125", id="minimum above 100"),
    pytest.param(("important: 25", "important: 5"), 24, "expected important to be worth at least as much as interesting", id="severities out of order"),
    pytest.param((", critical: 50", ""), 24, "issue_points.critical: missing", id="a severity without points"),
    pytest.param((", unique: 1", ""), 25, "advantage_factor.unique: missing", id="an advantage without factor"),
    pytest.param(("at_least: 40", "at_least: 70"), 26, "expected tiers from the highest at_least to the lowest, found B (70) after A (60)", id="tiers out of order"),
    pytest.param(("{id: B,", "{id: A,"), 26, '"A" is also the id of ranking.tiers[0] on line 26', id="tier twice"),
    pytest.param(("most_per_parent: 3\n", "most_per_parent: 3\n  roll_up: ultimate_parent\n"), 28, "roll_up: lists one account of each ultimate parent; expected most_per_parent: 1 beside it, found 3", id="a cap beside roll-up"),
    pytest.param(("most_per_parent: 3\n", "most_per_parent: 1\n  roll_up: parent\n"), 28, 'roll_up: expected', id="unknown roll-up"),
    pytest.param(("capacity: 50", "capacity: 0"), 26, "capacity: expected a number above 0, found 0", id="no capacity"),
    pytest.param(("customer: true", "customer: yes"), 28, 'customer: expected true or false, found the text "yes"', id="yes is text"),
    pytest.param(("recently_lost: {days: 180}", "recently_lost: true"), 28, "expected {days: number of days}, or false, found true", id="lost for how long"),
    pytest.param(("suppress:", "supress:"), 28, 'did you mean "suppress"?', id="misspelt section"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "line", "message"), MISTAKES)
def test_a_mistake_has_its_line_and_what_was_expected(
    change: tuple[str, str], line: int, message: str
) -> None:
    """Exactly the one mistake is reported, where it stands."""
    old, new = change
    assert old in SMALL

    (mistake,) = mistakes(SMALL.replace(old, new, 1))

    assert mistake.line == line
    assert message in mistake.message


FITTING = [
    ("country", "is: US"),
    ("country", "in: [US, 'NO']"),
    ("industry", "not_in: [banking]"),
    ("industry", "mentions: [software]"),
    ("employees", "is: 5"),
    ("founded_year", "in: [1999, 2000]"),
    ("employees", "between: [1, 2]"),
    ("employees", "at_least: 1"),
    ("revenue_usd", "at_most: 1.5e9"),
    ("employees", "near: {centre: 800, half_width: 600}"),
    ("has_parent", "is: false"),
    ("last_funding_date", "within_days: {days: 180}"),
    ("last_funding_date", "within_days: {days: 180, half_life_days: 60}"),
    ("posting_words", "mentions: [erp]"),
]
MISFITTING = [
    ("country", "at_least: 5", '"at_least" does not fit "country", whose type is text'),
    ("employees", "mentions: [x]", '"mentions" does not fit "employees", whose type is number'),
    ("employees", "is: many", 'expected a number, found the text "many"'),
    ("industry_code", "is: 6201", 'expected text, found 6201; write "6201" in quotes'),
    ("has_parent", "in: [true]", '"in" does not fit "has_parent"'),
    ("has_parent", "is: 1", "expected true or false, found 1"),
    ("last_funding_date", "at_least: 5", "expected within_days"),
    ("last_funding_date", "within_days: 90", "expected {days: number}, optionally with half_life"),
    ("employees", "near: {centre: 5}", "half_width: missing"),
    ("employees", "near: {centre: 5, half_width: 0}", "expected a number above 0, found 0"),
    ("posting_words", "is: erp", "expected mentions"),
    ("attributes.stage", "in: [1, a]", "expected values of one kind"),
    ("attributes.Stage", "is: a", 'there is no attribute "attributes.Stage"'),
]


@pytest.mark.parametrize(("attribute", "operator"), FITTING)
def test_operators_that_fit_are_taken(attribute: str, operator: str) -> None:
    """The row carries the attribute's own type."""
    row = read(criterion(attribute, operator)).rows()[0]

    assert row["attribute_type"] == ATTRIBUTES[attribute].type
    assert row["operator"] == operator.split(":")[0]


@pytest.mark.parametrize(("attribute", "operator", "message"), MISFITTING)
def test_operators_that_do_not_fit_are_mistakes(
    attribute: str, operator: str, message: str
) -> None:
    """A comparison that could never be met is told while the document is written."""
    (mistake,) = mistakes(criterion(attribute, operator))

    assert message in mistake.message
    assert mistake.line == 5


@pytest.mark.parametrize(
    ("operator", "type", "operand"),
    [
        ("is: gold", "text", {"value": "gold"}),
        ("is: true", "boolean", {"value": True}),
        ("is: 5", "number", {"value": 5}),
        ("in: [a, b]", "text", {"values": ["a", "b"]}),
        ("not_in: [a]", "text", {"values": ["a"]}),
        ("between: [1, 2]", "number", {"low": 1.0, "high": 2.0}),
        ("at_least: 1", "number", {"value": 1.0}),
        ("at_most: 1", "number", {"value": 1.0}),
        ("near: {centre: 8, half_width: 6}", "number", {"centre": 8.0, "half_width": 6.0}),
        ("mentions: [Big  Word]", "text", {"words": ["big word"]}),
        ("within_days: {days: 9}", "date", {"days": 9, "half_life_days": None}),
        (
            "within_days: {days: 9, half_life_days: 3}",
            "date",
            {"days": 9, "half_life_days": 3},
        ),
    ],
)
def test_the_operator_tells_the_type_of_a_source_key(
    operator: str, type: str, operand: dict[str, object]
) -> None:
    """A key of a source has no declared type, so the comparison decides it."""
    row = read(criterion("crm.stage", operator)).rows()[0]

    assert (row["attribute"], row["attribute_type"]) == ("crm.stage", type)
    assert row["operand"] == operand


@pytest.mark.parametrize(
    "operator", ["near: {centre: 5, half_width: 2}", "within_days: {days: 9, half_life_days: 3}"]
)
def test_a_disqualifier_can_not_be_graded(operator: str) -> None:
    """An account is qualified out or it is not."""
    row = f"- {{id: not_served, attribute: attributes.x, {operator}, why: reason}}"
    (mistake,) = mistakes(SMALL.replace(DISQUALIFIER, row))

    assert "a disqualifier can't" in mistake.message


def test_all_mistakes_are_reported_together_in_the_order_of_the_lines() -> None:
    """One mistake never hides another, neither in the same entry nor in another section."""
    text = (
        SMALL.replace("attribute: employees", "attribute: employes")
        .replace("points: 20", "points: many")
        .replace("family: demographic", "family: x")
        .replace("id: not_served", "id: mid_size")
        .replace("[US, GB]", "[UK, Germany]")
        .replace("kinds_needed: 2", "kinds_needed: 5")
        .replace("weight: 0.5", "weight: 2")
        .replace("capacity: 50", "capacity: -1")
    )

    found = mistakes(text)

    assert [mistake.line for mistake in found] == [5, 5, 5, 7, 7, 17, 19, 26]
    assert any("UK" in m.message and "Germany" in m.message for m in found)


def test_a_misspelt_name_is_one_mistake_not_two() -> None:
    """The name that is missing because it was misspelt is not reported besides."""
    assert len(mistakes(SMALL.replace("motivation: reason", "motivatoin: reason"))) == 1


def test_a_leg_of_weight_zero_may_be_empty() -> None:
    """Without contacts, a list is still ranked by the other legs."""
    text = (
        SMALL.replace(ROLE, "").replace("roles:", "roles: []").replace("people: 1,", "people: 0,")
    )

    assert read(text).people.roles == []


def test_a_leg_that_counts_may_not_be_empty() -> None:
    """Its score would be 0 for every account."""
    text = SMALL.replace(ROLE, "").replace("roles:", "roles: []")

    assert "expected at least one with points above 0" in mistakes(text)[0].message


def test_a_side_that_has_not_agreed_is_no_mistake() -> None:
    """The gate tells it in a banner; the list can still be made."""
    agreed = read(SMALL.replace("marketing: head of marketing, ", "")).agreed

    assert agreed.marketing is None
    assert agreed.sales == "head of sales"


def test_rows_are_in_document_order_and_json_safe() -> None:
    """One row per criterion, disqualifier, role and issue, numbered over the whole document."""
    rows = read(SMALL).rows()

    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert [(row["position"], row["leg"], row["kind"], row["id"]) for row in rows] == [
        (1, "organisation", "criterion", "mid_size"),
        (2, "organisation", "disqualifier", "not_served"),
        (3, "people", "role", "budget_holder"),
        (4, "issue", "issue", "slow_close"),
    ]


def test_each_kind_of_row_has_its_whole_shape() -> None:
    """dbt reads these names; a row never lacks one."""
    criterion_row, disqualifier, role, issue = read(SMALL).rows()

    assert criterion_row == {
        "leg": "organisation", "kind": "criterion", "id": "mid_size", "family": "demographic",
        "attribute": "employees", "attribute_type": "number", "operator": "between",
        "operand": {"low": 200.0, "high": 5000.0}, "points": 20.0, "why": "reason", "position": 1,
    }  # fmt: skip
    assert disqualifier.keys() == criterion_row.keys()
    assert (disqualifier["family"], disqualifier["points"]) == (None, None)
    assert role == {
        "leg": "people", "kind": "role", "id": "budget_holder", "budget": "maker",
        "decision": "maker", "titles": ["cfo"], "departments": [], "seniorities": [],
        "points": 40.0, "motivation": "reason", "position": 3,
    }  # fmt: skip
    assert issue == {
        "leg": "issue", "kind": "issue", "id": "slow_close", "statement": "statement",
        "severity": "critical", "advantage": "better", "cost_of_inaction": "cost",
        "kinds_needed": 2, "points": 35.0, "position": 4,
        "evidence": [
            {"kind": "topic_surge", "topics": ["financial close"], "words": [], "weight": 0.5,
             "half_life_days": 21, "surge": None},
            {"kind": "job_posting", "topics": [], "words": ["consolidation"], "weight": 0.4,
             "half_life_days": 45, "surge": None},
        ],
    }  # fmt: skip


def test_the_ranking_row_holds_what_dbt_ranks_by() -> None:
    """Tiers keep their order; what suppresses nothing is null."""
    row = read(SMALL.replace("recently_lost: {days: 180}", "recently_lost: false")).ranking_row()

    assert json.loads(json.dumps(row)) == row
    assert row["version"] == 3
    assert row["weights"] == {"organisation": 1.0, "people": 1.0, "issue": 1.0}
    assert [tier["id"] for tier in row["tiers"]] == ["A", "B"]
    assert row["suppress"]["recently_lost"] is None


def test_the_digest_is_of_the_content_not_of_the_layout() -> None:
    """Comments and white space change nothing, a point more does."""
    digest = read(SMALL).digest()

    assert (
        read("# a comment\n\n" + SMALL.replace("[200, 5000]", "[ 200,  5000 ]")).digest() == digest
    )
    assert read(SMALL.replace("points: 20", "points: 21")).digest() != digest


def test_every_kind_of_signal_says_how_it_is_matched() -> None:
    """A new kind can't be forgotten in the table."""
    assert set(MATCHED_BY) == set(get_args(SignalKind))


def test_the_example_shows_the_whole_idea() -> None:
    """Five families, both axes of the roles, all severities, and reasons worth reading."""
    document = load_perfect_customer(EXAMPLE)
    roles = {(role.budget, role.decision) for role in document.people.roles}
    arguments = [item.why for item in document.organisations.criteria]
    arguments += [role.motivation for role in document.people.roles]
    arguments += [issue.cost_of_inaction for issue in document.issues]

    assert {item.family for item in document.organisations.criteria} == {
        attribute.family for attribute in ATTRIBUTES.values()
    }
    assert len(document.people.roles) >= 4
    assert {"maker", "taker"} <= {budget for budget, _ in roles}
    assert {"maker", "shaper"} <= {decision for _, decision in roles}
    assert {issue.severity for issue in document.issues} == {"interesting", "important", "critical"}
    assert len(document.issues) >= 4
    assert all(len(text.split()) >= 8 for text in arguments)


def test_in_the_example_demographics_weigh_least() -> None:
    """They are necessary and rarely enough, which is what the document argues."""
    points: dict[str, float] = {}
    for item in load_perfect_customer(EXAMPLE).organisations.criteria:
        points[item.family] = points.get(item.family, 0) + max(item.points, 0)

    assert points["demographic"] < min(points["structural"], points["behavioural"])


words = st.text("abcdefgh", min_size=1, max_size=8)
numbers = st.floats(-1e6, 1e6, allow_nan=False) | st.integers(-1000, 1000)
days = st.integers(1, 1000)
operands = st.one_of(
    st.tuples(st.just("is"), words | st.booleans() | numbers),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(words, min_size=1, max_size=3)),
    st.tuples(
        st.just("between"),
        st.lists(numbers, min_size=2, max_size=2, unique_by=float).map(sorted),
    ),
    st.tuples(st.sampled_from(["at_least", "at_most"]), numbers),
    st.tuples(st.just("near"), st.fixed_dictionaries({"centre": numbers, "half_width": days})),
    st.tuples(st.just("mentions"), st.lists(words, min_size=1, max_size=3)),
    st.tuples(st.just("within_days"), st.fixed_dictionaries({"days": days})),
)


def dump(document: PerfectCustomer) -> str:
    """The document as YAML."""
    stream = StringIO()
    content = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    content["ranking"]["suppress"]["recently_lost"] = (
        content["ranking"]["suppress"]["recently_lost"] or False
    )
    YAML(typ="safe", pure=True).dump(content, stream)
    return stream.getvalue()


@settings(max_examples=40)
@given(st.lists(operands, max_size=4), st.floats(0, 100), st.booleans())
def test_a_document_written_out_and_read_again_is_the_same(
    conditions: list[tuple[str, object]], minimum: float, is_lost: bool
) -> None:
    """Reading loses nothing and adds nothing."""
    content = YAML(typ="safe", pure=True).load(SMALL)
    content["agreed"]["date"] = "2026-10-05"
    for number, (operator, operand) in enumerate(conditions):
        extra = {"id": f"c{number}", "family": "structural", "attribute": "crm.key"}
        extra |= {operator: operand, "points": 1, "why": "because of this"}
        content["organisations"]["criteria"].append(extra)
    content["ranking"]["minimum"]["issue"] = minimum
    content["ranking"]["suppress"]["recently_lost"] = {"days": 5} if is_lost else False
    stream = StringIO()
    YAML(typ="safe", pure=True).dump(content, stream)

    document = read(stream.getvalue())
    again = read(dump(document))

    assert again == document
    assert again.rows() == document.rows()
    assert again.digest() == document.digest()


scraps = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["employees", "country", "topic_surge", "maker"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            "id", "attribute", "is", "in", "between", "near", "kind", "evidence", "topics", "points",
            "organisations", "criteria", "people", "roles", "issues", "ranking", "weights", "tiers",
            *OPERATORS,
        ]), inner, max_size=4),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150)
@given(
    st.sampled_from(["organisations", "people", "issues", "ranking", "agreed", "version"]), scraps
)
def test_any_content_gives_a_document_or_a_document_error(section: str, scrap: object) -> None:
    """Whatever stands in a section, the answer is never another exception."""
    content = YAML(typ="safe", pure=True).load(SMALL)
    content[section] = scrap
    stream = StringIO()
    YAML(typ="safe", pure=True).dump(content, stream)
    try:
        read(stream.getvalue())
    except DocumentError as error:
        assert error.mistakes


@settings(max_examples=100)
@given(scraps)
def test_any_criterion_gives_a_document_or_a_document_error(scrap: object) -> None:
    """The same inside the list that people change most."""
    row = json.dumps(scrap, allow_nan=True).replace("NaN", ".nan").replace("Infinity", ".inf")
    try:
        read(SMALL.replace(CRITERION, f"- {row}"))
    except DocumentError as error:
        assert error.mistakes


@settings(max_examples=100)
@given(st.integers(0, len(SMALL)), st.text("{}[]:,-'\"&*!%#\n\t \x00é", max_size=4))
def test_a_slip_of_the_keyboard_gives_a_document_or_a_document_error(at: int, slip: str) -> None:
    """Characters typed anywhere into a good document never make it crash."""
    try:
        read(SMALL[:at] + slip + SMALL[at:])
    except DocumentError as error:
        assert error.mistakes
        assert all(mistake.line >= 1 for mistake in error.mistakes)
