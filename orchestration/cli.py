"""The command line `prospects`: thin commands over functions that know nothing of a terminal.

Imports stand inside the commands, so that `prospects list` pays for nothing that it doesn't use.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ingest.errors import ProspectError
from ingest.settings import Settings, latest_monday

if TYPE_CHECKING:
    from orchestration.weekly_run import Progress

FAILED, REFUSED = 1, 3


def main() -> None:
    """Entry point: what a user can mend is one clear line, anything else keeps its traceback."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except ProspectError as error:
        click.echo(f"prospects: {error}", err=True)
        sys.exit(_exit_code(error))


@click.group(help="One ranked list of target accounts a week, by your own perfect customer.")
def commands() -> None:
    """The group that all commands hang on."""


@commands.command()
@click.option(
    "--week", type=click.DateTime(["%Y-%m-%d"]), help="List week; default: the latest Monday."
)
@click.option(
    "--fetch/--no-fetch", default=None, help="Fetch also for an earlier week, or not at all."
)
def run(week: datetime | None, fetch: bool | None) -> None:
    """Make the list of a week: fetch, build, check, publish."""
    from orchestration.weekly_run import run_week

    settings = Settings.from_environment()
    chosen = week.date() if week else latest_monday(datetime.now(UTC).date())
    click.echo(f"List week {chosen}")
    run_week(settings, chosen, {True: "yes", False: "no", None: "auto"}[fetch], _report)
    _show_ending(settings, chosen)


@commands.command("list")
@click.option("--tier", help="Only this tier.")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="Another published week.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option("--top", type=click.IntRange(min=1), help="Only so many accounts.")
def list_accounts(
    tier: str | None,
    week: datetime | None,
    form: Literal["table", "csv", "json"],
    top: int | None,
) -> None:
    """Print the published list."""
    from orchestration.reading import format_list, read_list

    rows = read_list(Settings.from_environment(), _week(week), tier=tier, top=top)
    click.echo(format_list(rows, form), nl=False)


@commands.command()
@click.argument("domain")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="Another published week.")
def explain(domain: str, week: datetime | None) -> None:
    """Say why an account is on the list, or why not."""
    from orchestration.reading import explain as explained
    from orchestration.reading import format_explanation

    click.echo(format_explanation(explained(Settings.from_environment(), domain, _week(week))))


@commands.command()
def check() -> None:
    """Validate perfect_customer.yml and sources.yml; nothing runs."""
    from ingest.documents.together import load_documents

    settings = Settings.from_environment()
    load_documents(settings)
    for path in (settings.perfect_customer, settings.sources):
        click.echo(f"{path.name}: no mistakes")


@commands.command()
def prepare() -> None:
    """Make Dagster's home and the dbt manifest, as the UI needs them."""
    from orchestration.dbt import prepare_manifest
    from orchestration.weekly_run import prepare_dagster_home

    prepare_manifest()
    click.echo(prepare_dagster_home(Settings.from_environment()))


def _week(given: datetime | None) -> date | None:
    return given.date() if given else None


def _exit_code(error: ProspectError) -> int:
    from orchestration.publishing.gate_page import GateRefused

    return REFUSED if isinstance(error, GateRefused) else FAILED


def _report(progress: Progress) -> None:
    mark = f"{progress.seconds:6.1f} s" if progress.succeeded else "  failed"
    click.echo(f"  {mark}  {progress.step}")


def _show_ending(settings: Settings, week: date) -> None:
    from orchestration.gate import read_verdict
    from orchestration.reading import format_list, read_list

    folder = settings.published / f"{week}"
    click.echo()
    click.echo(format_list(read_list(settings, week, top=10), "table"), nl=False)
    click.echo(f"\nPublished {folder.resolve().name}")
    for finding in read_verdict(settings, week).banners:
        if finding.severity == "warning":
            click.echo(f"  note: {finding.why} Found: {finding.found}.")
    for name in ("report.html", "target_accounts.csv", "import/accounts.csv", "marts.duckdb"):
        click.echo(f"  {_shown(folder / name)}")


def _shown(path: Path) -> Path:
    """Relative to where the user stands, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
