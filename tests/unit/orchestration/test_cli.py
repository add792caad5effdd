"""The command as a shell sees it: how it ends, and that all it said has arrived."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.publications import settings_in
from tests.support.runs import start_prospects


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--help"], 0, "Make the list of a week"),
        (["list"], 1, "prospects: "),
        (["lists"], 2, "No such command 'lists'"),
    ],
)
def test_a_command_ends_with_its_code_and_its_last_word(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    """Also where nothing that it imported is taken apart."""
    with start_prospects(settings_in(tmp_path), *arguments) as command:
        assert command.stdout is not None
        told = command.stdout.read()

    assert command.returncode == code
    assert said in told
    assert "Traceback" not in told
