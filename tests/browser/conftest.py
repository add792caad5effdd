"""One real Chromium for each file of tests that opens pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import MISSING, chromium, started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module."""
    if chromium() is None:
        pytest.skip(MISSING)
    with started() as browser:
        yield browser
