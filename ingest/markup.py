"""XML from strangers as a tree.

What belongs here: parsing without the parts of XML that can be turned against the reader. What
doesn't: what an element means. A document type is refused as such, and with it every entity of the
document's own, inside or outside: no document that the sources send needs one.
"""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MOST_LEVELS = 100


def parsed(body: bytes) -> Element:
    """The root element, names without prefix. ValueError for what is no good XML."""
    builder, reader, levels = TreeBuilder(), expat.ParserCreate(), 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal levels
        levels += 1
        if levels > MOST_LEVELS:
            raise ValueError(f"is nested more than {MOST_LEVELS} levels deep")
        builder.start(_bare(name), attributes)

    def end(name: str) -> None:
        nonlocal levels
        levels -= 1
        builder.end(_bare(name))

    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.CharacterDataHandler = builder.data
    reader.StartDoctypeDeclHandler = _refused
    try:
        # What stands before the declaration is an error to expat, and common.
        reader.Parse(body.lstrip(), True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"expected XML, found something else: {error}") from None
    return builder.close()


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def _refused(*_: object) -> NoReturn:
    raise ValueError("has a document type of its own, which can hide entities; it is refused")
