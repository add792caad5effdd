"""When the reference's marts count as the pipeline's: each kind of difference is seen."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.equal import differences

SAME = """
    select * from (values
        ('a', 1.5e0, map {'erp': 'x'}, ['market']),
        ('b', null, null, ['market'])
    ) as t (account_id, score, attributes, sources)
"""
GRAINS = {"accounts": ("account_id",)}


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        pytest.param(f"{SAME} order by account_id desc", [], id="other order of rows"),
        pytest.param(
            f"select * replace (0.1e0 + 0.2e0 as score) from ({SAME}) where account_id = 'a' "
            f"union all from ({SAME}) where account_id = 'b'",
            [f"accounts a: score is {0.1 + 0.2} in the reference, 1.5 in the pipeline"],
            id="value",
        ),
        pytest.param(
            f"select * replace (coalesce(score, 0) as score) from ({SAME})",
            ["accounts b: score is 0.0 in the reference, None in the pipeline"],
            id="value that is null",
        ),
        pytest.param(
            f"select * replace (map {{'erp': 'y'}} as attributes) from ({SAME}) "
            f"where account_id = 'a' union all from ({SAME}) where account_id = 'b'",
            [
                "accounts a: attributes is {'erp': 'y'} in the reference, "
                "{'erp': 'x'} in the pipeline"
            ],
            id="value in a map",
        ),
        pytest.param(
            f"from ({SAME}) where account_id = 'a'",
            ["accounts b: in the pipeline only"],
            id="row missing",
        ),
        pytest.param(
            f"{SAME} union all select 'c', 1, null, null",
            ["accounts c: in the reference only"],
            id="row too many",
        ),
        pytest.param(
            f"{SAME} union all from ({SAME}) where account_id = 'a'",
            ["accounts a: more than once in the reference"],
            id="row twice",
        ),
        pytest.param(
            f"select * exclude (score) from ({SAME})",
            ["accounts: column score is in the pipeline only"],
            id="column missing",
        ),
        pytest.param(
            f"select *, 1 as extra from ({SAME})",
            ["accounts: column extra is in the reference only"],
            id="column too many",
        ),
        pytest.param(
            f"select * replace (score::integer as score) from ({SAME})",
            ["accounts: column score is INTEGER in the reference, DOUBLE in the pipeline"],
            id="type of a column",
        ),
        pytest.param(
            f"select score, * exclude (score) from ({SAME})",
            ["accounts: the columns are in another order"],
            id="order of columns",
        ),
    ],
)
def test_every_difference_is_told_in_words(
    tmp_path: Path, reference: str, found: list[str]
) -> None:
    """The publication's id is each run's own, and the order of rows is nobody's."""
    ours = _marts(tmp_path / "ours.duckdb", reference, "2026-11-23-000000000000")
    theirs = _marts(tmp_path / "theirs.duckdb", SAME, "2026-11-23-201fe00fe460")

    assert differences(ours, theirs, GRAINS) == found


def _marts(path: Path, query: str, publish_id: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"create table accounts as select *, '{publish_id}' as publish_id from ({query})"
        )
    return path
