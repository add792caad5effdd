"""Parts of the perfect-customer document as a person would say them.

Here belong phrases made of one part of the document's content, as its manifest holds it: JSON, so
that a document of an earlier grammar can be read too. Not here: what stands where on the page
(`perfect_customer_page`). The shorter phrases of lists and explanations are dbt's (`in_words.sql`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from ingest.documents.attributes import ATTRIBUTES
from orchestration.publishing.pages import words
from orchestration.publishing.people_files import country_names

Content = Mapping[str, Any]

_SPAN = re.compile(r" (\d+ (?:days|months))$")

BUDGET = {
    "maker": "makes the budget",
    "taker": "spends a given budget",
    "none": "has no budget",
}
DECISION = {
    "maker": "makes the decision",
    "shaper": "shapes the decision",
    "none": "has no part in the decision",
}
ADVANTAGE = {
    "unique": "only we solve it",
    "better": "better than any other option",
    "parity": "as good as other options",
    "none": "no advantage",
}
SUPPRESSED = {
    "customer": "customers",
    "competitor": "competitors",
    "partner": "partners",
    "open_opportunity": "accounts with an open opportunity",
    "recently_lost": "accounts lost recently",
}


def agreed_on(content: Content) -> date | None:
    """The day on which the document was agreed, where it has one."""
    day = content["agreed"].get("date")
    return date.fromisoformat(day) if day else None


def number(value: float, sign: str = "") -> str:
    """1,200 or 0.25, negative ones with a true minus sign; with the sign `+` also +6."""
    return format(value, f"{sign},.15g").replace("-", "\N{MINUS SIGN}")


def attribute(name: str) -> str:
    """What a condition looks at: `attributes.legal_entities` as legal entities."""
    source, _, key = name.rpartition(".")
    if _is_of_one_source(source):
        return f"{words(key)} (as {words(source)} has it)"
    return _SPAN.sub(r" in \1", words(key)) if name in ATTRIBUTES else words(key)


def attribute_meaning(name: str) -> str | None:
    """What the attribute is, in a sentence, unless its name says it all."""
    if name in ATTRIBUTES:
        known = ATTRIBUTES[name]
        return None if known.type == "text" else known.description
    source = name.rpartition(".")[0]
    given_by = f"the source {words(source)}" if _is_of_one_source(source) else "the sources"
    return f"A field that {given_by} may give."


def condition(item: Content) -> str:
    """What a criterion or disqualifier asks for: "employees: between 200 and 5,000"."""
    operator = next(name for name in _OPERATORS if item.get(name) is not None)
    wanted = _OPERATORS[operator](item["attribute"], item[operator])
    return f"{attribute(item['attribute'])}: {wanted}"


def recognised_by(role: Content) -> str:
    """Whom the role fits: by title, or by department and seniority."""
    place = [_named(role, "departments"), _named(role, "seniorities")]
    parts = [_named(role, "titles"), ", with ".join(filter(None, place))]
    return "; or ".join(filter(None, parts))


def looked_for(evidence: Content) -> str:
    """What a signal has to match to count as evidence."""
    found = [_named(evidence, "topics"), _named(evidence, "words")]
    return "; or ".join(filter(None, found)) or "nothing: it counts when it happens"


def surge(evidence: Content) -> str | None:
    """When evidence counts only in a surge: how much more there must be than usual."""
    rule = evidence.get("surge")
    if not rule:
        return None
    return (
        f"only while the last {_weeks(rule['weeks'])} bring at least {number(rule['ratio'])} times "
        f"as many a week as the account's own {_weeks(rule['baseline_weeks'])} before"
    )


def suppression(rule: Any) -> str:
    """What a business reason does to an account."""
    if not rule:
        return "may be listed"
    return f"kept off for {number(rule['days'])} days" if isinstance(rule, Mapping) else "kept off"


def _weeks(count: int) -> str:
    return "week" if count == 1 else f"{number(count)} weeks"


def _is_of_one_source(source: str) -> bool:
    return source not in ("", "attributes")


def _named(part: Content, name: str) -> str:
    """A list of words with its name before it; nothing where there is none."""
    return f"{name}: {', '.join(map(_text, part[name]))}" if part.get(name) else ""


def _text(value: str) -> str:
    """A text as it stands, in quotes where its commas would read as further values."""
    return f'"{value}"' if "," in value else value


def _value(attribute: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:.15g}" if attribute.endswith("year") else number(value)
    return country_names().get(value, value) if attribute == "country" else _text(value)


def _values(attribute: str, values: Sequence[Any]) -> str:
    return ", ".join(_value(attribute, value) for value in values)


def _near(attribute: str, near: Content) -> str:
    centre, away = near["centre"], near["half_width"]
    edges = f"{_value(attribute, centre - away)} or {_value(attribute, centre + away)}"
    return f"near {_value(attribute, centre)}, all points there, fading to none at {edges}"


def _within_days(attribute: str, within: Content) -> str:
    half_life = within.get("half_life_days")
    fading = f", half the points left after {number(half_life)} days" if half_life else ""
    return f"at most {number(within['days'])} days before the list week{fading}"


_OPERATORS: Mapping[str, Callable[[str, Any], str]] = {
    "is": _value,
    "in": lambda name, values: f"one of {_values(name, values)}",
    "not_in": lambda name, values: f"none of {_values(name, values)}",
    "between": lambda name, bounds: f"between {' and '.join(_value(name, b) for b in bounds)}",
    "at_least": lambda name, bound: f"at least {_value(name, bound)}",
    "at_most": lambda name, bound: f"at most {_value(name, bound)}",
    "near": _near,
    "mentions": lambda name, values: f"mentions {_values(name, values)}",
    "within_days": _within_days,
}
