"""What of a secret may be shown: nothing, however an address spells it and wherever it is cut.

What belongs here: finding a secret again in what is to be shown. What doesn't: which values are
secrets (`documents/sources.py`).
"""

import re
from collections.abc import Collection
from urllib.parse import quote, quote_plus, unquote, unquote_plus

HIDDEN = "…"
SHORTEST_KEY = 6
SHORTEST_WORD = 8
"""Parts that are shorter are hidden with the rest of the address alone: they stand in other text
too. Those of a path more often, since they are words such as `export`."""

_KEPT = "!#$%&'()*+,/:;=?@[]~"
"""The characters that stay as they are when requests spells an address."""
_AUTHORITY = re.compile(r"[^:/?#]+://(?:([^/?#]*)@)?[^/?#@]*")


def without(text: str, secrets: Collection[str]) -> str:
    """The text with dots in place of each secret that it repeats, however an address spells it."""
    for spelled in spellings(secrets):
        text = text.replace(spelled, HIDDEN)
    return text


def spellings(secrets: Collection[str]) -> list[str]:
    """Each secret as it is and as addresses spell it, the longest first."""
    return [
        spelled
        for secret in sorted(secrets, key=len, reverse=True)
        for spelled in (secret, quote(secret, safe=""), quote(secret, _KEPT), quote_plus(secret))
    ]


def address_parts(value: str) -> set[str]:
    """What of an address, or of a piece of one, is a secret: all but the host, whole and in parts.

    Messages cut addresses, files are named by their last part, and a page may repeat any of them.
    """
    authority = _AUTHORITY.match(value)
    user = (authority[1] if authority else None) or ""
    target = value[authority.end() :] if authority else value
    path, *rest = re.split("[?#]", target)
    keys = [user, *user.split(":"), target, path, *re.split("[&;=]", "&".join(rest))]
    words = re.split("[/&;:=]", path)
    words += [stem for word in words for stem in word.split(".")]
    parts = {*_of_length(SHORTEST_KEY, keys), *_of_length(SHORTEST_WORD, words)}
    return parts or {value}


def _of_length(shortest: int, parts: Collection[str]) -> set[str]:
    """The parts that are long enough to be told from other text, and what they stand for."""
    long = {part for part in parts if len(part) >= shortest}
    return long | {read(part) for part in long for read in (unquote, unquote_plus)}
