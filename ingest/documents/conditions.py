"""Conditions on one attribute of an account: the operators, and what each of them fits.

Belongs here: what criteria and disqualifiers have in common. A new operator is one class, one row
of OPERATORS and one field of Condition, besides its case in the macro that compiles it to SQL.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import pycountry
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from ingest.documents.attributes import ATTRIBUTES, AttributeType
from ingest.documents.findings import found, hint

ID_PATTERN = r"^[a-z][a-z0-9_]*$"
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LARGEST = 1e300
RESERVED_IDS = frozenset({"id", "cap_at_100", "floor_at_0"})
COUNTRY_HINTS = {"UK": "GB", "EL": "GR", "USA": "US"}


class Part(BaseModel):
    """A part of a document: no unknown names, and no value taken for another type's."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, str_strip_whitespace=True
    )


def _folded(word: str) -> str:
    text = " ".join(word.split()).lower()
    if not any(character.isalnum() for character in text):
        raise ValueError(f"expected a word with a letter or a digit, found {found(word)}")
    return text


def _scalar(value: Any) -> str | float | bool:
    if isinstance(value, str) and not value.strip():
        raise ValueError("expected text that is not empty")
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and abs(value) <= LARGEST:
        return value
    raise ValueError(f"expected text, a number or true or false, found {found(value)}")


def _own_id(name: str) -> str:
    if name in RESERVED_IDS:
        raise ValueError(f'"{name}" is a name that the scores use themselves; expected another')
    return name


def _attribute_name(name: str) -> str:
    if name in ATTRIBUTES or KEY_PATTERN.fullmatch(name):
        return name
    raise ValueError(
        f'there is no attribute "{name[:60]}"{hint(name, ATTRIBUTES)}; expected one of '
        'docs/attributes.md, or "attributes.<key>" or "<source>.<key>" for a key of a source'
    )


Id = Annotated[str, Field(pattern=ID_PATTERN, max_length=60), AfterValidator(_own_id)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Number = float
Word = Annotated[str, Field(max_length=200), AfterValidator(_folded)]
Words = Annotated[list[Word], Field(min_length=1)]
Scalar = Annotated[Any, BeforeValidator(_scalar)]
Scalars = Annotated[list[Scalar], Field(min_length=1)]


class Near(Part):
    """Full points at the centre, fading evenly to none at the half-width on either side."""

    centre: Number = Field(description="the ideal value")
    half_width: Number = Field(gt=0, description="the distance at which nothing is left")


class WithinDays(Part):
    """A date at most so many days before the list week, its worth optionally halving over time."""

    days: int = Field(gt=0, le=36_500, description="the number of days that still count")
    half_life_days: int | None = Field(
        default=None, gt=0, le=36_500, description="the days after which half is left"
    )


def _ascending(bounds: list[float]) -> list[float]:
    if not bounds[0] < bounds[1]:
        raise ValueError(
            f"expected [low, high] with low below high, found [{bounds[0]:g}, {bounds[1]:g}]"
        )
    return bounds


Bounds = Annotated[list[Number], Field(min_length=2, max_length=2), AfterValidator(_ascending)]


@dataclass(frozen=True)
class Operator:
    """An operator: the types of attribute it fits, and the type that it tells of an unknown key."""

    name: str
    fits: frozenset[AttributeType]
    implies: AttributeType | None


def _operator(name: str, implies: AttributeType | None, *fits: AttributeType) -> Operator:
    return Operator(name, frozenset(fits), implies)


OPERATORS: dict[str, Operator] = {
    row.name: row
    for row in (
        _operator("is", None, "text", "number", "boolean"),
        _operator("in", None, "text", "number"),
        _operator("not_in", None, "text", "number"),
        _operator("between", "number", "number"),
        _operator("at_least", "number", "number"),
        _operator("at_most", "number", "number"),
        _operator("near", "number", "number"),
        _operator("mentions", "text", "text", "words"),
        _operator("within_days", "date", "date"),
    )
}


class Condition(Part):
    """An attribute and exactly one operator; that it is exactly one is judged by the document."""

    id: Id = Field(description="a short name in lower_snake, used in lists and evidence")
    attribute: Annotated[str, AfterValidator(_attribute_name)] = Field(
        description="an attribute of docs/attributes.md, or a source's key"
    )
    is_: Scalar | None = Field(default=None, alias="is")
    in_: Scalars | None = Field(default=None, alias="in", description="a list of values")
    not_in: Scalars | None = Field(default=None, description="a list of values")
    between: Bounds | None = Field(default=None, description="[low, high]")
    at_least: Number | None = None
    at_most: Number | None = None
    near: Near | None = Field(default=None, description="{centre: number, half_width: number}")
    mentions: Words | None = Field(default=None, description="a list of words")
    within_days: WithinDays | None = Field(
        default=None, description="{days: number}, optionally with half_life_days"
    )
    why: Text = Field(description="the reason, in words that sales and marketing agree on")

    @field_validator(
        "is_", "in_", "not_in", "between", "at_least", "at_most", "near", "mentions", "within_days"
    )
    @classmethod
    def fits_attribute(cls, operand: Any, info: ValidationInfo) -> Any:
        """The operator, and the values after it, go with the type of the attribute."""
        attribute, operator = info.data.get("attribute"), str(info.field_name).rstrip("_")
        if attribute is not None and operand is not None:
            _check_operator(attribute, operator)
            _check_values(attribute, operand if isinstance(operand, list) else [operand])
        return operand

    @property
    def operator(self) -> str:
        """The name of the one operator given."""
        given = (name for name in OPERATORS if getattr(self, _field_name(name)) is not None)
        return next(given)

    @property
    def operand(self) -> dict[str, Any]:
        """What the operator compares with, as JSON-safe named values."""
        value = getattr(self, _field_name(self.operator))
        if isinstance(value, BaseModel):
            return value.model_dump()
        if self.operator == "between":
            return {"low": value[0], "high": value[1]}
        if self.operator == "mentions":
            return {"words": value}
        return {"values": value} if isinstance(value, list) else {"value": value}

    @property
    def attribute_type(self) -> AttributeType:
        """The attribute's type; of a source's key, the one that operator and values imply."""
        known = ATTRIBUTES.get(self.attribute)
        return known.type if known else _implied_type(self.operator, self.operand)


def _field_name(operator: str) -> str:
    return f"{operator}_" if operator in ("is", "in") else operator


def _check_operator(attribute: str, operator: str) -> None:
    known = ATTRIBUTES.get(attribute)
    if known is None or known.type in OPERATORS[operator].fits:
        return
    fitting = [name for name, row in OPERATORS.items() if known.type in row.fits]
    raise ValueError(
        f'"{operator}" does not fit "{attribute}", whose type is {known.type}; '
        f"expected {' or '.join(fitting)}"
    )


def _check_values(attribute: str, values: list[Any]) -> None:
    known = ATTRIBUTES.get(attribute)
    scalars = [value for value in values if isinstance(value, (str, int, float))]
    if known is None:
        problems = _unlike(scalars)
    elif attribute == "country":
        problems = [_no_country(value) for value in scalars]
    else:
        problems = [_no_value_of(known.type, value) for value in scalars]
    if any(problems):
        raise ValueError("; ".join(filter(None, problems)))


def _unlike(values: list[str | float]) -> list[str | None]:
    if len({_type_of(value) for value in values}) > 1:
        return ["expected values of one kind, found text beside numbers; quote the text"]
    return []


def _no_value_of(type: AttributeType, value: str | float) -> str | None:
    expected = "text" if type == "words" else type
    if _type_of(value) == expected:
        return None
    advice = f'; write "{value}" in quotes' if expected == "text" else ""
    words = {"text": "text", "number": "a number", "boolean": "true or false"}
    return f"expected {words[expected]}, found {found(value)}{advice}"


def _no_country(code: Any) -> str | None:
    if isinstance(code, str) and pycountry.countries.get(alpha_2=code) and code == code.upper():
        return None
    meant = _country_meant(code) if isinstance(code, str) else None
    advice = f' (did you mean "{meant}"?)' if meant else ""
    return f"expected a country as two capital letters of ISO 3166-1, found {found(code)}{advice}"


def _country_meant(text: str) -> str | None:
    if text.upper() in COUNTRY_HINTS:
        return COUNTRY_HINTS[text.upper()]
    try:
        return str(pycountry.countries.lookup(text).alpha_2)
    except LookupError:
        return None


def _type_of(value: str | float) -> AttributeType:
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def _implied_type(operator: str, operand: dict[str, Any]) -> AttributeType:
    """The type of a source's key: its operator tells it, or the values it is compared with."""
    implied = OPERATORS[operator].implies
    values = operand.get("values") or [operand.get("value")]
    return implied or _type_of(values[0])
