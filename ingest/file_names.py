"""Names that strangers gave to files: they stand in messages, in rejects and in paths of ours.

What belongs here: which names are taken. What doesn't: where files lie (`files.py`) and what an
archive holds (`archives.py`).
"""

import unicodedata

from ingest.errors import SourceRejected

UNSHOWABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters: control and formatting ones, bytes that are none, ends of lines."""


def check_name(source: str, name: str) -> None:
    """SourceRejected for a name with a line break or another character that can't be shown."""
    if any(unicodedata.category(sign) in UNSHOWABLE for sign in name):
        raise SourceRejected(
            source, f"the name {name!a} has characters that can't be shown; rename the file"
        )
