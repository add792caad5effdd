"""The perfect customer as sales and marketing documented it: its grammar, and the rows it lands as.

Belongs here: the shape of `perfect_customer.yml`. Conditions on single attributes are in
`conditions.py`, what must hold across parts in `rules.py`. Keep out how a score is computed: the
rows go to dbt as the vars `criteria` and `ranking`.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from ingest.documents.attributes import Family
from ingest.documents.conditions import (
    Condition,
    Id,
    Near,
    Number,
    Part,
    Text,
    WithinDays,
    Words,
)
from ingest.documents.findings import found
from ingest.documents.lines import Document, open_document
from ingest.documents.rules import broken_rules

SignalKind = Literal[
    "topic_surge",
    "job_posting",
    "filing",
    "funding",
    "web_visit",
    "research",
    "news",
    "technology",
]
Severity = Literal["interesting", "important", "critical"]
Advantage = Literal["none", "parity", "better", "unique"]
Points = Annotated[Number, Field(ge=-1000, le=1000)]
EarnedPoints = Annotated[Number, Field(ge=0, le=1000)]
Share = Annotated[Number, Field(ge=0, le=1)]
Score = Annotated[Number, Field(ge=0, le=100)]
Days = Annotated[int, Field(gt=0, le=36_500)]
Weeks = Annotated[int, Field(gt=0, le=520)]


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(
            f"expected a day such as 2026-10-05 (year-month-day), found {found(value)}"
        ) from None


Day = Annotated[date, BeforeValidator(_day)]


def _none_for_false(value: Any) -> Any:
    return None if value is False else value


class Agreement(Part):
    """Who agreed to this version; a side left out has not agreed yet."""

    sales: Text | None = Field(default=None, description="who agreed for sales")
    marketing: Text | None = Field(default=None, description="who agreed for marketing")
    date: Day | None = Field(default=None, description="the day of the agreement")


class Criterion(Condition):
    """A condition that earns points, or with negative points costs them, when it is met."""

    family: Family = Field(description="the family of factors it belongs to")
    points: Points = Field(description="a number of points, negative when it speaks against")


CRITERION_NAMES = frozenset(field.alias or name for name, field in Criterion.model_fields.items())


class Disqualifier(Condition):
    """A condition that qualifies an account out when it is met; unknown never does."""

    @field_validator("near", "within_days")
    @classmethod
    def is_not_graded(cls, operand: Near | WithinDays | None) -> Near | WithinDays | None:
        """A disqualifier is met or not; it can't be met a little."""
        if isinstance(operand, Near):
            raise ValueError("a disqualifier can't be graded; expected between, with its edges")
        if operand is not None and operand.half_life_days is not None:
            raise ValueError("a disqualifier can't fade; leave half_life_days out")
        return operand


class Organisations(Part):
    """The right organisations."""

    criteria: list[Criterion] = Field(description="a list of criteria")
    disqualifiers: list[Disqualifier] = Field(default=[])


class Role(Part):
    """A person who is needed: what they decide, how to recognise them, what is in it for them."""

    id: Id = Field(description="a short name in lower_snake")
    budget: Literal["maker", "taker", "none"] = Field(description="maker, taker or none")
    decision: Literal["maker", "shaper", "none"] = Field(description="maker, shaper or none")
    points: EarnedPoints = Field(description="a number of points")
    motivation: Text = Field(description="what is in it for them")
    titles: Words = Field(default=[])
    departments: Words = Field(default=[])
    seniorities: Words = Field(default=[], validate_default=True)

    @field_validator("seniorities", mode="wrap")
    @classmethod
    def is_recognisable(cls, value: Any, handler: Any, info: ValidationInfo) -> Any:
        """At least one of titles, departments and seniorities tells who fills the role."""
        seniorities = handler(value) if value else value
        named = {"titles", "departments"} <= info.data.keys()
        if named and not (seniorities or info.data["titles"] or info.data["departments"]):
            raise ValueError("expected titles, departments or seniorities to recognise the role by")
        return seniorities


class People(Part):
    """The right people."""

    roles: list[Role] = Field(description="a list of roles")


class Surge(Part):
    """The last weeks measured against the account's own earlier weeks."""

    weeks: Weeks = Field(description="the number of latest weeks")
    baseline_weeks: Weeks = Field(description="the number of weeks before them")
    ratio: Number = Field(gt=1, le=1000, description="how many times the usual level it takes")


class Evidence(Part):
    """Signals that tell that an account has an issue."""

    kind: SignalKind = Field(description="a kind of signal")
    topics: Words = Field(default=[])
    words: Words = Field(default=[])
    weight: Annotated[Number, Field(gt=0, le=1)] = Field(description="a number above 0, up to 1")
    half_life_days: Days = Field(description="the days after which half of its worth is left")
    surge: Surge | None = None


class Issue(Part):
    """An issue that we solve, how much it matters, and what shows that an account has it."""

    id: Id = Field(description="a short name in lower_snake")
    statement: Text = Field(description="the issue in the customer's words")
    severity: Severity = Field(description="interesting, important or critical")
    advantage: Advantage = Field(description="none, parity, better or unique")
    cost_of_inaction: Text = Field(description="what doing nothing costs the customer")
    evidence: Annotated[list[Evidence], Field(min_length=1)] = Field(
        description="a list of evidence"
    )
    kinds_needed: Annotated[int, Field(ge=1)] = Field(
        description="how many independent kinds of evidence full severity needs"
    )


class LegNumbers(Part):
    """One number for each leg."""

    organisation: EarnedPoints = Field(description="a number")
    people: EarnedPoints = Field(description="a number")
    issue: EarnedPoints = Field(description="a number")


class Minimum(Part):
    """The score that each leg needs before an account counts as aligned."""

    organisation: Score = Field(description="a score from 0 to 100")
    people: Score = Field(description="a score from 0 to 100")
    issue: Score = Field(description="a score from 0 to 100")


class IssuePoints(Part):
    """The points of an issue by its severity."""

    interesting: EarnedPoints = Field(description="a number of points")
    important: EarnedPoints = Field(description="a number of points")
    critical: EarnedPoints = Field(description="a number of points")


class AdvantageFactor(Part):
    """The share of an issue's points that our advantage over other options leaves."""

    none: Share = Field(description="a share from 0 to 1")
    parity: Share = Field(description="a share from 0 to 1")
    better: Share = Field(description="a share from 0 to 1")
    unique: Share = Field(description="a share from 0 to 1")


class Tier(Part):
    """A part of the list: the alignment score it begins at, and how many accounts it can take."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=20)] = Field(
        description="a short name such as A"
    )
    at_least: Score = Field(description="a score from 0 to 100")
    capacity: Annotated[int, Field(gt=0, le=1_000_000_000)] = Field(
        description="a number of accounts"
    )


class RecentlyLost(Part):
    """How long a lost deal keeps its account off the list."""

    days: Days = Field(description="a number of days")


LostDays = Annotated[RecentlyLost | None, BeforeValidator(_none_for_false)]


class Suppress(Part):
    """The business reasons that keep an account off the list; opt-outs always do."""

    customer: bool = Field(description="true or false")
    competitor: bool = Field(description="true or false")
    partner: bool = Field(description="true or false")
    open_opportunity: bool = Field(description="true or false")
    recently_lost: LostDays = Field(description="{days: number of days}, or false")


def _falling(tiers: list[Tier]) -> list[Tier]:
    for upper, lower in pairwise(tiers):
        if not upper.at_least > lower.at_least:
            raise ValueError(
                f"expected tiers from the highest at_least to the lowest, found {lower.id} "
                f"({lower.at_least:g}) after {upper.id} ({upper.at_least:g})"
            )
    return tiers


Tiers = Annotated[list[Tier], Field(min_length=1), AfterValidator(_falling)]


def _rising(points: Part) -> Part:
    for (low, less), (high, more) in pairwise(points.model_dump().items()):
        if less > more:
            raise ValueError(
                f"expected {high} to be worth at least as much as {low}, "
                f"found {more:g} against {less:g}"
            )
    return points


class Ranking(Part):
    """How the three legs become one list."""

    weights: LegNumbers = Field(description="a number for organisation, people and issue")
    minimum: Minimum = Field(description="a score for organisation, people and issue")
    issue_points: Annotated[IssuePoints, AfterValidator(_rising)] = Field(
        description="points for interesting, important and critical"
    )
    advantage_factor: Annotated[AdvantageFactor, AfterValidator(_rising)] = Field(
        description="a share for none, parity, better and unique"
    )
    tiers: Tiers = Field(description="a list of tiers")
    most_per_parent: Annotated[int, Field(gt=0)] = Field(description="a number of accounts")
    roll_up: Literal["ultimate_parent"] | None = Field(
        default=None, description="ultimate_parent, or left out"
    )
    suppress: Suppress = Field(description="which business reasons suppress an account")

    @field_validator("roll_up")
    @classmethod
    def leaves_one_per_parent(cls, roll_up: str | None, info: ValidationInfo) -> str | None:
        """A list that is rolled up holds one account of each family, so no other cap fits it."""
        most = info.data.get("most_per_parent", 1)
        if roll_up is not None and most != 1:
            raise ValueError(
                "lists one account of each ultimate parent; "
                f"expected most_per_parent: 1 beside it, found {most}"
            )
        return roll_up

    @field_validator("weights")
    @classmethod
    def judges_something(cls, weights: LegNumbers) -> LegNumbers:
        """A list needs at least one leg to be ranked by."""
        if not any((weights.organisation, weights.people, weights.issue)):
            raise ValueError("expected at least one weight above 0, found all 0")
        return weights


class PerfectCustomer(Part):
    """The whole document, valid as it stands."""

    version: Annotated[int, Field(gt=0)] = Field(
        description="a whole number, raised by each change"
    )
    agreed: Agreement = Field(default=Agreement())
    organisations: Organisations = Field(description="criteria and disqualifiers")
    people: People = Field(description="roles")
    issues: list[Issue] = Field(description="a list of issues")
    ranking: Ranking = Field(description="weights, minimum, tiers and so on")

    def rows(self) -> list[dict[str, Any]]:
        """One row per criterion, disqualifier, role and issue, in document order, JSON-safe.

        `position` counts from 1 over the whole document. Points of an issue are those of its
        severity times the factor of its advantage.
        """
        rows = [
            *(_criterion_row(item) for item in self.organisations.criteria),
            *(_disqualifier_row(item) for item in self.organisations.disqualifiers),
            *(_role_row(item) for item in self.people.roles),
            *(_issue_row(item, self.ranking) for item in self.issues),
        ]
        return [{**row, "position": position} for position, row in enumerate(rows, start=1)]

    def ranking_row(self) -> dict[str, Any]:
        """The ranking as one JSON-safe mapping: weights, minimum, tiers, cap and suppression."""
        kept = {"weights", "minimum", "tiers", "most_per_parent", "roll_up", "suppress"}
        return {"version": self.version, **self.ranking.model_dump(mode="json", include=kept)}

    def digest(self) -> str:
        """SHA-256 of the content in hex: equal for documents that differ in layout alone."""
        content = self.model_dump(mode="json", by_alias=True)
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def load_perfect_customer(path: Path) -> PerfectCustomer:
    """The document at a path. Raises DocumentError with all its mistakes."""
    return perfect_customer_of(open_document(path))


def perfect_customer_of(document: Document) -> PerfectCustomer:
    """An opened document as the perfect customer. Raises DocumentError with all its mistakes."""
    model = document.read(PerfectCustomer, (), document.value)
    for location, message in broken_rules(document, CRITERION_NAMES):
        document.add(location, message)
    document.finish()
    assert model is not None, "a document without a model has a mistake"
    return model


def _condition_row(kind: str, item: Condition) -> dict[str, Any]:
    return {
        "leg": "organisation",
        "kind": kind,
        "id": item.id,
        "family": None,
        "attribute": item.attribute,
        "attribute_type": item.attribute_type,
        "operator": item.operator,
        "operand": item.operand,
        "points": None,
        "why": item.why,
    }


def _criterion_row(item: Criterion) -> dict[str, Any]:
    row = _condition_row("criterion", item)
    return {**row, "family": item.family, "points": float(item.points)}


def _disqualifier_row(item: Disqualifier) -> dict[str, Any]:
    return _condition_row("disqualifier", item)


def _role_row(item: Role) -> dict[str, Any]:
    return {"leg": "people", "kind": "role", **item.model_dump(mode="json")}


def _issue_row(item: Issue, ranking: Ranking) -> dict[str, Any]:
    severity = float(getattr(ranking.issue_points, item.severity))
    factor = float(getattr(ranking.advantage_factor, item.advantage))
    row = {"leg": "issue", "kind": "issue", **item.model_dump(mode="json")}
    return {**row, "points": severity * factor}
