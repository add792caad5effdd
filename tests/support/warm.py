"""What the server of `attempts.py` holds ready: all that a run imports, and the parsed dbt project.

Importing this takes seconds, once. Nothing here may start a thread, which a fork would lose.
"""

from importlib import import_module

import expectations.runner  # noqa: F401
import orchestration.cli
import orchestration.definitions
import orchestration.reading
import orchestration.weekly_run  # noqa: F401
import tests.support.crash
import tests.support.publications  # noqa: F401
from orchestration.dbt import current_manifest, parsed_manifest, prepare_manifest

# What libraries import only when they are first asked to work.
LATE = (
    "alembic.command",
    "babel.dates",
    "dbt.adapters.duckdb.impl",
    "dbt.cli.main",
    "dbt.task.build",
    "duckdb_sqlalchemy",
    "ingest.sources.files",
    "pyarrow.dataset",
    "structlog",
    "upath.core",
)

for name in LATE:
    import_module(name)
prepare_manifest()
current_manifest()
parsed_manifest()
