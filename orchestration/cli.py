"""The command line `prospects`: thin commands over functions that know nothing of a terminal.

Imports stand inside the commands, so that `prospects list` pays for nothing that it doesn't use.
"""

from __future__ import annotations

import atexit
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ingest.errors import ProspectError
from ingest.settings import Settings, latest_monday
from orchestration.terminal import printable, shorter

if TYPE_CHECKING:
    from expectations.results import Acceptance
    from orchestration.weekly_run import Progress

FAILED, REFUSED = 1, 3
WEEK = click.DateTime(["%Y-%m-%d"])


def command() -> None:
    """Entry point: `main`, and an end without taking apart all that was imported, which would take
    up to a second."""
    code = FAILED
    # Registered first, so called last.
    atexit.register(lambda: _leave(code))
    try:
        main()
        code = 0
    except SystemExit as ending:
        code = int(ending.code or 0)
        raise


def _leave(code: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        # One that was closed before the command began is not there.
        if stream:
            stream.flush()
    os._exit(code)


def main() -> None:
    """Run a command: what a user can mend is one clear line, anything else keeps its traceback."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except ProspectError as error:
        said = "\n".join(line and printable(line) for line in f"{error}".split("\n"))
        click.echo(f"prospects: {said}", err=True)
        sys.exit(_exit_code(error))


@click.group(help="One ranked list of target accounts a week, by your own perfect customer.")
def commands() -> None:
    """The group that all commands hang on."""


@commands.command()
@click.option("--week", type=WEEK, help="List week; default: the latest Monday.")
@click.option("--to", "last", type=WEEK, help="Make all list weeks from --week to this one.")
@click.option(
    "--fetch/--no-fetch", default=None, help="Fetch also for an earlier week, or not at all."
)
@click.option(
    "--accept",
    "checks",
    multiple=True,
    help="Let this check of the gate fail once; with --by, --because. Can be given again.",
)
@click.option("--by", help="Who accepts it.")
@click.option("--because", help="Why it is true and no fault.")
def run(
    week: datetime | None,
    last: datetime | None,
    fetch: bool | None,
    checks: tuple[str, ...],
    by: str | None,
    because: str | None,
) -> None:
    """Make the list of a week: fetch, build, check, publish."""
    from orchestration.weekly_run import list_weeks, load_job, require_acceptable, run_week

    settings = Settings.from_environment()
    first = week.date() if week else latest_monday(datetime.now(UTC).date())
    if last and not week:
        raise click.UsageError("--to goes with --week, the first of the weeks to make")
    acceptances = _acceptances(checks, by, because, is_one_week=last is None)
    if acceptances:
        require_acceptable(settings, acceptances)
    job = load_job(settings)
    weeks = list_weeks(job, first, last.date() if last else first)
    for chosen in weeks:
        click.echo(f"List week {chosen}")
        mode = {True: "yes", False: "no", None: "auto"}[fetch]
        run_week(settings, job, chosen, _report, fetch=mode, acceptances=acceptances)
        _show_ending(settings, chosen)


@commands.command()
@click.argument("name")
@click.option("--week", type=WEEK, help="List week; default: the latest Monday.")
def fetch(name: str, week: datetime | None) -> None:
    """Fetch one source of sources.yml alone, and show what came; the next run goes on with it."""
    from orchestration.arrivals import format_fetched
    from orchestration.fetching import fetch_alone

    settings = Settings.from_environment()
    running = latest_monday(datetime.now(UTC).date())
    if week:
        from orchestration.partitions import list_weeks, require_list_week

        require_list_week(list_weeks(settings), week.date())
    alone = fetch_alone(settings, name, week.date() if week else running, running)
    click.echo(format_fetched(settings, alone), nl=False)


@commands.command("list")
@click.option("--tier", help="Only this tier.")
@click.option("--week", type=WEEK, help="Another published week.")
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
@click.option("--week", type=WEEK, help="Another published week.")
def explain(domain: str, week: datetime | None) -> None:
    """Say why an account is on the list, or why not."""
    from orchestration.reading import explain as explained
    from orchestration.reading import format_explanation

    click.echo(format_explanation(explained(Settings.from_environment(), domain, _week(week))))


@commands.command()
@click.option("--week", type=WEEK, help="Another week that was built.")
@click.option("--propose", is_flag=True, help="Suggest new criteria too.")
def calibrate(week: datetime | None, propose: bool) -> None:
    """Write what won and lost deals suggest for the document beside it; it is never touched."""
    from orchestration.calibration import calibrate as calibrated

    written = calibrated(Settings.from_environment(), _week(week), propose=propose)
    click.echo(written.report.read_text(encoding="utf-8"), nl=False)
    click.echo(f"\nWritten {shorter(written.document)}\n        {shorter(written.report)}")
    click.echo(f"What it would change: prospects compare {shorter(written.document)}")


@commands.command()
@click.argument("other", type=click.Path(path_type=Path))
@click.option("--week", type=WEEK, help="Another week that was built.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def compare(other: Path, week: datetime | None, form: Literal["text", "json"]) -> None:
    """Show what another perfect-customer document would make of a week; nothing is published."""
    from orchestration.comparison import compare as compared
    from orchestration.comparison_text import format_comparison

    found = compared(Settings.from_environment(), other, _week(week))
    click.echo(format_comparison(found, form), nl=False)


@commands.command()
@click.option("--uncertain", is_flag=True, required=True, help="Pairs that may be one company.")
@click.option("--week", type=WEEK, help="Another published week.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
@click.option("--top", type=click.IntRange(min=1), help="Only so many pairs.")
def matches(
    uncertain: bool,
    week: datetime | None,
    form: Literal["table", "csv", "json"],
    top: int | None,
) -> None:
    """Show pairs of company records that nobody is sure of, with what speaks for and against.

    With --format csv they come with an empty column `decision`: say same or different there and
    keep the file as identity/match_decisions.csv in PROSPECT_HOME; the next run applies it last.
    """
    from orchestration.matches import format_uncertain, read_uncertain

    rows = read_uncertain(Settings.from_environment(), _week(week), top)
    click.echo(format_uncertain(rows, form), nl=False)


@commands.command()
@click.option("--week", type=WEEK, help="List week to learn from; default: the newest published.")
def train(week: datetime | None) -> None:
    """Learn from your own data how much each agreement of two records weighs.

    The parameters are kept in PROSPECT_HOME/identity/ and used by every later run; a run never
    trains. Remove the file to go back to those that are shipped.
    """
    from orchestration.identity.matching import level_weights, load_model
    from orchestration.identity.training import train_on_week

    path = train_on_week(Settings.from_environment(), _week(week), datetime.now(UTC).date())
    for comparison, level, weight in level_weights(load_model(path).settings):
        click.echo(f"{weight:+6.1f} bits  {comparison}: {level}")
    click.echo(shorter(path))


@commands.command()
@click.option("--week", type=WEEK, required=True, help="The week whose link is to move.")
@click.option("--version", "publish_id", required=True, help="The version it is to name.")
def publish(week: datetime, publish_id: str) -> None:
    """Publish an earlier version of a week again: one link moves, back or forth."""
    from orchestration.replay import republish

    settings = Settings.from_environment()
    republish(settings, week.date(), publish_id)
    click.echo(f"Week {week.date()} is now version {publish_id}")


@commands.command()
@click.option("--week", type=WEEK, help="Only of this week.")
def versions(week: datetime | None) -> None:
    """List the versions of each week, and which one is in force."""
    from orchestration.replay import format_versions, known_versions

    found = known_versions(Settings.from_environment(), _week(week))
    click.echo(format_versions(found), nl=False)


@commands.command()
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
def erase(emails: tuple[str, ...]) -> None:
    """Remove people who ask for it, for good; `-` reads addresses from standard input.

    Only hashes are kept, by which nobody erased lands or is listed again. A shell remembers what
    is typed after a command, so `-` is the way that leaves no trace.
    """
    from orchestration.erasure import erase as erase_people
    from orchestration.erasure import format_erasure

    week = latest_monday(datetime.now(UTC).date())
    erasure = erase_people(Settings.from_environment(), _typed_or_piped(emails), week)
    click.echo(format_erasure(erasure), nl=False)


@commands.command()
def check() -> None:
    """Validate perfect_customer.yml and sources.yml; nothing runs.

    Secrets that are not set here are named too, but are no mistakes: a document may be checked
    elsewhere than where it runs.
    """
    from ingest.documents.sources import unset_secrets
    from ingest.documents.together import load_documents

    settings = Settings.from_environment()
    load_documents(settings)
    for path in (settings.perfect_customer, settings.sources):
        click.echo(f"{path.name}: no mistakes")
    for unset in unset_secrets(settings.sources):
        click.echo(f"note: {unset}")


@commands.command()
def prepare() -> None:
    """Make Dagster's home and the dbt manifest, as the UI needs them."""
    from orchestration.dbt import prepare_manifest
    from orchestration.instance import prepare_dagster_home

    prepare_manifest()
    click.echo(prepare_dagster_home(Settings.from_environment()))


def _typed_or_piped(values: tuple[str, ...]) -> list[str]:
    """The values, with the lines of standard input, but for empty ones, in place of a `-`."""
    piped = [line.strip() for line in sys.stdin] if "-" in values else []
    return [value for value in values if value != "-"] + [line for line in piped if line]


def _acceptances(
    checks: tuple[str, ...], by: str | None, because: str | None, *, is_one_week: bool
) -> list[Acceptance]:
    if not any((checks, by, because)):
        return []
    if not (checks and by and because and by.strip() and because.strip()):
        raise click.UsageError("accepting takes all three: --accept CHECK --by NAME --because TEXT")
    if not is_one_week:
        raise click.UsageError("--accept goes with one week, since it lets a finding pass once")
    from expectations.results import Acceptance

    return [Acceptance(check, by.strip(), because.strip()) for check in checks]


def _week(given: datetime | None) -> date | None:
    return given.date() if given else None


def _exit_code(error: ProspectError) -> int:
    from orchestration.publishing.gate_page import GateRefused

    return REFUSED if isinstance(error, GateRefused) else FAILED


def _report(progress: Progress) -> None:
    mark = f"{progress.seconds:6.1f} s" if progress.succeeded else "  failed"
    said = f"    note    {printable(progress.note)}"
    click.echo(said if progress.note else f"  {mark}  {progress.step}")


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
        click.echo(f"  {shorter(folder / name)}")
