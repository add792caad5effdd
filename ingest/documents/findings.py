"""What pydantic finds wrong with a document, in words that a person can mend it by.

Belongs here: expected, found and near-miss hint for every kind of finding, whatever the document.
Keep out: what one document demands beyond its shape.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, ValidationError

Location = tuple[str | int, ...]

EXPECTED: dict[str, str] = {
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "a name of lower-case letters, digits and _, a letter first",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of a sensible size",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of names to values",
    "literal_error": "one of {expected}",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "{le:g} or less",
    "too_short": "{min_length} or more entries",
    "too_long": "{max_length} or fewer entries",
}
STRUCTURES = frozenset({"list_type", "tuple_type", "dict_type", "model_type"})


def explained(
    model: type[BaseModel], value: Any, error: ValidationError, also: Iterable[str] = ()
) -> Iterator[tuple[Location, str]]:
    """Each finding as its place in the value and a message.

    A missing name is no finding where a misspelt one stands for it. `also` are names that may
    stand beside the model's own; they only serve hints.
    """
    wording = _Wording(model, tuple(also))
    items = error.errors(include_url=False)
    misspelt = {
        (item["loc"][:-1], nearest(item["loc"][-1], wording.choices(item["loc"][:-1])))
        for item in items
        if item["type"] == "extra_forbidden"
    }
    places: dict[Location, list[Mapping[str, Any]]] = {}
    for item in items:
        loc = item["loc"]
        if item["type"] != "missing" or (loc[:-1], loc[-1]) not in misspelt:
            places.setdefault(_in_document(value, loc), []).append(item)
    for place, found_here in places.items():
        yield place, wording.message(found_here)


def hint(name: object, choices: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the nearest of the choices, or nothing when none is near."""
    near = nearest(name, choices)
    return f' (did you mean "{near}"?)' if near else ""


def nearest(name: object, choices: Iterable[str]) -> str | None:
    """The choice that a misspelt name most likely stands for."""
    folded = {choice.lower(): choice for choice in choices}
    found = difflib.get_close_matches(str(name)[:100].lower(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def found(value: object) -> str:
    """A value in words, short enough for one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'the text "{value[:60]}{"…" if len(value) > 60 else ""}"'
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return "a mapping"
    return str(value)[:60]


class _Wording:
    """Findings about one model in words; `also` are names that may stand beside the model's."""

    def __init__(self, model: type[BaseModel], also: tuple[str, ...]) -> None:
        self.model, self.also = model, also

    def message(self, items: list[Mapping[str, Any]]) -> str:
        """The one message about a place; several findings are what the arms of a union expect."""
        if len(items) > 1 and all(item["type"] in EXPECTED for item in items):
            expected = " or ".join(dict.fromkeys(map(self._expected, items)))
            return f"expected {expected}{self._found(items[0])}"
        return self._message(items[0])

    def _message(self, item: Mapping[str, Any]) -> str:
        loc, kind = item["loc"], item["type"]
        if kind == "extra_forbidden":
            choices = self.choices(loc[:-1])
            return f"this name is not known{hint(loc[-1], choices)}; expected {_listed(choices)}"
        if kind == "missing":
            declared = _field(self.model, loc)
            return f"missing; expected {(declared and declared.description) or 'a value'}"
        if kind == "value_error":
            return str(item["ctx"]["error"])
        if kind not in EXPECTED:
            return f"{item['msg']}{self._found(item)}"
        near = hint(item["input"], _literals(item)) if kind == "literal_error" else ""
        return f"expected {self._expected(item)}{self._found(item)}{near}"

    def _expected(self, item: Mapping[str, Any]) -> str:
        loc, kind = item["loc"], item["type"]
        declared = _field(self.model, loc)
        if kind in STRUCTURES and declared is not None and declared.description:
            return str(declared.description)
        if kind == "model_type" and (choices := self.choices(loc)):
            return f"a mapping with {_listed(choices)}"
        return EXPECTED[kind].format(**item.get("ctx", {})).replace("'", '"')

    def _found(self, item: Mapping[str, Any]) -> str:
        """What stood there, unless it may be a secret."""
        declared = _field(self.model, item["loc"])
        if declared is not None and _holds_secret(declared.annotation):
            return ""
        return f", found {found(item['input'])}"

    def choices(self, loc: Location) -> list[str]:
        """The names that a mapping at a location may hold."""
        owner = next(_models_at(self.model, loc), None)
        names = [f.alias or name for name, f in owner.model_fields.items()] if owner else []
        return names if loc else [*self.also, *names]


def _literals(item: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", item["ctx"]["expected"])


def _listed(choices: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(choices[:-1]), *choices[-1:]]))


def _holds_secret(annotation: Any) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))


def _in_document(value: Any, loc: Location) -> Location:
    """A pydantic location without the parts that pydantic adds, such as the arm of a union."""
    kept: list[str | int] = []
    for position, part in enumerate(loc):
        if isinstance(value, dict) and (part in value or position == len(loc) - 1):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        kept.append(part)
    return tuple(kept)


def _field(model: type[BaseModel], loc: Location) -> Any:
    owner = next(_models_at(model, loc[:-1]), None) if loc else None
    fields = owner.model_fields if owner else {}
    return next((f for name, f in fields.items() if loc[-1] in (name, f.alias)), None)


def _models_at(annotation: Any, loc: Location) -> Iterator[type[BaseModel]]:
    """The models that an annotation leads to by a location, through lists, mappings and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not loc:
            yield annotation
        elif (declared := _field(annotation, loc[:1])) is not None:
            yield from _models_at(declared.annotation, loc[1:])
        return
    for argument in get_args(annotation):
        yield from _models_at(argument, loc)
        if loc:
            yield from _models_at(argument, loc[1:])
