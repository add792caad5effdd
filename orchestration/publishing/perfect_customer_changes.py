"""What changed between two perfect-customer documents, part by part and field by field, in words.

Here belongs which fields a part has and how two of them differ. A field of the document that is not
told here changes unseen. Not here: how a field is put into words (`perfect_customer_words`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from orchestration.publishing.pages import long_date, words
from orchestration.publishing.perfect_customer_words import (
    BUDGET,
    DECISION,
    SUPPRESSED,
    Content,
    agreed_on,
    condition,
    looked_for,
    number,
    recognised_by,
    suppression,
    surge,
)

ALIKE = 0.5
"""Texts that share less than this are shown as replaced; word by word they would be a puzzle."""

Fields = Mapping[str, str]
Parts = Mapping[str, Fields]


@dataclass(frozen=True)
class Piece:
    """A run of words, and whether the other side lacks it."""

    text: str
    is_changed: bool


@dataclass(frozen=True)
class FieldChange:
    """A field before and after; a side without pieces didn't have it."""

    field: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True)
class PartChange:
    """What became of a part of the document; its name is its id where it has one."""

    name: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]


def document_changes(before: Content, after: Content) -> dict[str, list[PartChange]]:
    """Every part that differs, by section in the order of the document; order doesn't count."""
    earlier, later = _told(before), _told(after)
    differing = {title: list(_differing(earlier[title], later[title])) for title in later}
    return {title: changes for title, changes in differing.items() if changes}


def _differing(before: Parts, after: Parts) -> Iterator[PartChange]:
    for name in _union(after, before):
        fields = tuple(_field_changes(before.get(name, {}), after.get(name, {})))
        if fields:
            yield PartChange(name, _change(name in before, name in after), fields)


def _change(was_there: bool, is_there: bool) -> Literal["added", "removed", "changed"]:
    if was_there and is_there:
        return "changed"
    return "added" if is_there else "removed"


def _field_changes(before: Fields, after: Fields) -> Iterator[FieldChange]:
    for field in _union(after, before):
        old, new = before.get(field, ""), after.get(field, "")
        if old != new:
            yield FieldChange(field, *_compared(old, new))


def _union(first: Iterable[str], second: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *second]))


def _compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts, in each the words that the other lacks marked; one alone needs no marks."""
    old, new = _words_of(before), _words_of(after)
    matcher = SequenceMatcher(None, old, new)
    if matcher.ratio() < ALIKE:
        is_replaced = bool(before and after)
        return tuple(_marked(before, is_replaced)), tuple(_marked(after, is_replaced))
    spans = matcher.get_opcodes()
    return (
        tuple(_pieces(old, ((tag, start, end) for tag, start, end, _, _ in spans))),
        tuple(_pieces(new, ((tag, start, end) for tag, _, _, start, end in spans))),
    )


def _words_of(text: str) -> list[str]:
    """Words, numbers and signs, each with the space before it: joined they are the text again."""
    return re.findall(r"\s*(?:\d[\d.,]*\d|\w+|[^\w\s])|\s+$", text)


def _pieces(tokens: list[str], spans: Iterable[tuple[str, int, int]]) -> Iterator[Piece]:
    for tag, start, end in spans:
        yield from _marked("".join(tokens[start:end]), tag != "equal")


def _marked(text: str, is_changed: bool) -> Iterator[Piece]:
    """The text as pieces; the space before it is never marked."""
    body = text.lstrip()
    for piece in (Piece(text[: len(text) - len(body)], False), Piece(body, is_changed)):
        if piece.text:
            yield piece


def _told(content: Content) -> dict[str, Parts]:
    """The whole document in words: by section the parts, and by part its fields."""
    organisations, roles = content["organisations"], content["people"]["roles"]
    return {
        "Agreement": {"version and agreement": _agreement(content)},
        "Criteria": _by_id(organisations["criteria"], _criterion),
        "Disqualifiers": _by_id(organisations["disqualifiers"], _disqualifier),
        "People": _by_id(roles, _role),
        "Issues": _by_id(content["issues"], _issue),
        "Ranking": _ranking(content["ranking"]),
    }


def _by_id(items: Iterable[Content], fields: Callable[[Content], Fields]) -> Parts:
    return {item["id"]: fields(item) for item in items}


def _agreement(content: Content) -> Fields:
    agreed = content["agreed"]
    day = agreed_on(content)
    return {
        "version": number(content["version"]),
        "for sales": agreed.get("sales") or "not agreed",
        "for marketing": agreed.get("marketing") or "not agreed",
        "date": long_date(day) if day else "no date",
    }


def _criterion(item: Content) -> Fields:
    return {
        "family": item["family"],
        "points": number(item["points"]),
        **_disqualifier(item),
    }


def _disqualifier(item: Content) -> Fields:
    return {"wanted": condition(item), "why": item["why"]}


def _role(item: Content) -> Fields:
    return {
        "budget": BUDGET[item["budget"]],
        "decision": DECISION[item["decision"]],
        "recognised by": recognised_by(item),
        "points": number(item["points"]),
        "what is in it for them": item["motivation"],
    }


def _issue(item: Content) -> Fields:
    return {
        "statement": item["statement"],
        "severity": item["severity"],
        "advantage": item["advantage"],
        "cost of inaction": item["cost_of_inaction"],
        "kinds of evidence needed": number(item["kinds_needed"]),
        **_evidence(item["evidence"]),
    }


def _evidence(items: Iterable[Content]) -> Fields:
    """One field for each piece of evidence; of one kind there can be several."""
    seen: Counter[str] = Counter()
    fields = {}
    for item in items:
        kind = words(item["kind"])
        seen[kind] += 1
        fields[f"evidence: {kind}{f' ({seen[kind]})' if seen[kind] > 1 else ''}"] = _signal(item)
    return fields


def _signal(item: Content) -> str:
    parts = [
        looked_for(item),
        f"adds {number(item['weight'])}",
        f"half of it left after {number(item['half_life_days'])} days",
        surge(item),
    ]
    return "; ".join(filter(None, parts))


def _ranking(ranking: Content) -> Parts:
    return {
        "weight of each leg": _numbers(ranking["weights"]),
        "minimum of each leg": _numbers(ranking["minimum"]),
        "issue points by severity": _numbers(ranking["issue_points"]),
        "factor by advantage": _numbers(ranking["advantage_factor"]),
        **{f"tier {tier['id']}": _tier(tier) for tier in ranking["tiers"]},
        "accounts of one parent": {
            "at most": number(ranking["most_per_parent"]),
            "stand together on the list": "yes" if ranking.get("roll_up") else "no",
        },
        "who is kept off the list": {
            SUPPRESSED[reason]: suppression(rule) for reason, rule in ranking["suppress"].items()
        },
    }


def _numbers(settings: Content) -> Fields:
    return {words(name): number(value) for name, value in settings.items()}


def _tier(tier: Content) -> Fields:
    return {
        "from an alignment of": number(tier["at_least"]),
        "takes at most": f"{number(tier['capacity'])} accounts",
    }
