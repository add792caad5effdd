"""One account as the report tells it: a sentence on each leg, and what to find out next.

Here belong words that are made of an explanation and of the document's criteria. Not here: what an
explanation holds (`orchestration.explanations`) and how it looks (`templates/report.html.j2`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from orchestration.explanations import Explanation, Leg, Person, Reason, ask

NAMED = 3
"""How many reasons or people a sentence names before it counts the others."""

SUGGESTED = 3
"""How many signs of an issue are suggested where urgency is the weakest leg."""

SHOWN = 60
"""How many characters of what is wanted are shown; the customer page has it whole."""

WORTH_ASKING = Decimal("0.05")
"""Points below this show as 0.0, so nothing is gained by asking."""


@dataclass(frozen=True)
class Criterion:
    """A criterion, role or issue of the document; `worth` is its points on its leg's 0 to 100."""

    leg: str
    operand: str | None
    worth: Decimal


@dataclass(frozen=True)
class Question:
    """Something to find out, what would answer it, and the points that the answer could bring."""

    text: str
    wanted: str | None
    points: Decimal | None


@dataclass(frozen=True)
class NextSteps:
    """What to find out about one leg; empty where nothing about the weakest leg is unknown."""

    leg: Leg
    is_weakest: bool
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Story:
    """An account with the sentence that sums it up, and its open questions, weakest leg first."""

    account: Explanation
    why_them: str
    who: str
    why_now: str
    next_steps: tuple[NextSteps, ...]


def criteria(marts: duckdb.DuckDBPyConnection) -> dict[str, Criterion]:
    """What can earn or cost points, by id, in the order of the document."""
    return {row.pop("criterion_id"): Criterion(**row) for row in ask(marts, _CRITERIA)}


def story(account: Explanation, criteria: Mapping[str, Criterion]) -> Story:
    """The account told in words."""
    organisation, people, issue = account.legs
    return Story(
        account=account,
        why_them=_not_judged(organisation) or _why_them(organisation, criteria),
        who=_not_judged(people) or _who(account.people),
        why_now=_not_judged(issue) or _why_now(issue),
        next_steps=tuple(_next_steps(account, criteria)),
    )


_CRITERIA = """
    select
        criterion_id, leg, operand,
        cast(coalesce(case
            when kind = 'issue' then points
            else 100e0 * points / sum(points) filter (where points > 0) over (partition by kind)
        end, 0) as decimal(9, 4)) as worth
    from criteria
    where kind in ('criterion', 'role', 'issue')
    order by position
"""


def _not_judged(leg: Leg) -> str | None:
    return f"{leg.title} is not judged" if leg.score is None else None


def _why_them(leg: Leg, criteria: Mapping[str, Criterion]) -> str:
    """The strongest reasons by their ids, and what speaks against it; caps are neither."""
    met = [reason for reason in leg.reasons if reason.reason_id in criteria]
    good = [_words(reason.reason_id) for reason in met if reason.points > 0]
    bad = [_words(reason.reason_id) for reason in reversed(met) if reason.points < 0]
    against = f", despite: {_listed(bad)}" if bad else ""
    return (_listed(good) or "nothing that we look for is known of them") + against


def _who(people: Sequence[Person]) -> str:
    named = [f"{p.full_name or 'no name'} ({p.title or 'title unknown'})" for p in people]
    return _listed(named) or "nobody whom we can reach yet"


def _why_now(leg: Leg) -> str:
    strongest = next((reason for reason in leg.reasons if reason.points > 0), None)
    return _issue(strongest) if strongest else "no sign of an issue that we solve"


def _issue(reason: Reason) -> str:
    evidence = ", ".join(str(part) for part in (reason.evidence, reason.date) if part)
    shown = f" ({evidence})" if evidence else ""
    return reason.text.removesuffix(".") + shown


def _listed(parts: Sequence[str]) -> str:
    further = len(parts) - NAMED
    more = [f"{further} more"] if further > 0 else []
    return _joined([*parts[:NAMED], *more])


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def _next_steps(account: Explanation, criteria: Mapping[str, Criterion]) -> Iterator[NextSteps]:
    """Each judged leg about which there is something to ask, the weakest one always and first."""
    for leg in sorted(account.legs, key=lambda leg: leg.leg != account.weakest_leg):
        is_weakest = leg.leg == account.weakest_leg
        questions = _questions(leg, account, criteria)
        if leg.score is not None and (questions or is_weakest):
            yield NextSteps(leg, is_weakest, tuple(questions))


def _questions(leg: Leg, account: Explanation, criteria: Mapping[str, Criterion]) -> list[Question]:
    """What to ask about the leg, the most points first."""
    ask_about = {"organisation": _unknown_data, "people": _missing_roles, "issue": _signs}[leg.leg]
    return _most_first(ask_about(account, criteria))


def _most_first(questions: Iterable[Question]) -> list[Question]:
    return sorted(questions, key=lambda question: -(question.points or 0))


def _unknown_data(account: Explanation, criteria: Mapping[str, Criterion]) -> Iterator[Question]:
    for unknown in account.unknown:
        attribute = (unknown.attribute or unknown.criterion_id).removeprefix("attributes.")
        text = f"{_words(attribute).capitalize()}: not known"
        yield Question(text, _beginning(unknown.wanted), _worth(unknown.criterion_id, criteria))


def _missing_roles(account: Explanation, criteria: Mapping[str, Criterion]) -> Iterator[Question]:
    for role in account.missing_roles:
        text = f"Who is the {_words(role.role_id)}?"
        yield Question(text, _beginning(role.wanted), _worth(role.role_id, criteria))


def _signs(account: Explanation, criteria: Mapping[str, Criterion]) -> list[Question]:
    """The issues that could still add most where urgency is the weakest leg, else nothing."""
    leg = account.legs[-1]
    if leg.leg != account.weakest_leg or leg.score is None:
        return []
    earned = {reason.reason_id: reason.points for reason in leg.reasons}
    questions = [
        _sign(issue_id, criterion, earned.get(issue_id), 100 - leg.score)
        for issue_id, criterion in criteria.items()
        if criterion.leg == leg.leg
    ]
    worthwhile = [question for question in questions if (question.points or 0) >= WORTH_ASKING]
    return _most_first(worthwhile)[:SUGGESTED]


def _sign(issue_id: str, issue: Criterion, earned: Decimal | None, room: Decimal) -> Question:
    found = "more signs, or newer ones" if earned else "no sign yet"
    text = f"{_words(issue_id).capitalize()}: {found}"
    return Question(text, _beginning(issue.operand), min(issue.worth - (earned or 0), room))


def _worth(criterion_id: str, criteria: Mapping[str, Criterion]) -> Decimal | None:
    criterion = criteria.get(criterion_id)
    return criterion.worth if criterion else None


def _beginning(text: str | None) -> str | None:
    """The text, where it is long only what stands before a comma near the limit."""
    if text is None or len(text) <= SHOWN:
        return text
    return re.sub(r"[,;][^,;]*$", "", text[:SHOWN]) + " …"


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")
