"""What assets carry for those who watch them: who answers for one, its tags, how fresh it must be.

What belongs here: labels that are the same whatever a run finds. What doesn't: what a run finds
(`metadata.py`), and descriptions, which stand with the assets and in dbt's documents.
"""

from datetime import timedelta

import dagster as dg

ENGINEERS = "team:data-engineering"
MARKETERS = "team:marketing-ops"
FOR_MARKETERS = frozenset({"marts", "gate", "published"})
# An asset whose name has one of these words holds people's names, addresses or keys.
OF_PEOPLE = frozenset({"contacts", "owner", "owners", "people", "review", "suppressions"})

# Dagster looks at the newest materialization, whatever its week: a back-fill makes both pass.
SOURCE_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=8), warn_window=timedelta(days=7, hours=6)
)
LIST_FRESHNESS = dg.FreshnessPolicy.cron(
    deadline_cron="0 9 * * 1", lower_bound_delta=timedelta(hours=9)
)


def owners_of(layer: str) -> list[str]:
    """Who is to be asked: marketing operations about what people work with, engineers else."""
    return [MARKETERS if layer in FOR_MARKETERS else ENGINEERS]


def tags_of(layer: str, name: str, *, has_people: bool = False) -> dict[str, str]:
    """The layer, and `pii` where the name tells of people or the caller knows of some."""
    is_personal = has_people or not OF_PEOPLE.isdisjoint(name.split("_"))
    return {"layer": layer, **({"pii": "true"} if is_personal else {})}
