"""What happens in public week by week: topic research, job postings, visits and news.

Each function answers for one step (a week) from draws alone, so any week can be made without the
weeks before it. `day` is days since 1970, `step` weeks since Monday 5 January 1970.
"""

import numpy as np
import polars as pl

from ingest.sandbox.companies import Traits, gathered
from ingest.sandbox.draws import Draws, Floats, Ints
from ingest.sandbox.words import (
    FUNDING_ROUNDS,
    ISSUES,
    NEWS_EVENTS,
    NOISE_PAGES,
    NOISE_TEXTS,
    NOISE_TITLES,
    NOISE_TOPICS,
    POSTING_DEPARTMENTS,
    WORK_PLACES,
)

FIRST_MONDAY = 4
TOPICS = [topic for issue in ISSUES for topic in issue.topics] + list(NOISE_TOPICS)
BOARD_KINDS = ("greenhouse", "lever", "ashby")
_PER_ISSUE = len(ISSUES[0].topics)
_POSTING_SLOTS = 3


def step_of(day: int) -> int:
    """The week that a day lies in."""
    return (day - FIRST_MONDAY) // 7


def monday_of(step: int) -> int:
    """The first day of a week."""
    return step * 7 + FIRST_MONDAY


def research_in(draws: Draws, pressure: Floats, step: int) -> pl.DataFrame:
    """Company, topic and score (0-100), published the Monday after: pressed companies read more."""
    rows = np.arange(pressure.shape[1])
    parts = [
        _research_on(draws, pressure[issue], rows, step, issue, turn)
        for issue in range(len(ISSUES))
        for turn in range(2)
    ]
    curious = rows[draws.uniform("research/noise", rows, step) < 0.008]
    topic = draws.whole("research/noise_topic", curious, len(TOPICS), step)
    score = 42 + draws.whole("research/noise_score", curious, 36, step)
    company, topics, scores = (
        np.concatenate(columns) for columns in zip(*parts, (curious, topic, score), strict=True)
    )
    return pl.DataFrame(
        {
            "company": company,
            "topic": gathered(TOPICS, topics),
            "score": scores,
            "day": np.full(len(company), monday_of(step + 1)),
        }
    ).unique(["company", "topic"], keep="first", maintain_order=True)


def _research_on(
    draws: Draws, pressure: Floats, rows: Ints, step: int, issue: int, turn: int
) -> tuple[Ints, Ints, Ints]:
    table = f"research/{issue}/{turn}"
    pressed = rows[pressure > 0]
    reads = draws.uniform(table, pressed, step) < 0.38 * np.minimum(pressure[pressed], 1.5) / (
        1 + turn
    )
    found = pressed[reads]
    topic = issue * _PER_ISSUE + draws.whole(f"{table}/topic", found, _PER_ISSUE, step)
    score = 52 + draws.whole(f"{table}/score", found, 47, step)
    return found, topic, score


def boards_of(draws: Draws, traits: Traits, companies: pl.DataFrame) -> pl.DataFrame:
    """The companies that keep a public job board (about one in eight), its kind and its pace."""
    rows = companies["company"].to_numpy()
    has = draws.uniform("board", rows) < np.clip(0.11 + 0.06 * traits.size, 0.02, 0.4)
    kind = draws.weighted("board/kind", rows, [45, 30, 25])
    pace = np.clip(0.12 * np.sqrt(companies["employees_2024"].to_numpy() / 100), 0.05, 0.9)
    return (
        companies.select("company", "brand", "city", "name", "domain", "erp")
        .with_columns(gathered(BOARD_KINDS, kind).alias("kind"), pl.Series("pace", pace))
        .with_columns(
            pl.concat_str(pl.col("brand").str.to_lowercase(), "company", separator="-").alias(
                "token"
            )
        )
        .filter(pl.Series(has))
    )


def postings_in(draws: Draws, boards: pl.DataFrame, pressure: Floats, step: int) -> pl.DataFrame:
    """Openings of one week: day they appear and are taken down, and numbers that choose words."""
    rows = boards["company"].to_numpy()
    pressed = pressure[:, rows]
    burst = 1.0 + 1.5 * (pressed[2] > 0)
    parts = [
        _noise_postings(draws, rows, boards["pace"].to_numpy() * burst / _POSTING_SLOTS, step, slot)
        for slot in range(_POSTING_SLOTS)
    ] + [_issue_postings(draws, rows, pressed[issue], step, issue) for issue in range(len(ISSUES))]
    company, issue, slot = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    key = company * 16 + slot
    day = monday_of(step) + draws.whole("posting/day", key, 7, step)
    return pl.DataFrame(
        {
            "company": company,
            "posting": key * 10_000 + step,
            "issue": issue,
            "day": day,
            "last_day": day + 56 + draws.whole("posting/life", key, 140, step),
            "word": draws.whole("posting/word", key, 60, step),
        }
    )


def _noise_postings(
    draws: Draws, rows: Ints, pace: Floats, step: int, slot: int
) -> tuple[Ints, Ints, Ints]:
    """Every fifth ordinary opening is in finance, whatever the pressure."""
    found = rows[draws.uniform(f"posting/{slot}", rows, step) < pace]
    finance = draws.uniform("posting/finance", found * 16 + slot, step) < 0.2
    issue = draws.whole("posting/issue", found * 16 + slot, len(ISSUES), step)
    return found, np.where(finance, issue, -1), np.full(len(found), slot)


def _issue_postings(
    draws: Draws, rows: Ints, pressure: Floats, step: int, issue: int
) -> tuple[Ints, Ints, Ints]:
    found = rows[draws.uniform(f"posting/issue/{issue}", rows, step) < 0.15 * pressure]
    return found, np.full(len(found), issue), np.full(len(found), _POSTING_SLOTS + issue)


def worded_postings(postings: pl.DataFrame, boards: pl.DataFrame) -> pl.DataFrame:
    """Title, text, department and place for each opening, from its issue and its numbers."""
    word = pl.col("word")
    titles, texts = [list(NOISE_TITLES)], [list(NOISE_TEXTS)]
    titles += [list(issue.posting_titles) for issue in ISSUES]
    texts += [list(issue.posting_texts) for issue in ISSUES]
    shelf = pl.DataFrame(
        {"issue": range(-1, len(ISSUES)), "titles": titles, "texts": texts},
        schema_overrides={"issue": pl.Int64},
    )
    names_erp = (pl.col("issue") >= 0) | (word % 4 == 0)
    tools = (
        pl.when(names_erp)
        .then("Our tools: " + pl.col("erp") + " and Excel.")
        .otherwise(pl.lit("We are a friendly team."))
    )
    department = pl.lit(pl.Series(POSTING_DEPARTMENTS)).implode().list.get(1 + word % 5)
    return (
        postings.join(shelf, on="issue", maintain_order="left")
        .join(
            boards.select("company", "token", "kind", "city", "erp"),
            on="company",
            maintain_order="left",
        )
        .with_columns(
            pl.col("titles").list.get(word % pl.col("titles").list.len()).alias("title"),
            # Without its number one opening would look like another one posted again.
            pl.concat_str(
                pl.col("texts").list.get(word % pl.col("texts").list.len()),
                tools,
                pl.format("Reference {}.", "posting"),
                separator=" ",
            ).alias("text"),
            pl.when(pl.col("issue") >= 0)
            .then(pl.lit(POSTING_DEPARTMENTS[0]))
            .otherwise(department)
            .alias("department"),
            pl.when(word % 7 == 0).then(pl.lit(WORK_PLACES[0])).otherwise("city").alias("location"),
        )
        .drop("titles", "texts")
    )


def visits_in(draws: Draws, pressure: Floats, step: int) -> pl.DataFrame:
    """Visits to our web site: pressed companies come for a product page, others by chance."""
    rows = np.arange(pressure.shape[1])
    top = pressure.argmax(axis=0)
    pressed = pressure.max(axis=0)
    came = rows[draws.uniform("visit", rows, step) < 0.003 + 0.15 * pressed]
    word = draws.whole("visit/page", came, 60, step)
    pages = [page for issue in ISSUES for page in issue.pages] + list(NOISE_PAGES)
    purposeful = (pressed[came] > 0) & (word % 3 > 0)
    at = np.where(purposeful, top[came] * 2 + word % 2, len(ISSUES) * 2 + word % len(NOISE_PAGES))
    return pl.DataFrame(
        {
            "company": came,
            "visit": came * 10_000 + step,
            "page": gathered(pages, at),
            "day": monday_of(step) + draws.whole("visit/day", came, 7, step),
            "second": 25_200 + draws.whole("visit/second", came, 43_200, step),
        }
    )


def news_in(draws: Draws, traits: Traits, step: int) -> pl.DataFrame:
    """Fundings (growing companies) and other news (complex ones) of one week."""
    rows = np.arange(len(traits.size))
    chance = draws.uniform("news", rows, step)
    funded = chance < 0.0008 * np.exp(0.5 * traits.growth)
    reported = ~funded & (chance > 1 - 0.001 * np.exp(0.4 * traits.complexity))
    found = rows[funded | reported]
    rounds = gathered(FUNDING_ROUNDS, draws.whole("news/round", found, len(FUNDING_ROUNDS), step))
    events = gathered(NEWS_EVENTS, draws.whole("news/event", found, len(NEWS_EVENTS), step))
    millions = 3 + draws.whole("news/millions", found, 90, step)
    raises = "raises $" + pl.Series(millions).cast(pl.String) + " million " + rounds
    is_funding = pl.Series(funded[found])
    return pl.DataFrame(
        {
            "company": found,
            "news": found * 10_000 + step,
            "kind": pl.Series(["news", "funding"]).gather(is_funding.cast(pl.Int64)),
            "headline": pl.select(pl.when(is_funding).then(raises).otherwise(events)).to_series(),
            "day": monday_of(step) + draws.whole("news/day", found, 7, step),
        }
    )
