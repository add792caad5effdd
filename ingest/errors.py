"""Everything that can go wrong and that a user can mend, split by "can a retry help?".

    ProspectError              one clear line, no traceback
    ├── DocumentError          one of the two documents has mistakes, each with its line
    ├── MissingSecret          a ${NAME} of sources.yml is not in the environment
    └── SourceError            a source gave no data
        ├── SourceUnavailable  a retry later can help: connection, 429 and 5xx, time-outs
        └── SourceRejected     a retry can't: credentials, schema, caps, missing file
            ├── SourceNotFound the one thing asked for isn't there: 404, no such file
            └── RequestRefused the request as it was put: 4xx, with what the source said to it

A mistake in the code is none of these: it keeps its traceback.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from ingest.secrecy import without


class ProspectError(Exception):
    """A failure that a user can mend; its text is one clear line."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake of a document: where it stands and what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class DocumentError(ProspectError):
    """All mistakes of one document, in the order of its lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = sorted(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class MissingSecret(ProspectError):
    """A source needs an environment variable that is not set."""

    def __init__(self, source: str, variable: str) -> None:
        self.source = source
        self.variable = variable
        super().__init__(
            f"source {source}: the environment variable {variable} is not set; "
            f"set it, or take ${{{variable}}} out of sources.yml"
        )


class SourceError(ProspectError):
    """A source gave no data; `source` is its name in sources.yml."""

    def __init__(self, source: str, message: str) -> None:
        self.source, self.message = source, message
        super().__init__(f"source {source}: {message}")

    def without(self, secrets: Collection[str]) -> Self:
        """The same error with dots in place of each secret that its message repeats."""
        return type(self)(self.source, without(self.message, secrets))


class SourceUnavailable(SourceError):
    """The source can't be reached or is overloaded: a later run can succeed as it is."""


class SourceRejected(SourceError):
    """The source answered, or its file is there, but what it gave can't be used as it is."""


class SourceNotFound(SourceRejected):
    """The one thing asked for is not there, while the source itself works."""


class RequestRefused(SourceRejected):
    """The source refused this request; `answer` is the beginning of what it said.

    The answer is for the connector, which knows its form; no message shows it as it is.
    """

    def __init__(self, source: str, message: str, answer: str = "") -> None:
        self.answer = answer
        super().__init__(source, message)
