"""Google Sheets: lists of whom to leave alone that people keep in a spreadsheet.

What: sheets that are shared with anyone who has the link, or published, each exported as CSV. Terms
of use: the sheet is one's own; Google's terms of service. Rate: one request per sheet and one for
the redirect; Google names no limit for exports, so one a second. Tables: suppressions. Secrets:
whoever knows a sheet's id can read it, so it may stand in the environment and is in no message.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, create_model

from ingest import files
from ingest.convert import stripped
from ingest.errors import SourceError, SourceRejected
from ingest.files import VENDOR, FileOptions
from ingest.headers import check_columns, vendor_names
from ingest.mapping import STRICT, Rule, Value, column_value, rule_for
from ingest.options import FromEnvironment
from ingest.registry import Request
from ingest.suppression_keys import with_kinds
from ingest.tables import TABLES
from ingest.unread import unread

RATE_PER_SECOND = 1.0
GOOGLE = "https://docs.google.com"
CONTENT = "googleusercontent.com"
PUBLISHED = "2PACX-"
MAPPED = ("key", "key_kind", "reason", "until_date", "note")
ADVICE = "mend `columns` of the sheet in sources.yml, or its `gid` if it is another sheet"
REMEDY = "share it with anyone who has the link, or publish it; then check `sheet` and `gid`"
SUPPRESSIONS = TABLES["suppressions"]


def _sheet_id(text: str) -> str:
    if not re.fullmatch(r"[\w-]{10,}|.*\$\{\w+\}.*", text, re.ASCII):
        raise ValueError("expected a sheet's id: what stands between /d/ and /edit in its address")
    return text


def _column(name: str) -> tuple[Any, Any]:
    rule = rule_for(name, SUPPRESSIONS.columns[name])
    if name == "key":
        return rule, Field(description="where the domain, e-mail or digest stands")
    return rule | None, Field(None, description=SUPPRESSIONS.schema.columns()[name].description)


_COLUMNS: dict[str, Any] = {name: _column(name) for name in MAPPED}
Columns = create_model("Columns", __config__=STRICT, **_COLUMNS)


class Sheet(BaseModel):
    """One sheet of a spreadsheet: a list with its reason."""

    model_config = STRICT

    sheet: Annotated[FromEnvironment, AfterValidator(_sheet_id)] = Field(
        description="the spreadsheet's id"
    )
    gid: int = Field(0, ge=0, description="which of its sheets: `gid` in its address")
    reason: Literal["customer", "competitor", "partner", "do_not_contact", "manual"]
    columns: Columns = Field(description="a mapping of columns of suppressions to the sheet's")


class Options(BaseModel):
    """The sheets, and where Google answers."""

    model_config = STRICT

    sheets: tuple[Sheet, ...] = Field(min_length=1, description="a list of sheets")
    base_url: FromEnvironment = GOOGLE
    content_domain: str = Field(CONTENT, description="the domain that exports are redirected to")


def tables(options: Options) -> tuple[str, ...]:
    """Always the same."""
    return ("suppressions",)


def answers_for_past(options: Options) -> bool:
    """A sheet is as it is today."""
    return False


def fetch(source: str, options: Options, request: Request) -> Iterator[tuple[str, pl.DataFrame]]:
    """Sheet by sheet; SourceRejected for one that names nobody, since a list that lost all of its
    rows is more likely a mistake than meant."""
    request.session.follow_to(options.content_domain)
    for number, sheet in enumerate(options.sheets, 1):
        path = _exported(source, options.base_url, number, sheet, request)
        named = 0
        for frame in files.read(source, path, FileOptions(path=path.name)):
            rows = _suppressions(source, path.name, frame, sheet, request)
            named += rows.filter(pl.col("_reject").is_null(), pl.col("key").is_not_null()).height
            yield "suppressions", rows
        if not named:
            raise SourceRejected(
                source,
                f"{_name(number, sheet)} names nobody; expected at least one domain or e-mail; "
                "restore its rows, or take the sheet out of sources.yml",
            )


def _name(number: int, sheet: Sheet) -> str:
    return f"sheet {number} (gid {sheet.gid})"


def _exported(source: str, base_url: str, number: int, sheet: Sheet, request: Request) -> Path:
    """The sheet as a CSV file. Addresses in messages are cut to their host: paths hold the id."""
    base = f"{base_url.rstrip('/')}/spreadsheets/d"
    if sheet.sheet.startswith(PUBLISHED):
        url, asked = f"{base}/e/{sheet.sheet}/pub", {"output": "csv", "single": "true"}
    else:
        url, asked = f"{base}/{sheet.sheet}/export", {"format": "csv"}
    path = request.scratch / f"sheet-{number}.csv"
    try:
        return request.session.download(url, path, {**asked, "gid": sheet.gid})
    except SourceError as error:
        message = re.sub(r"(https?://[^/\s]+)[^\s;,]*", r"\1", error.message)
        remedy = f"; {REMEDY}" if isinstance(error, SourceRejected) else ""
        raise type(error)(source, f"{_name(number, sheet)}: {message}{remedy}") from None


def _suppressions(
    source: str, path: str, frame: pl.DataFrame, sheet: Sheet, request: Request
) -> pl.DataFrame:
    """The rows that say anything, each with its kind of key or why it has none."""
    rules: dict[str, Rule] = {name: rule for name, rule in sheet.columns if rule is not None}
    used = {name for rule in rules.values() for name in rule.columns()}
    check_columns(source, path, sorted(used), frame, ADVICE)
    filled = frame.filter(pl.any_horizontal(stripped(pl.col(f"^{VENDOR}.*$")).is_not_null()))
    values: dict[str, Value] = {
        name: column_value(rule, name, SUPPRESSIONS.columns[name], filled.schema, request.week)
        for name, rule in rules.items()
    }
    lost = {name: v.is_lost for name, v in values.items() if v.is_lost is not None}
    rows = filled.select(
        "_file",
        "_line",
        "_reject",
        *(value.value.alias(name) for name, value in values.items()),
        *(pl.lit(None).alias(VENDOR + n) for n in vendor_names(frame) if n not in used),
        unread(lost),
    )
    return with_kinds(rows.with_columns(_or_constant(rows, "reason", sheet.reason)))


def _or_constant(rows: pl.DataFrame, name: str, constant: str) -> pl.Expr:
    written = stripped(pl.col(name)) if name in rows.columns else pl.lit(None, pl.String)
    return pl.coalesce(written, pl.lit(constant)).alias(name)
