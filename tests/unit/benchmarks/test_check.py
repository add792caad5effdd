"""When the measured ratios count as slower than the baseline."""

import json

from tests.benchmarks.check import BASELINE, grown_ratios
from tests.benchmarks.measuring import TO_PLAIN, TO_REFERENCE


def test_a_ratio_that_grew_by_more_than_a_third_is_named() -> None:
    """A third is what the noise of machines may be; what got faster is never a finding."""
    baseline = {TO_REFERENCE: 3.0, TO_PLAIN: 6.0}

    assert grown_ratios(baseline, {TO_REFERENCE: 4.0, TO_PLAIN: 1.0}) == []
    assert grown_ratios(baseline, {TO_REFERENCE: 4.01, TO_PLAIN: 6.0}) == [
        f"{TO_REFERENCE}: expected at most 4.0, a third over 3.0, found 4.01"
    ]


def test_the_committed_baseline_names_what_is_measured() -> None:
    """A ratio without a baseline would be held against nothing."""
    assert set(json.loads(BASELINE.read_text())) == {TO_REFERENCE, TO_PLAIN}
