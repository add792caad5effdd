"""Text for a terminal: what any source wrote, made harmless and cut to columns.

What belongs here: how wide text is, what of it may be shown, and how a path is named. What doesn't:
what a command says.
"""

from pathlib import Path
from typing import Literal
from unicodedata import east_asian_width

WIDTH = 120
"""The columns of a line that is laid out as a table."""


def printable(text: str | None) -> str:
    """Text without characters that could move the cursor or turn the line around."""
    return "".join(c if c.isprintable() else " " for c in text or "").strip() or "no name"


def fit(text: str, width: int, justify: Literal["left", "right"] = "left") -> str:
    """The text cut or padded to so many terminal columns; wide characters take two."""
    if columns(text) > width:
        while columns(text) > width - 1:
            text = text[:-1]
        text += "…"
    padding = " " * (width - columns(text))
    return padding + text if justify == "right" else text + padding


def columns(text: str) -> int:
    """How many terminal columns a text takes."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def shorter(path: Path) -> Path:
    """A path relative to where the user stands, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
