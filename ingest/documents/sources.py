"""Where data comes from: `sources.yml`, each source validated by its connector's own options.

Belongs here: what all sources have in common (connector, required, max_shrink, secrets). What one
connector understands is its Options in `ingest/sources/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from ingest.documents.findings import Location, explained, found, hint
from ingest.documents.lines import Document, dotted, open_document
from ingest.errors import MissingSecret, Mistake, SourceRejected
from ingest.options import VARIABLE, may_name_variables
from ingest.registry import CONNECTORS, connector
from ingest.secrecy import address_parts

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
RESERVED_NAMES = frozenset({"attributes"})
DEFAULT_MAX_SHRINK = 0.15


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"expected a share from 0 to 1 (0.15 is 15 %), found {value:g}")
    return value


class SandboxSize(_Part):
    """The size of the made-up market, and the seed that it is drawn from."""

    companies: Annotated[int, Field(ge=1, le=100_000_000)] = Field(
        description="a number of companies"
    )
    seed: Annotated[int, Field(ge=0, le=2**31)] = Field(description="a whole number")


class _Whole(_Part):
    sandbox: SandboxSize | None = None
    sources: dict[str, Any] = Field(description="a mapping of source names to sources")


class _Common(_Part):
    """What every source may say, whatever its connector."""

    connector: str = Field(description="the name of a connector")
    required: bool = False
    max_shrink: Annotated[float, AfterValidator(_share)] = DEFAULT_MAX_SHRINK


COMMON = tuple(_Common.model_fields)


@dataclass(frozen=True)
class Source:
    """One source: `options` is its connector's model, where ${NAME} is still as written.

    `max_shrink` is the share by which a batch may be smaller than the last published one: 0.15 is
    15 %.
    """

    name: str
    connector: str
    options: Any
    required: bool
    max_shrink: float
    line: int
    written: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Sources:
    """The whole document; sources stand in its order, the most trusted first."""

    sandbox: SandboxSize | None
    sources: tuple[Source, ...]


def load_sources(path: Path) -> Sources:
    """The document at a path. Raises DocumentError with all its mistakes; reads no environment."""
    return sources_of(open_document(path))


def sources_of(document: Document) -> Sources:
    """An opened document as sources. Raises DocumentError with all its mistakes."""
    whole = document.read(_Whole, (), document.value)
    entries = document.at(("sources",))
    sources = list(_sources(document, entries if isinstance(entries, dict) else {}))
    if entries == {}:
        document.add(("sources",), "expected at least one source, found none")
    _check_sandbox(document)
    document.finish()
    return Sources(whole.sandbox if whole else None, tuple(sources))


def resolve_secrets(source: Source, environment: Mapping[str, str] | None = None) -> Source:
    """The source with every ${NAME} replaced by the environment's value.

    Raises MissingSecret, naming variable and source, where one is not set or empty, and
    SourceRejected, naming the option, where one is not what is expected there.
    """
    values = os.environ if environment is None else environment

    def value_of(match: re.Match[str]) -> str:
        if not values.get(match[1]):
            raise MissingSecret(source.name, match[1])
        return values[match[1]]

    written = _each_text(source.written, lambda text: VARIABLE.sub(value_of, text))
    model = type(source.options)
    try:
        return replace(source, options=model.model_validate(written))
    except ValidationError as error:
        mistakes = (f"{dotted(at)}: {text}" for at, text in explained(model, written, error))
        secrets = secrets_of(source, values)
        raise SourceRejected(source.name, "; ".join(mistakes)).without(secrets) from None


def unset_secrets(path: Path, environment: Mapping[str, str] | None = None) -> list[Mistake]:
    """The ${NAME} of the document at a path that the environment doesn't set, each with its line.

    No mistakes of the document, which may be written elsewhere than it runs.
    """
    values = os.environ if environment is None else environment
    document = open_document(path)
    return [
        Mistake(
            document.path,
            document.line(location),
            f"{dotted(location)}: the environment variable {name} is not set{hint(name, values)}",
        )
        for location, text in _located_texts(document.value, ())
        for name in VARIABLE.findall(text)
        if not values.get(name)
    ]


def secrets_of(source: Source, environment: Mapping[str, str] | None = None) -> set[str]:
    """The values of the environment variables that the source names; of addresses also the parts,
    in which a message, a file's name or a page may repeat them."""
    values = os.environ if environment is None else environment
    secrets = set()
    for _, text in _located_texts(source.written, ()):
        named = {values[name] for name in VARIABLE.findall(text) if values.get(name)}
        secrets |= set().union(*map(address_parts, named)) if _is_address(text, values) else named
    return secrets


def _sources(document: Document, entries: dict[str, Any]) -> Iterator[Source]:
    for name, entry in entries.items():
        location = ("sources", name)
        _check_name(document, location, name)
        if isinstance(entry, dict):
            yield from _source(document, location, name, entry)
        else:
            document.add(location, f"expected a mapping with a connector, found {found(entry)}")


def _source(
    document: Document, location: Location, name: str, entry: dict[str, Any]
) -> Iterator[Source]:
    common = document.read(_Common, location, {k: v for k, v in entry.items() if k in COMMON})
    written = {key: value for key, value in entry.items() if key not in COMMON}
    connector_name = entry.get("connector")
    if not isinstance(connector_name, str):
        return
    if connector_name not in CONNECTORS:
        near, known = hint(connector_name, CONNECTORS), ", ".join(CONNECTORS)
        message = f'there is no connector "{connector_name}"{near}; expected one of {known}'
        document.add((*location, "connector"), message)
        return
    options = document.read(connector(connector_name).Options, location, written, also=COMMON)
    if common is None or options is None:
        return
    _check_variables(document, location, options)
    line = document.line(location)
    yield Source(name, connector_name, options, common.required, common.max_shrink, line, written)


def _check_name(document: Document, location: Location, name: str) -> None:
    if NAME.fullmatch(name) and name not in RESERVED_NAMES:
        return
    document.add(
        location,
        "expected a name of lower-case letters, digits and _ that begins with a letter, has at "
        f"most 60 characters and is not {' or '.join(sorted(RESERVED_NAMES))}",
    )


def _check_variables(document: Document, location: Location, options: BaseModel) -> None:
    """A secret stands in the environment, never in the document; what a list may show does not."""
    for where, text, option in _option_texts(options, location):
        if isinstance(text, SecretStr):
            if not VARIABLE.search(text.get_secret_value()):
                document.add(
                    where,
                    'a secret must not stand in this document; write "${NAME}" and set the '
                    "environment variable NAME",
                )
        elif not may_name_variables(option) and (variable := VARIABLE.search(text)):
            document.add(
                document.written(where),
                f"expected the value itself, found {variable[0]}; only secrets, addresses, paths, "
                "ids and user agents may come from the environment",
            )


def _option_texts(
    options: BaseModel, location: Location
) -> Iterator[tuple[Location, str | SecretStr, FieldInfo]]:
    """Every text of a connector's options, where it stands, and the option that holds it."""
    for name, option in type(options).model_fields.items():
        yield from _texts_of(getattr(options, name), (*location, option.alias or name), option)


def _texts_of(
    value: Any, location: Location, option: FieldInfo
) -> Iterator[tuple[Location, str | SecretStr, FieldInfo]]:
    if isinstance(value, BaseModel):
        yield from _option_texts(value, location)
    elif isinstance(value, str | SecretStr):
        yield location, value, option
    elif isinstance(value, dict | tuple):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts_of(item, (*location, part), option)


def _check_sandbox(document: Document) -> None:
    entries = document.at(("sources",))
    if document.at(("sandbox",)) is not None or not isinstance(entries, dict):
        return
    for name, entry in entries.items():
        if any(text.startswith("sandbox://") for _, text in _located_texts(entry, ())):
            message = "reads sandbox://, which needs `sandbox: {companies: 5000, seed: 7}` above"
            document.add(("sources", name), message)


def _is_address(text: str, values: Mapping[str, str]) -> bool:
    return "://" in VARIABLE.sub(lambda match: values.get(match[1], ""), text)


def _located_texts(value: Any, location: Location) -> Iterator[tuple[Location, str]]:
    """Every text in a value, and where it stands."""
    if isinstance(value, str):
        yield location, value
    elif isinstance(value, dict | list):
        for part, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _located_texts(item, (*location, part))


def _each_text(value: Any, change: Any) -> Any:
    """The same values with every text changed; names are left as they are."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(item, change) for key, item in value.items()}
    return [_each_text(item, change) for item in value] if isinstance(value, list) else value
