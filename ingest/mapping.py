"""Column maps: what sources.yml may say of a file's columns, and the expressions it stands for.

What belongs here: rules for one table's columns and attributes. What doesn't: reading files
(`files.py`), reading a single text (`convert.py`), and rows as a whole (`sources/files.py`).
"""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any, NamedTuple, Self

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    create_model,
    model_validator,
)

from ingest.convert import BAND, canonical_text, convert, named, stripped
from ingest.files import VENDOR, FileOptions
from ingest.tables import CONSENT, Table

STRICT = ConfigDict(extra="forbid", frozen=True)
FILLED_BY_LANDING = ("source", "batch_id", "email_domain")
MADE_WHERE_MISSING = (
    ("companies", "source_company_id"),
    ("signals", "source_signal_id"),
    ("suppressions", "key_kind"),
)
# Columns that hold a word of ours, and the words that a rule can translate the file's texts to.
WORDS = {"outcome": ("won", "lost"), "verdict": ("accepted", "qualified_out")}
USUAL: dict[Any, str] = {
    pl.String: "text",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}

Scalar = bool | int | float | str
AttributeKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _known_conversion(name: str) -> str:
    named(name)
    return name


class Rule(BaseModel):
    """Where a value comes from: a column of the file, several joined, or the same for every row."""

    model_config = STRICT

    column: str | Annotated[tuple[str, ...], Field(min_length=2)] | None = Field(
        None, alias="from", description="a column of the file, or a list of several"
    )
    conversion: Annotated[str, AfterValidator(_known_conversion)] | None = Field(None, alias="as")
    const: Scalar | None = Field(None, description="the value of every row")
    default: Scalar | None = Field(None, description="the value where the file has none")
    empty: tuple[str, ...] = Field((), description="texts that mean nothing, such as Select")
    won: tuple[str, ...] = Field((), description="texts that mean won")
    lost: tuple[str, ...] = Field((), description="texts that mean lost")
    accepted: tuple[str, ...] = Field((), description="texts that mean accepted")
    qualified_out: tuple[str, ...] = Field((), description="texts that mean qualified out")

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"from": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if (self.column is None) == (self.const is None):
            raise ValueError("expected either `from`, a column of the file, or `const`, a value")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns of the file that it reads."""
        if self.column is None:
            return ()
        return (self.column,) if isinstance(self.column, str) else self.column

    def words(self) -> dict[str, tuple[str, ...]]:
        """The texts of the file for each word of ours that the rule translates."""
        given = {word: getattr(self, word) for words in WORDS.values() for word in words}
        return {word: texts for word, texts in given.items() if texts}


class Value(NamedTuple):
    """What a rule stands for: the value, and whether a text was there that could not be read.

    `is_lost` is None where every text can be read.
    """

    value: pl.Expr
    is_lost: pl.Expr | None


def file_model(table: Table) -> type[FileOptions]:
    """The options of a file that holds one input table: every mistake is found at its line."""
    columns: dict[str, Any] = {
        name: _field(table, name, dtype)
        for name, dtype in table.columns.items()
        if name not in (*FILLED_BY_LANDING, "attributes")
    }
    parts: dict[str, Any] = {
        "only_with": (tuple[str, ...], Field((), description="columns that a row must fill")),
        "only_where": (
            dict[str, Annotated[tuple[str, ...], Field(min_length=1)]],
            Field({}, description="columns, each with the texts of which a row must have one"),
        ),
        "columns": (create_model("Columns", __config__=STRICT, **columns), ...),
    }
    if "attributes" in table.columns:
        rule = Annotated[Rule, AfterValidator(_one_text)]
        parts["attributes"] = (dict[AttributeKey, rule], {})
    return create_model(f"{table.name}_file", __base__=FileOptions, **parts)


def column_value(rule: Rule, name: str, dtype: pl.DataType, vendor: pl.Schema, week: date) -> Value:
    """A rule for a column of an input table."""
    read = _worded(rule, name, vendor) if rule.words() else _typed(rule, dtype, vendor, week)
    value = _completed(rule, dtype, week, read)
    return _in_doubt(value) if name in CONSENT else value


def attribute_value(rule: Rule, vendor: pl.Schema, week: date) -> Value:
    """A rule for an attribute: text in canonical form."""
    conversion = rule.conversion or "text"
    value, is_lost = _converted(rule, conversion, vendor, week)
    text = canonical_text(value, named(conversion)[0].gives)
    return _completed(rule, pl.String(), week, Value(text, is_lost))


def origin(rule: Rule, vendor: pl.Schema) -> tuple[pl.Expr, pl.DataType]:
    """What a rule reads, and its type; several columns are one text, with a space between them."""
    found = [(pl.col(VENDOR + name), vendor[VENDOR + name]) for name in rule.columns()]
    if len(found) == 1:
        return found[0]
    texts = [stripped(canonical_text(value, dtype)) for value, dtype in found]
    return pl.concat_str(texts, separator=" ", ignore_nulls=True), pl.String()


def near_miss(name: str, names: Iterable[str]) -> str:
    """` (did you mean "x"?)` for the name that a misspelt one most likely stands for."""
    folded = {known.lower(): known for known in names}
    near = get_close_matches(name.lower(), folded, n=1)
    return f' (did you mean "{folded[near[0]]}"?)' if near else ""


def _field(table: Table, name: str, dtype: pl.DataType) -> tuple[Any, Any]:
    column = table.schema.columns()[name]
    rule = rule_for(name, dtype)
    if column.nullable or (table.name, name) in MADE_WHERE_MISSING or name == "observed_at":
        return (rule | None, Field(None, description=column.description))
    return (rule, Field(description=f"where the {column.description} stands"))


def rule_for(name: str, dtype: pl.DataType) -> Any:
    """The type of a rule that fills a column: one that can't is a mistake of the document."""
    return Annotated[Rule, AfterValidator(partial(_fitting, name, dtype))]


def _one_text(rule: Rule) -> Rule:
    """A rule that can fill an attribute."""
    _check_words(rule, "an attribute")
    if rule.conversion and named(rule.conversion)[0].gives == BAND:
        raise ValueError('a band is two numbers; an attribute holds one value, such as "number"')
    return rule


def _fitting(name: str, dtype: pl.DataType, rule: Rule) -> Rule:
    """A rule that can fill the column; ValueError with what to write instead."""
    _check_words(rule, name)
    if len(rule.columns()) > 1 and not (dtype == pl.String or dtype.is_temporal()):
        raise ValueError("several columns make a text or a time; name one")
    if rule.conversion and not _gives(rule.conversion, name, dtype):
        raise ValueError(f'"{rule.conversion}" does not fit here, "{usual(dtype)}" does')
    if rule.conversion and rule.default is not None and named(rule.conversion)[0].gives == BAND:
        raise ValueError("a band has no `default`; leave it out")
    for constant in (rule.const, rule.default):
        if constant is not None and _constant(constant, dtype, date.min) is None:
            raise ValueError(f'expected {named(usual(dtype))[0].expected}, found "{constant}"')
    return rule


def _check_words(rule: Rule, name: str) -> None:
    for column, words in WORDS.items():
        if column != name and rule.words().keys() & set(words):
            raise ValueError(
                f"`{'` and `'.join(words)}` say what texts mean: only `{column}` has them"
            )
    if rule.words() and rule.const is not None:
        raise ValueError("a value of every row has no words to translate; write `from`")


def _gives(conversion: str, name: str, dtype: pl.DataType) -> bool:
    given = named(conversion)[0].gives
    return name == "employees" if given == BAND else _is_kin(given, dtype)


def _is_kin(found: pl.DataType, dtype: pl.DataType) -> bool:
    """Whether the landing can make one type of the other without reading text."""
    return (
        found == dtype
        or (found.is_numeric() and dtype.is_numeric())
        or (found.is_temporal() and dtype.is_temporal())
    )


def usual(dtype: pl.DataType) -> str:
    """The conversion of a column whose rule names none."""
    if isinstance(dtype, pl.List):
        return "list"
    if dtype.is_numeric():
        return "number"
    return USUAL[dtype.base_type()]


def _constant(constant: Scalar, dtype: pl.DataType, week: date) -> Any:
    text = str(constant).lower() if isinstance(constant, bool) else str(constant)
    return pl.select(convert(pl.lit(text), usual(dtype), week)).to_series().to_list()[0]


def _completed(rule: Rule, dtype: pl.DataType, week: date, read: Value) -> Value:
    """With the rule's default where nothing was read."""
    if rule.default is None:
        return read
    default = pl.lit(_constant(rule.default, dtype, week))
    return Value(pl.coalesce(read.value, default), read.is_lost)


def _in_doubt(said: Value) -> Value:
    """Who answered in words that can't be read, such as the day of an opt-out, is left alone."""
    if said.is_lost is None:
        return said
    return Value(said.value | said.is_lost, said.is_lost)


def _typed(rule: Rule, dtype: pl.DataType, vendor: pl.Schema, week: date) -> Value:
    if rule.const is not None:
        return Value(pl.lit(_constant(rule.const, dtype, week)), None)
    found, kind = origin(rule, vendor)
    if rule.conversion is None and kind != pl.String and _is_kin(kind, dtype):
        return Value(found, None)
    return _converted(rule, rule.conversion or usual(dtype), vendor, week)


def _converted(rule: Rule, conversion: str, vendor: pl.Schema, week: date) -> Value:
    if rule.const is not None:
        return Value(pl.lit(_constant(rule.const, pl.String(), week)), None)
    if conversion == "text":
        return Value(_as_it_is(rule, vendor), None)
    text = _text(rule, vendor)
    found, kind = origin(rule, vendor)
    if not rule.empty and _is_read_already(kind, conversion):
        return Value(found.cast(named(conversion)[0].gives), None)
    value = convert(text, conversion, week)
    return Value(value, text.is_not_null() & value.is_null())


def _as_it_is(rule: Rule, vendor: pl.Schema) -> pl.Expr:
    """The column as text; unless a rule looks at it, cleaning is left to the landing."""
    if rule.empty or rule.default is not None:
        return _text(rule, vendor)
    return canonical_text(*origin(rule, vendor))


def _is_read_already(found: pl.DataType, conversion: str) -> bool:
    """Whether the file's own type says the same as the text of its values would."""
    if conversion == "number":
        return found.is_integer()
    return conversion in ("boolean", "date") and found == named(conversion)[0].gives


def _worded(rule: Rule, name: str, vendor: pl.Schema) -> Value:
    """The word of ours that a text means, in upper or lower case. A deal that has neither is open;
    any other text stays as it is, for the table's contract to judge."""
    text = _text(rule, vendor)
    lower = text.str.to_lowercase()
    meant = [
        pl.when(lower.is_in([each.lower() for each in texts])).then(pl.lit(word))
        for word, texts in rule.words().items()
    ]
    unsaid = pl.when(text.is_not_null()).then(pl.lit("open")) if name == "outcome" else text
    return Value(pl.coalesce(*meant, unsaid), None)


def _text(rule: Rule, vendor: pl.Schema) -> pl.Expr:
    """The column as text, null where it says nothing."""
    text = stripped(canonical_text(*origin(rule, vendor)))
    return pl.when(~text.is_in(rule.empty)).then(text) if rule.empty else text
