"""Writing that survives a crash: flush to disk, then rename; relative links replaced by rename.

Here belong the few primitives that every publishing step is made of. Not here: what is written.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with the line ends as given."""
    path.write_bytes(text.encode())


def sync_tree(folder: Path) -> None:
    """Force every file below the folder, and the folders, to disk."""
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)


def move_into_place(temporary: Path, target: Path) -> None:
    """Rename what is already synced to its final name and make the name durable."""
    temporary.replace(target)
    _sync(target.parent)


def copy_file(source: Path, target: Path) -> None:
    """Copy so that the target is whole or absent; an existing target is left as it is."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, temporary)
    _sync(temporary)
    move_into_place(temporary, target)


def link(path: Path, target: str) -> None:
    """Make `path` a relative link to `target`, replacing an older link in one step."""
    if path.is_symlink() and path.readlink() == Path(target):
        return
    temporary = path.with_name(f".{path.name}.link")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    move_into_place(temporary, path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
