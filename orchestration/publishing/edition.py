"""What is published in one go: the week, the version, what the gate said, and further facts.

Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from expectations.results import GateResults


@dataclass(frozen=True)
class Description:
    """In words, what a mart holds, and what each of its columns does, by name."""

    mart: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Edition:
    """One publication. `facts` go into the manifest as they are (batches, document, code …).

    `database_config` is what a connection that reads the warehouse is opened with;
    `other_documents` has the version of the document of each week that another one was used for;
    `descriptions` tell of each mart, by name, what it holds.
    """

    list_week: date
    publish_id: str
    warehouse: Path
    gate: GateResults
    facts: Mapping[str, Any]
    database_config: Mapping[str, str] = field(default_factory=dict)
    other_documents: Mapping[date, int] = field(default_factory=dict)
    descriptions: Mapping[str, Description] = field(default_factory=dict)
