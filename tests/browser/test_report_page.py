"""The report in a real browser: what marketing and sales do with the list, with no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser import Tab, opened
from tests.support.publications import publish_week, settings_in
from tests.support.warehouse import HOSTILE_NAME

FIRMS = 97
"""Made after the fixture's first account, behind its three, so that the list has a hundred."""

CROWD = 497
"""As many as the page shows in detail, with the fixture's three."""


def market(firms: int) -> list[str]:
    """The SQL that adds so many accounts to every mart that the report reads."""
    identity = "'b' || i as account_id"
    rank = "3 + i as rank"
    names = """
        'Firm ' || i || ' Müller' as name, 'firm-' || i || '.example' as domain,
        ['DE', 'FR', 'JP'][1 + mod(i, 3)] as country
    """
    scores = """
        mod(i * 37, 1000) / 10 as organisation_fit_score,
        100 - mod(i, 90) as people_coverage_score, 32 - i / 100 as alignment_score,
        case when mod(i, 2) = 0 then 'B' else 'C' end as tier,
        ['organisation', 'people', 'issue'][1 + mod(i, 3)] as weakest_leg
    """
    change = """
        ['up', 'down', 'new', 'same'][1 + mod(i, 4)] as change,
        3 + mod(i * 7, 60) as previous_rank
    """
    replaced = {
        "accounts": (identity, names),
        "account_scores": (identity, rank, scores),
        "target_accounts": (identity, rank, names, scores, change),
        "target_account_changes": (identity, rank, change),
        "contacts": (identity, "'crm:b' || i as contact_id"),
    }
    return [
        f"""
        insert into marts.{table} by name
        select template.* replace ({", ".join(columns)})
        from marts.{table} as template, range(1, {firms + 1}) as numbers (i)
        where template.account_id = 'a1'
        """
        for table, columns in replaced.items()
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a published version with a hundred listed accounts."""
    home = tmp_path_factory.mktemp("home")
    return publish_week(settings_in(home), mutations=market(FIRMS)) / "report.html"


@pytest.fixture
def tab(browser: Browser, report: Path) -> Iterator[Tab]:
    """The report, freshly opened; whatever is done with it, it loads and complains of nothing."""
    with opened(browser, report) as tab:
        yield tab
        assert tab.requests == [report.as_uri()]
        assert tab.complaints == []


def test_the_page_is_one_file(tab: Tab) -> None:
    """Opened from a mail or a share it has all it needs, and tells nobody that it was opened."""
    assert shown(tab.page) == f"{FIRMS + 3} of {FIRMS + 3} accounts shown"
    assert ranks(tab.page)[:3] == [1, 2, 3]


SEARCHES = {
    "firm 77 m": [80],
    "FIRM-77.EXAMPLE": [80],
    "koln 77.example": [80],
    "東京": [3],
    "software": [2],
    "united states": [2],
    "takes too long 77.example": [80],
    "<script>": [2],
}
"""What is typed, and the ranks found: by name, domain in capitals, city without its accent, another
script, industry, country in words, why now, and markup."""


def test_search_finds(tab: Tab) -> None:
    """All words must occur, in any of the fields, whatever their case and accents."""
    found, said = {}, {}
    for search in SEARCHES:
        tab.page.fill("[name=search]", search)
        found[search], said[search] = ranks(tab.page), shown(tab.page)

    assert found == SEARCHES
    assert said == {
        search: f"{len(there)} of 100 accounts shown" for search, there in SEARCHES.items()
    }


@pytest.mark.parametrize(
    ("column", "value", "remainder", "divisor"),
    [
        ("tier", "C", 1, 2),
        ("change", "new", 2, 4),
        ("country", "FR", 1, 3),
        ("weakest_leg", "people", 1, 3),
    ],
)
def test_a_filter_leaves_what_it_names(
    tab: Tab, column: str, value: str, remainder: int, divisor: int
) -> None:
    """And its label says beforehand how many that will be."""
    option = tab.page.locator(f"[name={column}] option[value={value}]").inner_text()
    tab.page.select_option(f"[name={column}]", value)

    made = [i + 3 for i in range(1, FIRMS + 1) if i % divisor == remainder]
    assert [rank for rank in ranks(tab.page) if rank > 3] == made
    assert option.endswith(f"({len(ranks(tab.page))})")


def test_filters_and_search_narrow_together(tab: Tab) -> None:
    """The accounts below the list are narrowed with it, for reading and printing."""
    tab.page.select_option("[name=tier]", "C")
    tab.page.select_option("[name=country]", "FR")
    tab.page.fill("[name=search]", "firm 7")

    assert ranks(tab.page) == [i + 3 for i in range(1, FIRMS + 1) if i % 6 == 1 and "7" in f"{i}"]
    assert tab.page.locator("details:visible").count() == len(ranks(tab.page))


def test_numbers_sort_as_numbers(tab: Tab) -> None:
    """The highest first, then the lowest; as text, 9.9 would stand above 87.2."""
    head(tab.page, "Organisation").click()
    falling = values(tab.page, "organisation")
    head(tab.page, "Organisation").click()
    rising = values(tab.page, "organisation")

    assert falling == sorted(falling, reverse=True)
    assert rising == sorted(rising)
    assert rising != sorted(rising, key=str)


def test_text_sorts_as_people_read_it(tab: Tab) -> None:
    """Firm 9 stands before Firm 10."""
    head(tab.page, "Account").click()
    names = column(tab.page, "td:nth-child(2)")
    firms = [int(name.split()[1]) for name in names if name.startswith("Firm")]

    assert firms == sorted(firms)
    assert len(firms) == FIRMS


def test_equals_keep_the_order_of_ranks(tab: Tab) -> None:
    """In either direction, whatever was sorted before."""
    head(tab.page, "Alignment").click()
    head(tab.page, "Tier").click()
    rising = ranks(tab.page)
    head(tab.page, "Tier").click()
    falling = ranks(tab.page)

    odd = [i + 3 for i in range(1, FIRMS + 1, 2)]
    assert rising[-len(odd) :] == falling[: len(odd)] == odd


def test_the_list_is_sorted_by_keyboard_and_says_how(tab: Tab) -> None:
    """A head is reached and pressed without a mouse, and read out with its direction."""
    head(tab.page, "People").focus()
    tab.page.keyboard.press("Enter")
    first = tab.page.locator("th[aria-sort]").evaluate_all(ARIA)
    tab.page.keyboard.press("Space")
    second = tab.page.locator("th[aria-sort]").evaluate_all(ARIA)

    assert (first, second) == ([["people", "descending"]], [["people", "ascending"]])
    assert values(tab.page, "people") == sorted(values(tab.page, "people"))


def test_nothing_found_says_so_and_leads_back(tab: Tab) -> None:
    """An empty table would look like a broken page."""
    tab.page.fill("[name=search]", "no such firm")
    expect(tab.page.get_by_text("No account matches.")).to_be_visible()
    assert ranks(tab.page) == []
    tab.page.get_by_role("button", name="show all").click()

    expect(tab.page.get_by_text("No account matches.")).to_be_hidden()
    assert ranks(tab.page) == list(range(1, FIRMS + 4))


def test_reset_shows_the_list_as_it_was(tab: Tab) -> None:
    """All accounts by rank, every control empty, and nothing left in the address."""
    tab.page.select_option("[name=tier]", "B")
    head(tab.page, "Why now").click()
    tab.page.get_by_role("button", name="Reset").click()

    assert ranks(tab.page) == list(range(1, FIRMS + 4))
    assert tab.page.locator("[name=tier]").input_value() == ""
    assert tab.page.evaluate("location.hash") == "#list"


def test_a_view_is_shared_by_its_address(tab: Tab, browser: Browser, report: Path) -> None:
    """Whoever opens the address sees the same accounts in the same order."""
    tab.page.select_option("[name=change]", "up")
    tab.page.fill("[name=search]", "müller & 1?#")
    tab.page.fill("[name=search]", "müller 1")
    head(tab.page, "Issue").click()
    head(tab.page, "Organisation").click()
    view = tab.page.evaluate("location.hash")

    with opened(browser, report, view) as other:
        assert ranks(other.page) == ranks(tab.page)
        assert values(other.page, "organisation") == values(tab.page, "organisation")
        assert other.page.locator("[name=search]").input_value() == "müller 1"
        expect(other.page.locator("#list")).to_be_in_viewport()


@pytest.mark.parametrize(
    "view",
    ["#list?tier=Z&sort=price&order=sideways", "#list?", "#account-99999", "#account-1%22", "#%"],
)
def test_an_address_of_another_list_shows_everything(
    browser: Browser, report: Path, view: str
) -> None:
    """A view kept from last week may name what this list doesn't have."""
    with opened(browser, report, view) as tab:
        assert ranks(tab.page) == list(range(1, FIRMS + 4))
        assert tab.complaints == []


def test_a_link_opens_its_account(browser: Browser, report: Path) -> None:
    """So that one account can be sent to a colleague."""
    with opened(browser, report, "#account-62") as tab:
        expect(tab.page.locator("#account-62 .account")).to_be_in_viewport()
        assert tab.page.locator("#account-63").get_attribute("open") is None


def test_a_row_leads_to_its_account_and_back(tab: Tab) -> None:
    """Also a second time after it was closed; going back finds the list as it was left."""
    tab.page.select_option("[name=tier]", "C")
    link = tab.page.get_by_role("link", name="Firm 77 Müller")
    link.click()
    expect(tab.page.locator("#account-80 .account")).to_be_in_viewport()
    tab.page.locator("#account-80 summary").click()
    link.click()
    expect(tab.page.locator("#account-80 .account")).to_be_in_viewport()
    tab.page.go_back()

    expect(link).to_be_in_viewport()
    assert len(ranks(tab.page)) == len(range(1, FIRMS + 1, 2))


def test_an_account_that_is_filtered_away_opens_by_its_link(browser: Browser, report: Path) -> None:
    """A link wins over a filter."""
    with opened(browser, report, "#list?tier=A") as tab:
        tab.page.evaluate("location.hash = '#account-40'")
        expect(tab.page.locator("#account-40 .account")).to_be_in_viewport()


def test_all_accounts_of_a_view_are_opened_at_once(tab: Tab) -> None:
    """For a meeting one prints the few that matter, with their details."""
    tab.page.select_option("[name=tier]", "A")
    tab.page.get_by_role("button", name="Open all that are shown").click()
    assert tab.page.locator("details[open]").count() == 1
    tab.page.get_by_role("button", name="Close all").click()

    assert tab.page.locator("details[open]").count() == 0


def test_hostile_names_are_text(tab: Tab) -> None:
    """Markup in a name is shown, sorted and searched, and never run."""
    tab.page.fill("[name=search]", "alert(")
    head(tab.page, "Account").click()
    tab.page.get_by_role("link", name=HOSTILE_NAME).click()

    expect(tab.page.locator("#account-2 summary")).to_contain_text(HOSTILE_NAME)
    assert tab.page.locator("script").count() == 1
    assert tab.page.locator("a[href^='javascript']").count() == 0


def test_no_other_script_runs(browser: Browser, report: Path, tmp_path: Path) -> None:
    """One byte of ours is changed, or a script or handler is smuggled in: the page stays still."""
    page = report.read_text(encoding="utf-8")
    changed = tmp_path / "changed.html"
    changed.write_text(page.replace('"use strict";', '"use strict"; ', 1), encoding="utf-8")
    smuggled = tmp_path / "smuggled.html"
    smuggled.write_text(
        page.replace("<h1>", "<h1 onclick='document.title=1'><script>document.title=2</script>", 1),
        encoding="utf-8",
    )

    with opened(browser, changed) as tab:
        assert tab.page.locator("#controls").is_hidden()
        assert "Content Security Policy" in tab.complaints[0]
    with opened(browser, smuggled) as tab:
        tab.page.locator("h1").click()
        assert tab.page.title().startswith("Target accounts")
        assert len(tab.complaints) == 2


def test_everything_can_be_read_without_scripts(browser: Browser, report: Path) -> None:
    """Mail programs and shares often show a page but run nothing in it."""
    with opened(browser, report, runs_scripts=False) as tab:
        assert tab.page.locator(".list tbody tr").count() == FIRMS + 3
        for control in ("#controls", "#nothing", "#opening"):
            expect(tab.page.locator(control)).to_be_hidden()
        tab.page.locator("#account-2 summary").click()
        expect(tab.page.locator("#account-2 .account")).to_be_visible()


@pytest.mark.parametrize("width", [380, 768, 1280])
def test_nothing_lies_outside_the_window(browser: Browser, report: Path, width: int) -> None:
    """On a phone as on a desk, nobody has to scroll sideways."""
    with opened(browser, report, "#account-2", width=width) as tab:
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [380, 1280])
def test_text_stands_out_from_its_ground(browser: Browser, report: Path, width: int) -> None:
    """At least 4.5 to 1, the AA level, also for what is small and soft."""
    with opened(browser, report, "#list?search=7", width=width) as tab:
        assert tab.page.evaluate(FAINT) == []


def test_typing_is_no_burden_in_a_long_list(browser: Browser, tmp_path: Path) -> None:
    """Filtering 500 accounts takes milliseconds; the bound leaves room for a busy machine."""
    report = publish_week(settings_in(tmp_path), mutations=market(CROWD)) / "report.html"
    with opened(browser, report) as tab:
        milliseconds = tab.page.evaluate(TYPED, KEYSTROKES)

        assert shown(tab.page) == "13 of 500 accounts shown"
        assert milliseconds / KEYSTROKES < 100


KEYSTROKES = 50

ARIA = "heads => heads.map(head => [head.dataset.name, head.getAttribute('aria-sort')])"

TYPED = """(keystrokes) => {
    const search = document.querySelector("[name=search]");
    const start = performance.now();
    for (let i = 0; i < keystrokes; i++) {
        search.value = `firm ${i}`;
        search.dispatchEvent(new Event("input", { bubbles: true }));
    }
    return performance.now() - start;
}"""

# The texts whose luminance and that of the nearest ground are less than 4.5 to 1 apart.
FAINT = """() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (element) => {
        const colour = parts(getComputedStyle(element).backgroundColor);
        return colour[3] === 0 ? ground(element.parentElement) : colour;
    };
    const faint = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
        const ink = luminance(parts(getComputedStyle(element).color));
        const paper = luminance(ground(element));
        const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        if (contrast < 4.5) faint.add(`${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 80)}`);
    }
    return [...faint];
}"""


def head(page: Page, name: str) -> Locator:
    """The button by which the list is sorted."""
    return page.locator(".list th").get_by_role("button", name=name, exact=True)


def shown(page: Page) -> str:
    """What the page says of how many accounts it shows."""
    return page.locator("#count").inner_text()


def ranks(page: Page) -> list[int]:
    """The ranks of the rows that can be seen, from the top."""
    return [int(rank) for rank in column(page, "td:first-child")]


def values(page: Page, leg: str) -> list[float]:
    """The scores of one leg in the rows that can be seen, from the top."""
    return [float(re.split(r"\s", score)[0]) for score in column(page, f"td.{leg}")]


def column(page: Page, cell: str) -> list[str]:
    """What a cell of each row says that can be seen, from the top."""
    texts: list[str] = page.locator(f".list tbody tr > {cell}").evaluate_all(
        "cells => cells.filter(cell => cell.checkVisibility()).map(cell => cell.textContent)"
    )
    return texts
