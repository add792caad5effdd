"""What the server of `attempts.py` holds ready: all that a run imports, and the parsed dbt project.

Importing this takes seconds, once. Nothing here may start a thread, which a fork would lose.
"""

import expectations.runner
import orchestration.cli
import orchestration.definitions
import orchestration.reading
import orchestration.weekly_run
import tests.support.crash
import tests.support.publications
from orchestration import dbt

dbt.prepare_manifest()
dbt._parsed_manifest()
