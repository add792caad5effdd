"""What the server of `attempts.py` holds ready: all that a run imports, and the parsed dbt project.

Importing this takes seconds, once. Nothing here may start a thread, which a fork would lose.
"""

import expectations.runner  # noqa: F401
import orchestration.cli
import orchestration.definitions
import orchestration.reading
import orchestration.weekly_run  # noqa: F401
import tests.support.crash
import tests.support.publications  # noqa: F401
from orchestration import dbt

dbt.prepare_manifest()
dbt._parsed_manifest()
