"""Texts as bytes, for work that looks at every one of them.

What belongs here: how a column of texts becomes bytes. What doesn't: what is looked for in them.
"""

import numpy as np
import numpy.typing as npt
import polars as pl


def utf8(texts: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """The UTF-8 of texts, one after the other, and where each begins; last of all the whole length.

    There must be no nulls.
    """
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, signs = array.buffers()
    return np.frombuffer(ends, np.int64, len(texts) + 1), np.frombuffer(signs, np.uint8)
