"""Whether a run can write where it will have to, asked before anything heavy is done.

What belongs here: what can be known at the start and would otherwise end a run half an hour later.
What doesn't: how full the disk is, which changes meanwhile, and what sources need (`ingest/`).
"""

from pathlib import Path
from tempfile import TemporaryFile

from ingest.errors import ProspectError
from ingest.settings import Settings


def require_writable(settings: Settings) -> None:
    """Raise ProspectError, naming the folder, where a run must write and may not."""
    written = (
        settings.landing,
        settings.rejects,
        settings.warehouse,
        settings.history,
        settings.published,
        settings.refused,
        settings.scratch,
    )
    for folder in written:
        try:
            with TemporaryFile(dir=_there(folder)):
                pass
        except OSError as error:
            raise ProspectError(unwritable(folder, error)) from None


def unwritable(path: Path, error: OSError) -> str:
    """In one line that something in the home can't be written, and what to do."""
    return (
        f"{path} can't be written: {error.strerror}; let this user write there, or set "
        "PROSPECT_HOME to another folder; nothing has been fetched or changed"
    )


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that a run would make it in."""
    return next(each for each in (folder, *folder.parents) if each.exists())
