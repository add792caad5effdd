"""The evidence in a real browser: pictures that need no script and no network, wide or narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Tab, opened
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import EVIDENCE, HOSTILE_NAME


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a published version, with a hostile name in a picture and in tables."""
    hostile = HOSTILE_NAME.replace("'", "''")
    named = (
        f"update marts.criterion_evidence set criterion_id = '{hostile}', "
        f"statement = '<img src=x onerror=alert(1)>' where criterion_id = 'mid_size'"
    )
    home = tmp_path_factory.mktemp("home")
    return publish_week(settings_in(home), mutations=[*EVIDENCE, named]) / "evidence.html"


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def tab(browser: Browser, evidence: Path, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """The page without scripts; it loads nothing else and complains of nothing."""
    with opened(browser, evidence, width=request.param, runs_scripts=False) as tab:
        yield tab
        assert tab.requests == [evidence.as_uri()]
        assert not tab.complaints


def test_pictures_are_seen_and_told(tab: Tab) -> None:
    """Each is drawn, is one image to a screen reader, and says what it shows."""
    pictures = tab.page.get_by_role("img")

    expect(pictures).to_have_count(7)
    expect(tab.page.get_by_role("img", name="AUC of each ranking")).to_be_visible()
    for picture in pictures.all():
        size = picture.locator("svg").bounding_box()
        assert size is not None
        assert size["width"] > 200
        assert size["height"] > 40


def test_a_hostile_name_is_read_as_text(tab: Tab) -> None:
    """In the picture and in the table beside it."""
    drawn = tab.page.locator("svg text", has_text="<script>")

    expect(drawn.first).to_be_visible()
    expect(tab.page.get_by_text("<img src=x onerror=alert(1)>").first).to_be_visible()
    assert tab.page.locator("img, script").count() == 0


def test_nothing_is_wider_than_the_page(tab: Tab) -> None:
    """Wide tables and pictures scroll by themselves."""
    wide = tab.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )

    assert wide <= 0
