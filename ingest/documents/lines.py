"""YAML documents read with their line numbers, all mistakes gathered before one is raised.

Belongs here: turning YAML text into plain values with a line for each. Keep out: what any one
document means, and how pydantic's findings are put into words (`findings.py`).

The YAML is 1.2 core: `NO`, `on` and `2026-10-05` are text, a duplicate key is a mistake, and so are
tags and references that would make the document something else than what is read on the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ingest.documents.findings import Location, explained
from ingest.errors import DocumentError, Mistake

M = TypeVar("M", bound=BaseModel)

MOST_NODES = 100_000
MOST_DEPTH = 50
TEXT_TAG = "tag:yaml.org,2002:str"
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null", "timestamp")}
LIST_TAG = "tag:yaml.org,2002:seq"
MAPPING_TAG = "tag:yaml.org,2002:map"

CORE_WORDS: dict[str, Any] = {"": None, "~": None}
for _word, _value in (("null", None), ("true", True), ("false", False)):
    CORE_WORDS |= {_word: _value, _word.capitalize(): _value, _word.upper(): _value}
CORE_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]{1,300}"), int),
    (re.compile(r"0o[0-7]{1,300}"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,300}"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
    (re.compile(r"\.(nan|NaN|NAN)"), lambda text: float("nan")),
)


@dataclass
class Document:
    """A document as plain values, the line of each value, and the mistakes found so far."""

    path: str
    value: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def line(self, location: Location) -> int:
        """The line of a value, or of the nearest value that holds it."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def add(self, location: Location, message: str) -> None:
        """Record a mistake at a value."""
        where = dotted(location)
        text = f"{where}: {message}" if where else message
        self.mistakes.append(Mistake(self.path, self.line(location), text))

    def at(self, location: Location) -> Any:
        """The value at a location; None where there is none."""
        value = self.value
        for part in location:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def written(self, location: Location) -> Location:
        """The location, or that of the text for which it is short, such as `Name` for `from`."""
        while location and self.at(location) is None:
            location = location[:-1]
        return location

    def read(
        self, model: type[M], location: Location, value: Any, also: Iterable[str] = ()
    ) -> M | None:
        """The value, or the part of it given, as a model; None where it has mistakes.

        `also` are names that may stand beside the model's own; they only serve hints.
        """
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for where, message in explained(model, value, error, also):
                self.add((*location, *where), message)
            return None

    def finish(self) -> None:
        """Raise all the mistakes together, each once."""
        if self.mistakes:
            raise DocumentError(list(dict.fromkeys(self.mistakes)))


def open_document(path: Path) -> Document:
    """A YAML file as a document. Raises DocumentError when it can't be read as YAML at all."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _unreadable(path, 1, "this file does not exist") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _unreadable(path, line, "expected text in UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise _unreadable(path, 1, f"this file can't be read: {error.strerror}") from None
    return read_text(text, str(path))


def read_text(text: str, path: str) -> Document:
    """YAML text as a document. Raises DocumentError when it is not YAML."""
    document = Document(path)
    root = _composed(text, path)
    if root is None:
        raise _unreadable(path, 1, "the document is empty; expected names and their values")
    document.value = _Builder(document).build(root, ())
    return document


def dotted(location: Location) -> str:
    """A location as people write it: `organisations.criteria[2].points`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.lstrip(".")


def _unreadable(path: Path | str, line: int, message: str) -> DocumentError:
    return DocumentError([Mistake(str(path), line, message)])


@lru_cache(maxsize=2)
def _composed(text: str, path: str) -> Node | None:
    """The nodes of a text, which are only read; a run asks for its two documents several times."""
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
        return root
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = error.problem or error.context or "not understood"
        raise _unreadable(path, line, f"this is not YAML: {problem}") from None
    except RecursionError:
        raise _unreadable(path, 1, "values are nested too deeply to be read") from None
    except Exception as error:  # the parser leaks ValueError, KeyError and others
        raise _unreadable(path, 1, f"this is not YAML: {' '.join(str(error).split())}") from None


class _Builder:
    """Turns the nodes of one document into plain values, noting the line of each."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.open: set[int] = set()
        self.seen = 0

    def build(self, node: Node, location: Location) -> Any:
        self.document.lines.setdefault(location, node.start_mark.line + 1)
        self.seen += 1
        if id(node) in self.open:
            return self._refused(location, "this refers to itself; write the value out")
        if self.seen > MOST_NODES:
            return self._refused((), f"the document holds more than {MOST_NODES:,} values")
        if len(location) > MOST_DEPTH:
            return self._refused(location[:1], f"nested more than {MOST_DEPTH} levels deep")
        self.open.add(id(node))
        try:
            return self._value(node, location)
        finally:
            self.open.remove(id(node))

    def _value(self, node: Node, location: Location) -> Any:
        if isinstance(node, MappingNode) and node.tag == MAPPING_TAG:
            return self._mapping(node, location)
        if isinstance(node, SequenceNode) and node.tag == LIST_TAG:
            return [self.build(item, (*location, i)) for i, item in enumerate(node.value)]
        if isinstance(node, ScalarNode) and node.tag == TEXT_TAG:
            return node.value
        if isinstance(node, ScalarNode) and node.tag in PLAIN_TAGS:
            return _core_value(node.value)
        return self._refused(location, f'the tag "{node.tag}" is not used here; leave it out')

    def _mapping(self, node: MappingNode, location: Location) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._refused(location, "expected a name before the colon, found a list or mapping")
                continue
            self._entry(values, key, value, (*location, key.value))
        return values

    def _entry(self, values: dict[str, Any], key: Node, value: Node, location: Location) -> None:
        line = key.start_mark.line + 1
        if key.value in values:
            first = self.document.lines[location]
            message = f"{dotted(location)}: given twice, first on line {first}; keep one of them"
            self.document.mistakes.append(Mistake(self.document.path, line, message))
            return
        self.document.lines[location] = line
        values[key.value] = self.build(value, location)

    def _refused(self, location: Location, message: str) -> None:
        self.document.add(location, message)


def _core_value(text: str) -> Any:
    """A plain scalar by the YAML 1.2 core schema: null, true, false, a number, else text."""
    if text in CORE_WORDS:
        return CORE_WORDS[text]
    for pattern, convert in CORE_NUMBERS:
        if pattern.fullmatch(text):
            return convert(text)
    return text
