"""Training the weights: from companies that are known anyhow, taken apart and compared again.

What belongs here: estimating the parameters of a model file, by one command, seldom. What doesn't:
using them (`matching.py`). Nobody labels anything: records that share an identifier or a domain are
known to be one company. Each such company is taken apart into two halves, whose agreement says what
matches look like; the accounts against each other say what chance looks like.
"""

import json
import math
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import ProspectError
from ingest.settings import Settings
from orchestration.identity.candidates import collect_keys
from orchestration.identity.clusters import join_by_keys, number_records
from orchestration.identity.comparisons import comparisons
from orchestration.identity.decisions import number_decisions
from orchestration.identity.matching import (
    MatchModel,
    MatchSettings,
    make_linker,
    own_model_file,
    scratch_api,
    weighing_levels,
)
from orchestration.identity.profiles import write_profiles
from orchestration.run_lock import run_lock
from orchestration.warehouse import FILE_NAME, connect

if TYPE_CHECKING:
    import duckdb

# Random pairs to learn chance from; what few have in common is seen in one of millions.
SAMPLED_PAIRS = 5e6
SEED = 1
FEWEST_HALVES = 100
# Names that halves of a company seldom or never have: in bits, how much less each weighs than the
# same name that the two hold alone. Measured on brand names and legal names of listed companies.
LESS_THAN_A_SOLE_NAME = {
    "same words in another order, held by these two alone": 0.5,
    "the other's name without its weak words": 1.0,
    "the other's first words": 2.0,
    "the other's name cut to one word": 5.5,
    "same name, held by few": 6.0,
    "same name, held by many": 8.0,
    # Firms of a group share a brand, an address and a telephone, and are no less different firms.
    "an alias in common": 24.0,
    "other name": 28.0,
}
# Halves of a company share its domain, since by that they are known, so what domains weigh can't be
# learned from them. Of 6,000 start-ups 26 pairs have one name under two domains, often in one city,
# and are two firms: then a name, a city and an industry in common are not enough. Nor are they for
# two records of one source, since a source seldom has a company twice.
BITS_BY_HAND = {"same domain": 0.0, "other domain": -14.0, "from a source that has both": -8.0}
# What training saw in no match still happens now and then.
LEAST_M = 0.001
# Of a hundred clusters that keys leave, so many have a twin; the sandbox has 3.3.
TWINS_PER_CLUSTER = 0.03

_Probabilities = dict[tuple[str, str], float]


def train_on_week(settings: Settings, week: date | None, today: date) -> Path:
    """Train on the warehouse of a week, the newest by default, and keep the parameters in the home.

    Returns the file. Raises ProspectError when there is no warehouse, or too little in it, and
    RunLocked while a run is at work.
    """
    weeks = sorted(path.parent.name for path in settings.warehouse.glob(f"????-??-??/{FILE_NAME}"))
    chosen = f"{week}" if week else (weeks or ["none"])[-1]
    if chosen not in weeks:
        raise ProspectError(
            f"training: expected a list week with a warehouse ({', '.join(weeks) or 'none has'}), "
            f"found {chosen}; make it with: prospects run"
        )
    learned_from = date.fromisoformat(chosen)
    with run_lock(settings, learned_from), connect(settings, learned_from) as connection:
        model = train(connection, f"the list week {chosen}", today)
    path = own_model_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(asdict(model), indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def train(
    connection: "duckdb.DuckDBPyConnection", trained_on: str, trained_date: date
) -> MatchModel:
    """Estimate all parameters on the finished warehouse of a week.

    Raises ProspectError when it has too few companies that are known by a key.
    """
    _take_companies_apart(connection)
    settings = _learned_from_halves(connection)
    matches = _probabilities(settings, "m_probability")
    _take_accounts(connection)
    by_chance = _probabilities(_learned_from_accounts(connection), "u_probability")
    clusters = _count(connection, "SELECT count(DISTINCT label) FROM labels")
    pairs = clusters * (clusters - 1) / 2
    for comparison, level in weighing_levels(settings):
        key = (comparison, level["label_for_charts"])
        level["m_probability"] = max(matches.get(key, 0), LEAST_M)
        level["u_probability"] = max(by_chance.get(key, 0), 1 / pairs)
    _weigh_by_hand(settings)
    settings["probability_two_random_records_match"] = TWINS_PER_CLUSTER * clusters / pairs
    return MatchModel(trained_on, f"{trained_date}", clusters, settings)


def _weigh_by_hand(settings: MatchSettings) -> None:
    levels = {level["label_for_charts"]: level for _, level in weighing_levels(settings)}
    sole = levels["same name, held by these two alone"]
    sole_bits = math.log2(sole["m_probability"] / sole["u_probability"])
    by_hand = {label: sole_bits - bits for label, bits in LESS_THAN_A_SOLE_NAME.items()}
    for label, bits in {**by_hand, **BITS_BY_HAND}.items():
        levels[label]["m_probability"] = levels[label]["u_probability"] * 2**bits


def _take_companies_apart(connection: "duckdb.DuckDBPyConnection") -> None:
    """labels: two halves of each company that keys join; halves (node, company, half): whose."""
    number_records(connection)
    number_decisions(connection, [])
    join_by_keys(connection)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE halves AS
        SELECT node, label AS company,
            row_number() OVER (PARTITION BY label ORDER BY hash(node), node) % 2 AS half
        FROM labels
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT node, min(node) OVER (PARTITION BY company, half) AS label FROM halves
        """
    )


def _learned_from_halves(connection: "duckdb.DuckDBPyConnection") -> MatchSettings:
    collect_keys(connection)
    write_profiles(connection, "SELECT label FROM labels")
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE known_profiles AS
        SELECT profiles.*, halves.company
        FROM profiles INNER JOIN halves ON profiles.label = halves.node
        QUALIFY count(*) OVER (PARTITION BY halves.company) = 2
        """
    )
    known = _count(connection, "SELECT count(*) FROM known_profiles")
    if known < FEWEST_HALVES:
        raise ProspectError(
            f"training: expected at least {FEWEST_HALVES // 2} companies that two records share a "
            f"domain or an identifier of, found {known // 2}; use the parameters that are shipped"
        )
    with scratch_api(connection) as api:
        splink = make_linker(api, "known_profiles", _untrained())
        splink.training.estimate_m_from_label_column("company")
        return dict(splink.misc.save_model_to_json())


def _take_accounts(connection: "duckdb.DuckDBPyConnection") -> None:
    """labels: what the week's identity step found, after which no two should match."""
    number_records(connection)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT nodes.node, min(nodes.node) OVER (PARTITION BY clusters.account_id) AS label
        FROM nodes INNER JOIN identity.company_clusters AS clusters USING (record_id)
        """
    )


def _learned_from_accounts(connection: "duckdb.DuckDBPyConnection") -> MatchSettings:
    collect_keys(connection)
    write_profiles(connection, "SELECT label FROM labels")
    with scratch_api(connection) as api:
        splink = make_linker(api, "profiles", _untrained())
        splink.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLED_PAIRS, seed=SEED, min_count_per_level=None
        )
        return dict(splink.misc.save_model_to_json())


def _untrained() -> MatchSettings:
    from splink import SettingsCreator

    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="label",
        comparisons=list(comparisons()),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    return dict(creator.create_settings_dict("duckdb"))


def _probabilities(settings: MatchSettings, kind: str) -> _Probabilities:
    return {
        (comparison, level["label_for_charts"]): level[kind]
        for comparison, level in weighing_levels(settings)
        if kind in level
    }


def _count(connection: "duckdb.DuckDBPyConnection", query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
