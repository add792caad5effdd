"""Erasing people who ask for it, everywhere under PROSPECT_HOME, and for good.

What belongs here: the order of the steps, and what each removed. The digests are kept before
anything is removed, so that an erasure that dies halfway is finished by the next one, whoever asks.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ingest.erasure import Erased, email_digests, read_erased
from ingest.errors import ProspectError
from ingest.landed_erasure import Removed, addresses, erase_landed, known_by, remember
from ingest.settings import Settings
from orchestration.publishing.erasure import erase_published
from orchestration.run_lock import run_lock


@dataclass(frozen=True)
class Erasure:
    """What was removed, in counts: nothing here names anybody."""

    hashes: int
    landed: Removed
    warehouses: int
    versions: int


def erase(settings: Settings, emails: Sequence[str], week: date) -> Erasure:
    """Remove the people with these addresses; `week` is what the run lock tells others.

    Raises ProspectError for what is no e-mail address, before anything is done, RunLocked while a
    run is at work, and ProspectError for what stopped it on the way.
    """
    digests = email_digests(_checked(emails))
    with run_lock(settings, week):
        try:
            return _erase(settings, digests)
        except OSError as error:
            raise ProspectError(
                f"erasing stopped halfway: {error}; mend the cause and erase again"
            ) from error


def format_erasure(erasure: Erasure) -> str:
    """What was removed where, for a terminal."""
    landed = erasure.landed
    return (
        f"landing     rows removed: {landed.rows}, batches written anew: {landed.batches}\n"
        f"rejects     rows removed: {landed.rejects}\n"
        f"warehouses  weeks removed: {erasure.warehouses}; the next run of a week builds its own\n"
        f"published   versions made anew: {erasure.versions}\n"
        f"kept        hashes: {erasure.hashes}; by them nobody erased lands or is listed again\n"
    )


def _erase(settings: Settings, digests: frozenset[str]) -> Erasure:
    erased = known_by(settings, read_erased(settings) | Erased(emails=digests))
    remember(settings, erased)
    return Erasure(
        hashes=len(digests),
        landed=erase_landed(settings, erased),
        warehouses=_remove_warehouses(settings),
        versions=erase_published(settings, erased),
    )


def _checked(emails: Sequence[str]) -> list[str]:
    """The addresses as they land; an error names a place, since a typo can hold an address."""
    found = addresses(emails)
    wrong = [f"{place}" for place, address in enumerate(found, start=1) if address is None]
    if wrong or not found:
        which = f"no. {', '.join(wrong)} of {len(found)} is none" if wrong else "there was none"
        raise ProspectError(
            f"expected e-mail addresses such as jane@example.com; {which}, so nobody was erased"
        )
    return [address for address in found if address is not None]


def _remove_warehouses(settings: Settings) -> int:
    """Each is made of batches as they were; a run starts its own afresh."""
    weeks = sum(path.is_dir() for path in settings.warehouse.glob("????-??-??"))
    if settings.warehouse.exists():
        shutil.rmtree(settings.warehouse)
    return weeks
