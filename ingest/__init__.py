"""From the sources to the landing folder: pure Python, without Dagster or Great Expectations."""

import os

# Frames come and go by the thousand, and what Polars' allocator gave back it takes again at once:
# a few seconds' patience takes a tenth off the time of landing, and no more memory.
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2,dirty_decay_ms:5000,muzzy_decay_ms:5000")
