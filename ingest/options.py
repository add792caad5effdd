"""Texts of sources.yml that may come from the environment, as types of connectors' options.

What belongs here: which kinds of text may name variables as ${NAME}. What doesn't: resolving them
(`documents/sources.py`). Any other text is what a list may show, so that it stands in the document.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr
from pydantic.fields import FieldInfo

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class _MayNameVariables:
    """On a text that is sent or opened, and never published."""


def _private(address: str) -> str:
    if not VARIABLE.search(address) and not _is_private(address):
        raise ValueError(
            "expected an https:// address, since credentials are sent to it; plain http:// is for "
            "this machine alone"
        )
    return address


def _is_private(address: str) -> bool:
    """Whether nobody on the way to an address can read what is sent to it."""
    try:
        parts = urlsplit(address)
        return parts.scheme != "http" or parts.hostname in THIS_MACHINE
    except ValueError:
        return False


FromEnvironment = Annotated[str, _MayNameVariables()]
"""An address, a path, or who asks: it may name variables."""

PrivateAddress = Annotated[FromEnvironment, AfterValidator(_private)]
"""Where credentials are sent: it may name variables, and is judged again with their values."""


def may_name_variables(option: FieldInfo) -> bool:
    """Whether the texts of an option may come from the environment."""
    return any(map(_is_marked, (option.annotation, *option.metadata)))


def _is_marked(annotation: Any) -> bool:
    is_mark = annotation is SecretStr or isinstance(annotation, _MayNameVariables)
    return is_mark or any(map(_is_marked, get_args(annotation)))
