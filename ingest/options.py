"""Texts of sources.yml that may come from the environment, as types of connectors' options.

What belongs here: which kinds of text may name variables as ${NAME}. What doesn't: resolving them
(`documents/sources.py`). Any other text is what a list may show, so that it stands in the document.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True)
class _MayNameVariables:
    """On a text that is sent or opened, and never published."""


FromEnvironment = Annotated[str, _MayNameVariables()]
"""An address, a path, or who asks: it may name variables."""


def may_name_variables(option: FieldInfo) -> bool:
    """Whether the texts of an option may come from the environment."""
    return any(map(_is_marked, (option.annotation, *option.metadata)))


def _is_marked(annotation: Any) -> bool:
    is_mark = annotation is SecretStr or isinstance(annotation, _MayNameVariables)
    return is_mark or any(map(_is_marked, get_args(annotation)))
