"""From the sources to the landing folder: pure Python, without Dagster or Great Expectations."""
