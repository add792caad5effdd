"""Runs the pipeline and hands its results on: Dagster, dbt, publishing and the command line."""
