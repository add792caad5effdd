"""The ranked list as a user of Polars would make it: lazy scans, joins and group-bys.

    python -m tests.benchmarks.peers.polars_list FOLDER WEEK OUT

Points are decimals before they are added up: the sum is exact, in whatever order it is made.
"""

from datetime import UTC, date, datetime, time
from functools import reduce
from pathlib import Path

import polars as pl

from tests.benchmarks.peers import document, measured

POINTS = pl.Decimal(9, 4)
WEIGHT = pl.Decimal(28, 9)
SUPPRESSION = pl.Enum(document.SUPPRESSIONS)
COMPANY = pl.col("source_company_id").alias("company")


def write_list(drops: Path, week: date, out: Path) -> None:
    """Write the listed accounts as CSV, and all of them as Parquet."""
    accounts = all_accounts(drops, week).collect()
    accounts.write_parquet(out / measured.ACCOUNTS_FILE)
    listed = accounts.filter(pl.col("rank").is_not_null()).sort("rank")
    listed.select(document.COLUMNS).write_csv(out / measured.LIST_FILE, float_precision=4)


def all_accounts(drops: Path, week: date) -> pl.LazyFrame:
    """Every company with its scores, its outcome and, where it is listed, its rank and tier."""
    companies = _companies(drops)
    signals = _signals(drops, week)
    suppressions = _suppressions(drops, week)
    tops = _tops(drops)
    described = _described(companies, signals, tops)
    legs = (
        described.select("company", "domain", _organisation_fit(), _is_qualified_out())
        .join(_people_coverage(drops, companies, suppressions), on="company", how="left")
        .join(_issue_urgency(signals), on="company", how="left")
        .join(_suppressed(drops, companies, suppressions, week), on="company", how="left")
        .join(tops.select("company", "top"), on="company", how="left")
    )
    aligned = legs.with_columns(
        pl.col(document.SCORES).fill_null(0).clip(0, 100).cast(POINTS),
        pl.col("top").fill_null(pl.col("company")),
    ).with_columns(_alignment())
    ranked = _ranked(aligned)
    return aligned.join(ranked, on="company", how="left").select(
        pl.col("company").alias("source_company_id"),
        "domain",
        *document.SCORES,
        "alignment_score",
        _outcome(),
        "suppression",
        "rank",
        "tier",
    )


# What the drops hold


def _companies(drops: Path) -> pl.LazyFrame:
    return pl.scan_parquet(drops / "companies.parquet").select(
        COMPANY,
        _domain(pl.coalesce("domain", "website")).alias("domain"),
        "country",
        "status",
        "industry",
        "employees",
        "erp",
        "legal_entities",
        "uses_rival",
        has_phone=_is_filled("phone"),
    )


def _signals(drops: Path, week: date) -> pl.LazyFrame:
    """What was known on the week's morning, with its age in days."""
    day = pl.col("occurred_at").dt.date()
    return (
        pl.scan_parquet(drops / "signals.parquet")
        .filter(pl.col("known_at") <= _monday(week))
        .select(
            COMPANY,
            "kind",
            "topic",
            "title",
            "text",
            pl.col("strength").fill_null(1.0),
            age=(week - day).dt.total_days().clip(lower_bound=0),
        )
    )


def _suppressions(drops: Path, week: date) -> pl.LazyFrame:
    """Those in force, with keys spelled as the columns that they are compared with."""
    key = pl.col("key").str.strip_chars().str.to_lowercase()
    return (
        pl.scan_parquet(drops / "suppressions.parquet")
        .filter(pl.col("until_date").is_null() | (pl.col("until_date") >= week))
        .select(
            "key_kind",
            pl.col("reason").cast(SUPPRESSION),
            key=pl.coalesce(_domain(pl.when(key_kind="domain").then(key)), key),
        )
    )


def _tops(drops: Path) -> pl.LazyFrame:
    """The parent and the top of the family of each company that has a parent."""
    parents = pl.scan_parquet(drops / "company_relationships.parquet").select(
        company="child_source_company_id", parent="parent_source_company_id"
    )
    tops = parents.with_columns(top="parent")
    for _ in range(document.DOUBLINGS):
        onward = tops.select(top="company", onward="top")
        tops = tops.join(onward, on="top", how="left", validate="m:1").select(
            "company", "parent", top=pl.coalesce("onward", "top")
        )
    return tops


def _monday(week: date) -> datetime:
    """The moment that a list is as of."""
    return datetime.combine(week, time(), UTC)


def _is_filled(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().fill_null("") != ""


def _domain(address: pl.Expr) -> pl.Expr:
    """Domains in lower-case punycode."""
    return address.str.to_lowercase().map_batches(_punycode, pl.String, is_elementwise=True)


def _punycode(domains: pl.Series) -> pl.Series:
    foreign = domains.filter(domains.str.contains(document.FOREIGN)).unique()
    return domains.replace(foreign, pl.Series(document.punycode(foreign), dtype=pl.String))


def _words(text: pl.Expr) -> pl.Expr:
    """Text as padded words, in which a phrase is found as a whole."""
    bare = text.str.to_lowercase().str.replace_all(document.NO_WORD, " ").str.strip_chars()
    return pl.format(" {} ", bare)


# Organisation fit


def _described(companies: pl.LazyFrame, signals: pl.LazyFrame, tops: pl.LazyFrame) -> pl.LazyFrame:
    """Companies with what signals and relationships tell of them."""
    recent = signals.filter(pl.col("age") < document.RECENT_DAYS)
    topics = (
        recent.filter(pl.col("kind").is_in(document.RESEARCH_KINDS), pl.col("topic").is_not_null())
        .group_by("company")
        .agg(topics=pl.col("topic").n_unique())
    )
    visitors = recent.filter(kind="web_visit").select("company").unique()
    funded = signals.filter(kind="funding").group_by("company").agg(funding_age=pl.col("age").min())
    parents = tops.select(company="parent").unique()
    return (
        companies.join(topics, on="company", how="left")
        .join(funded, on="company", how="left")
        .join(visitors.with_columns(has_visited=True), on="company", how="left")
        .join(parents.with_columns(has_subsidiaries=True), on="company", how="left")
    )


def _organisation_fit() -> pl.Expr:
    employees, age = pl.col("employees"), pl.col("funding_age")
    near = 1 - (employees - document.EMPLOYEES_CENTRE).abs() / document.EMPLOYEES_HALF_WIDTH
    grades = {
        "mid_size": employees.is_between(*document.EMPLOYEES_MID_SIZE),
        "sweet_spot": near.clip(lower_bound=0),
        "makes_things": _words(pl.col("industry")).str.contains_any(
            document.phrases(document.INDUSTRY_WORDS)
        ),
        "several_entities": pl.col("legal_entities") >= document.LEAST_LEGAL_ENTITIES,
        "runs_a_group": pl.col("has_subsidiaries"),
        "ledger_we_connect_to": pl.col("erp").str.to_lowercase().is_in(document.LEDGERS),
        "researches": pl.col("topics") >= document.LEAST_TOPICS,
        "visits_us": pl.col("has_visited"),
        "just_funded": pl.when(age <= document.FUNDING_DAYS).then(
            0.5 ** (age / document.FUNDING_HALF_LIFE_DAYS)
        ),
        "rival_in_place": pl.col("uses_rival"),
    }
    earned = [
        _decimal(document.POINTS[name] * grade.cast(pl.Float64).fill_null(0.0), POINTS)
        for name, grade in grades.items()
    ]
    return pl.sum_horizontal(earned).alias("organisation_fit_score")


def _is_qualified_out() -> pl.Expr:
    is_served = pl.col("country").is_in(document.COUNTRIES_SERVED)
    is_dissolved = pl.col("status").str.to_lowercase() == "dissolved"
    return pl.any_horizontal(~is_served, is_dissolved).fill_null(False).alias("is_out")


def _decimal(number: pl.Expr, dtype: pl.Decimal) -> pl.Expr:
    """A number rounded to its decimals, halves away from zero."""
    return number.round(dtype.scale, mode="half_away_from_zero").cast(dtype)


# People coverage


def _people_coverage(
    drops: Path, companies: pl.LazyFrame, suppressions: pl.LazyFrame
) -> pl.LazyFrame:
    holders = _holders(_people(drops, suppressions))
    reachable = holders.join(
        companies.select("company", "has_phone"), on="company", how="inner"
    ).filter(pl.col("has_address") | pl.col("has_phone"))
    earned = [
        pl.when(pl.col(role).any()).then(points).otherwise(0)
        for role, (points, _) in document.ROLES.items()
    ]
    return (
        _without_hashed(reachable, suppressions)
        .group_by("company")
        .agg(people_coverage_score=pl.sum_horizontal(earned))
    )


def _people(drops: Path, suppressions: pl.LazyFrame) -> pl.LazyFrame:
    """People who may be contacted, once in each company: of several records that of least id."""
    email = pl.col("email").str.strip_chars().str.to_lowercase()
    contacts = (
        pl.scan_parquet(drops / "contacts.parquet")
        .with_columns(email=pl.when(email.str.contains(document.EMAIL)).then(email))
        .select(
            COMPANY,
            "source_contact_id",
            "full_name",
            "title",
            "profile_url",
            "email",
            has_address=pl.any_horizontal(
                pl.col("email").is_not_null(), _is_filled("phone"), _is_filled("profile_url")
            ),
            has_asked=(pl.col("is_opted_out") | pl.col("is_do_not_call")).fill_null(False),
        )
    )
    asked = contacts.filter("has_asked")
    emails = suppressions.filter(key_kind="email")
    domains = suppressions.filter(
        pl.col("key_kind") == "domain", pl.col("reason").is_in(document.PEOPLE_TOO)
    )
    host = _domain(pl.col("email").str.split("@").list.get(1))
    allowed = (
        contacts.filter(~pl.col("has_asked"))
        .join(asked, on="email", how="anti")
        .join(asked, on="profile_url", how="anti")
        .join(emails, left_on="email", right_on="key", how="anti")
        .join(domains, left_on=host, right_on="key", how="anti")
    )
    person = pl.coalesce(
        "email", "profile_url", pl.col("full_name").str.to_lowercase(), "source_contact_id"
    )
    return allowed.group_by("company", person.alias("person")).agg(
        pl.all().min_by("source_contact_id")
    )


def _holders(people: pl.LazyFrame) -> pl.LazyFrame:
    """Who holds a role by their title; titles repeat, so each is read once."""
    words = reduce(
        lambda text, pair: text.str.replace_all(*pair, literal=True),
        document.REPLACEMENTS,
        _words(pl.col("title")),
    )
    roles = [
        pl.col("words").str.contains_any(document.title_phrases(titles)).alias(role)
        for role, (_, titles) in document.ROLES.items()
    ]
    is_assistant = pl.col("words").str.contains_any(document.title_phrases(document.ASSISTANTS))
    titles = (
        people.select("title")
        .unique()
        .with_columns(words=words)
        .filter(~is_assistant)
        .select("title", *roles)
        .filter(pl.any_horizontal(*document.ROLES))
    )
    return people.join(titles, on="title")


def _without_hashed(people: pl.LazyFrame, suppressions: pl.LazyFrame) -> pl.LazyFrame:
    """Without those whose address is suppressed as a hash.

    Last of all, since no hash is vectorised: one person's records have one address.
    """
    digest = pl.col("email").map_batches(_digests, pl.String, is_elementwise=True)
    hashed = suppressions.filter(key_kind="email_sha256")
    return people.join(hashed, left_on=digest, right_on="key", how="anti")


def _digests(emails: pl.Series) -> pl.Series:
    known = emails.drop_nulls().unique()
    return emails.replace_strict(
        known, pl.Series(document.digests(known), dtype=pl.String), default=None
    )


# Issue urgency


def _issue_urgency(signals: pl.LazyFrame) -> pl.LazyFrame:
    kinds = (
        pl.concat(_weighed(signals, evidence) for evidence in document.EVIDENCE)
        .group_by("company", "issue", "kind")
        .agg(pl.col("weight").sum())
        .filter(pl.col("weight") > 0)
    )
    heat = pl.col("weight").sum().cast(pl.Float64).clip(upper_bound=1)
    breadth = (pl.len() / pl.col("kinds_needed").first()).clip(upper_bound=1)
    issues = pl.LazyFrame(
        [(issue, points, needed) for issue, (points, needed) in document.ISSUES.items()],
        schema=["issue", "points", "kinds_needed"],
        orient="row",
    )
    return (
        kinds.join(issues, on="issue")
        .group_by("company", "issue")
        .agg(points=_decimal(pl.col("points").first() * (heat * breadth), POINTS))
        .group_by("company")
        .agg(issue_urgency_score=pl.col("points").sum())
    )


def _weighed(signals: pl.LazyFrame, evidence: document.Evidence) -> pl.LazyFrame:
    """Signals that speak for an issue, with their decayed weight."""
    if evidence.topics:
        is_described = pl.col("topic").is_in(evidence.topics)
    else:
        words = _words(pl.concat_str("title", "text", separator=" ", ignore_nulls=True))
        is_described = words.str.contains_any(document.phrases(evidence.words))
    decayed = 0.5 ** (pl.col("age") / evidence.half_life_days)
    weight = evidence.weight * pl.col("strength") * decayed
    return signals.filter(pl.col("kind") == evidence.kind, is_described).select(
        "company",
        issue=pl.lit(evidence.issue),
        kind=pl.lit(evidence.kind),
        weight=_decimal(weight, WEIGHT),
    )


# The list


def _suppressed(
    drops: Path, companies: pl.LazyFrame, suppressions: pl.LazyFrame, week: date
) -> pl.LazyFrame:
    """The first rule by which a company must not be listed."""
    domains = suppressions.filter(key_kind="domain")
    named = companies.join(domains, left_on="domain", right_on="key", validate="1:m").select(
        "company", "reason"
    )
    return (
        pl.concat([named, _dealt(drops, week)])
        .group_by("company")
        .agg(suppression=pl.col("reason").min())
    )


def _dealt(drops: Path, week: date) -> pl.LazyFrame:
    """Companies with a deal that is won, open or lately lost, as of the week."""
    is_open = (pl.col("outcome") == "open") | (pl.col("closed_at") > _monday(week))
    days_ago = (week - pl.col("closed_at").dt.date()).dt.total_days()
    is_lately_lost = (pl.col("outcome") == "lost") & (days_ago <= document.LOST_DAYS)
    reason = (
        pl.when(is_open).then(pl.lit("open_opportunity"))
        .when(outcome="won").then(pl.lit("customer"))
        .when(is_lately_lost).then(pl.lit("recently_lost"))
    )  # fmt: skip
    return (
        pl.scan_parquet(drops / "deals.parquet")
        .filter(pl.col("created_at") <= _monday(week))
        .select(COMPANY, reason.cast(SUPPRESSION).alias("reason"))
        .drop_nulls()
    )


def _alignment() -> pl.Expr:
    """The geometric mean of the legs, each taken as at least 1."""
    logarithms = [pl.col(leg).cast(pl.Float64).clip(1).log() for leg in document.SCORES]
    return _decimal(pl.mean_horizontal(logarithms).exp(), POINTS).alias("alignment_score")


def _ranked(aligned: pl.LazyFrame) -> pl.LazyFrame:
    """Rank and tier of what is listed."""
    in_order = (
        aligned.filter(
            ~pl.col("is_out"),
            pl.col("suppression").is_null(),
            *(pl.col(score) >= least for score, least in document.MINIMUM.items()),
            pl.col("alignment_score") >= document.LOWEST_THRESHOLD,
        )
        .with_columns(
            account_id=pl.col("company").map_batches(_account_ids, pl.String, is_elementwise=True)
        )
        .sort("alignment_score", "account_id", descending=[True, False])
    )
    of_parent = pl.int_range(1, pl.len() + 1).over("top")
    ranked = in_order.filter(of_parent <= document.MOST_PER_PARENT).with_row_index("rank", offset=1)
    return ranked.select("company", "rank", _tier()).drop_nulls()


def _account_ids(companies: pl.Series) -> pl.Series:
    return pl.Series(document.account_ids(companies), dtype=pl.String)


def _tier() -> pl.Expr:
    """Tiers in order: what one can't hold goes to the next."""
    tier, end = pl.lit(None, pl.String), pl.lit(0)
    for name, threshold, capacity in document.TIERS:
        reach = (pl.col("alignment_score") >= threshold).sum()
        filled = pl.max_horizontal(end, pl.min_horizontal(end + capacity, reach))
        tier = pl.coalesce(tier, pl.when(pl.col("rank") <= filled).then(pl.lit(name)))
        end = filled
    return tier.alias("tier")


def _outcome() -> pl.Expr:
    return (
        pl.when(pl.col("suppression").is_not_null()).then(pl.lit("suppressed"))
        .when("is_out").then(pl.lit("qualified_out"))
        .when(pl.col("rank").is_not_null()).then(pl.lit("listed"))
        .otherwise(pl.lit("below_line"))
        .alias("outcome")
    )  # fmt: skip


if __name__ == "__main__":
    measured.main(write_list)
