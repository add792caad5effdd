"""EDGAR's submissions: whatever is in an answer, it is a company or a reason why it is none."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ingest.submissions import (
    COMPANY,
    answer_of,
    company_of,
    eight_ks,
    kind_of,
    pages_of,
    recent_of,
)

CIK = "0000001234"
FIELDS = [
    *("entityType", "sic", "insiderTransactionForOwnerExists", "name", "tickers", "exchanges"),
    *("ein", "category", "fiscalYearEnd", "stateOfIncorporation", "addresses", "phone"),
    *("formerNames", "filings"),
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("8-K"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["recent", "files", "name", "to", "business", "city", "form", "items", "filingTo"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_any_answer_gives_a_row_or_a_reason(fields: dict[str, Any]) -> None:
    """Never a traceback: one strange entity must not cost the others."""
    body = json.dumps({"cik": CIK, "name": "Acme Sample", **fields}).encode()

    try:
        answer = answer_of(body, CIK)
        list(eight_ks(recent_of(answer)))
    except ValueError as error:
        assert str(error)
    else:
        assert pl.DataFrame([company_of(answer)], COMPANY).height == 1
        assert isinstance(kind_of(answer), str)
        assert pages_of(answer, "2025-01-01") == []
