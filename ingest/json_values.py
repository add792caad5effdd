"""Values of parsed JSON, which may be of any kind: what is not of the kind asked for is nothing.

What belongs here: looking into answers without a crash. What doesn't: what a vendor's fields mean,
and asking (`http.py`).
"""

from typing import Any


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; null where the way ends before."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items_of(value: Any) -> list[Any]:
    """A list's items; none of anything else."""
    return value if isinstance(value, list) else []


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; none of anything else."""
    return [item for item in items_of(value) if isinstance(item, dict)]


def text_of(value: Any) -> str | None:
    """Text, or a number as text, without white space around it; null for what says nothing."""
    is_said = isinstance(value, str | int | float) and not isinstance(value, bool)
    return (str(value).strip() or None) if is_said else None


def texts_of(values: Any) -> list[str]:
    """The texts in a list; none of anything else."""
    return [found for found in map(text_of, items_of(values)) if found is not None]
