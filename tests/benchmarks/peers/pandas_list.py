"""The ranked list as a user of pandas would make it: whole columns, categoricals, merge, groupby.

    python -m tests.benchmarks.peers.pandas_list FOLDER WEEK OUT

Points are counted in whole parts before they are added up: the sum is exact, in whatever order.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.peers import document, measured

POINTS = 10_000
WEIGHT = 1_000_000_000
SUPPRESSION = pd.CategoricalDtype(document.SUPPRESSIONS, ordered=True)


def write_list(drops: Path, week: date, out: Path) -> None:
    """Write the listed accounts as CSV, and all of them as Parquet."""
    accounts = all_accounts(drops, pd.Timestamp(week, tz="UTC"))
    accounts.to_parquet(out / measured.ACCOUNTS_FILE)
    listed = accounts[accounts["rank"].notna()].sort_values("rank")
    listed[list(document.COLUMNS)].to_csv(
        out / measured.LIST_FILE, index=False, float_format="%.4f"
    )


def all_accounts(drops: Path, monday: pd.Timestamp) -> pd.DataFrame:
    """Every company with its scores, its outcome and, where it is listed, its rank and tier."""
    companies = _companies(drops)
    signals = _signals(drops, monday, companies.index)
    suppressions = _suppressions(drops, monday)
    families = _families(drops)
    scores = list(document.SCORES)
    accounts = companies[["domain"]].assign(
        organisation_fit_score=_organisation_fit(companies, signals, families),
        people_coverage_score=_people_coverage(drops, companies, suppressions),
        issue_urgency_score=_issue_urgency(signals),
        suppression=_suppressed(drops, companies, suppressions, monday),
        is_out=_is_qualified_out(companies),
        top=families["top"],
    )
    accounts[scores] = accounts[scores].fillna(0).clip(0, 100 * POINTS).astype("int64")
    accounts["alignment_score"] = _alignment(accounts[scores] / POINTS)
    accounts = accounts.join(_ranked(accounts))
    accounts["outcome"] = _outcome(accounts)
    accounts[[*scores, "alignment_score"]] /= POINTS
    return accounts.drop(columns=["top", "is_out"])


# What the drops hold


def _companies(drops: Path) -> pd.DataFrame:
    companies = pd.read_parquet(
        drops / "companies.parquet",
        columns=[
            "source_company_id", "domain", "website", "country", "status", "phone", "industry",
            "employees", "erp", "legal_entities", "uses_rival",
        ],
        read_dictionary=["country", "status", "industry", "erp"],
    ).set_index("source_company_id")  # fmt: skip
    domain = companies["domain"].fillna(companies["website"])
    return companies.assign(domain=_domains(domain), has_phone=_is_filled(companies["phone"]))


def _signals(drops: Path, monday: pd.Timestamp, companies: pd.Index) -> pd.DataFrame:
    """What was known on the week's morning, with its age in days."""
    signals = pd.read_parquet(
        drops / "signals.parquet",
        columns=["source_company_id", "kind", "topic", "title", "text", "strength", "occurred_at"],
        filters=[("known_at", "<=", monday)],
        read_dictionary=["source_company_id", "kind", "topic", "title", "text"],
    )
    return signals.assign(
        company=_of(companies, signals["source_company_id"]),
        strength=signals["strength"].fillna(1.0),
        age=_days(signals["occurred_at"], monday).clip(lower=0),
    ).drop(columns=["source_company_id", "occurred_at"])


def _contacts(drops: Path, companies: pd.Index) -> pd.DataFrame:
    contacts = pd.read_parquet(
        drops / "contacts.parquet",
        columns=[
            "source_contact_id", "source_company_id", "full_name", "title", "email", "phone",
            "profile_url", "is_opted_out", "is_do_not_call",
        ],
        read_dictionary=["source_company_id", "title"],
    )  # fmt: skip
    spelled = contacts["email"].str.strip().str.lower()
    email = spelled.where(spelled.str.contains(document.EMAIL, na=False))
    phone, profile = _is_filled(contacts["phone"]), _is_filled(contacts["profile_url"])
    return contacts.assign(
        company=_of(companies, contacts["source_company_id"]),
        email=email,
        has_address=email.notna() | phone | profile,
        has_asked=contacts[["is_opted_out", "is_do_not_call"]].eq(True).any(axis=1),
    )


def _suppressions(drops: Path, monday: pd.Timestamp) -> pd.DataFrame:
    """Those in force, with keys spelled as the columns that they are compared with."""
    suppressions = pd.read_parquet(drops / "suppressions.parquet")
    until = pd.to_datetime(suppressions["until_date"], utc=True)
    in_force = suppressions[until.isna() | (until >= monday)]
    key, is_domain = in_force["key"].str.strip().str.lower(), in_force["key_kind"] == "domain"
    return in_force.assign(
        key=key.mask(is_domain, _domains(key[is_domain])),
        reason=in_force["reason"].astype(SUPPRESSION),
    )


def _families(drops: Path) -> pd.DataFrame:
    """The parent and the top of the family of each company that has a parent."""
    relationships = pd.read_parquet(
        drops / "company_relationships.parquet",
        columns=["child_source_company_id", "parent_source_company_id"],
    ).set_index("child_source_company_id")
    parent = top = relationships["parent_source_company_id"]
    for _ in range(document.DOUBLINGS):
        top = top.map(top).fillna(top)
    return pd.DataFrame({"parent": parent, "top": top})


def _of(companies: pd.Index, ids: pd.Series) -> pd.Series:
    """Keys of companies as one categorical, so that all tables group by the same ones."""
    return ids.astype(pd.CategoricalDtype(companies))


def _days(times: pd.Series, monday: pd.Timestamp) -> pd.Series:
    return (monday - times.dt.floor("D")).dt.days


def _is_filled(texts: pd.Series) -> pd.Series:
    return texts.str.strip().fillna("") != ""


def _domains(addresses: pd.Series) -> pd.Series:
    """Domains in lower-case punycode."""
    domains = addresses.str.lower()
    is_foreign = domains.str.contains(document.FOREIGN, na=False)
    domains[is_foreign] = document.punycode(domains[is_foreign])
    return domains


def _words(texts: pd.Series) -> pd.Series:
    """Text as padded words, in which a phrase is found as a whole."""
    bare = texts.str.lower().str.replace(document.NO_WORD, " ", regex=True).str.strip()
    return " " + bare + " "


def _mention(words: pd.Series, phrases: Iterable[str]) -> pd.Series:
    return words.str.contains("|".join(phrases))


# Organisation fit


def _organisation_fit(
    companies: pd.DataFrame, signals: pd.DataFrame, families: pd.DataFrame
) -> pd.Series:
    employees, industry = companies["employees"], companies["industry"]
    near = 1 - (employees - document.EMPLOYEES_CENTRE).abs() / document.EMPLOYEES_HALF_WIDTH
    is_recent = signals["age"] < document.RECENT_DAYS
    makes_things = _mention(_words(_texts_of(industry)), document.phrases(document.INDUSTRY_WORDS))
    grades = {
        "mid_size": employees.between(*document.EMPLOYEES_MID_SIZE),
        "sweet_spot": near.clip(lower=0),
        "makes_things": industry.map(makes_things),
        "several_entities": companies["legal_entities"] >= document.LEAST_LEGAL_ENTITIES,
        "runs_a_group": families.groupby("parent").size() >= 1,
        "ledger_we_connect_to": companies["erp"].str.lower().isin(document.LEDGERS),
        "researches": _topics(signals[is_recent]) >= document.LEAST_TOPICS,
        "visits_us": _counts(signals[is_recent & (signals["kind"] == "web_visit")]) >= 1,
        "just_funded": _freshness(signals[signals["kind"] == "funding"]),
        "rival_in_place": companies["uses_rival"],
    }
    earned = pd.DataFrame(grades, index=companies.index).astype("float64").fillna(0.0)
    return _rounded(earned * document.POINTS, POINTS).sum(axis=1)


def _topics(signals: pd.DataFrame) -> pd.Series:
    """How many distinct topics each company researched."""
    is_research = signals["kind"].isin(document.RESEARCH_KINDS) & signals["topic"].notna()
    return _counts(signals[is_research].drop_duplicates(["company", "topic"]))


def _counts(signals: pd.DataFrame) -> pd.Series:
    return signals.groupby("company", observed=False).size()


def _freshness(fundings: pd.DataFrame) -> pd.Series:
    """How new the last round of funding is: 1 today, half of it after each half-life."""
    age = fundings.groupby("company", observed=False)["age"].min()
    return 0.5 ** (age[age <= document.FUNDING_DAYS] / document.FUNDING_HALF_LIFE_DAYS)


def _texts_of(texts: pd.Series) -> pd.Series:
    """Each text of a categorical once, by itself."""
    return texts.cat.categories.to_series()


def _is_qualified_out(companies: pd.DataFrame) -> pd.Series:
    country = companies["country"]
    is_served = country.isna() | country.isin(document.COUNTRIES_SERVED)
    return ~is_served | (companies["status"].str.lower() == "dissolved")


def _rounded(numbers: pd.DataFrame | pd.Series, parts: int) -> pd.DataFrame | pd.Series:
    """Numbers in whole parts, halves away from zero."""
    scaled = numbers * parts
    return np.trunc(scaled + np.copysign(0.5, scaled)).astype("int64")


# People coverage


def _people_coverage(drops: Path, companies: pd.DataFrame, suppressions: pd.DataFrame) -> pd.Series:
    holders = _holders(_people(_contacts(drops, companies.index), suppressions))
    can_be_rung = holders["company"].map(companies["has_phone"]).astype(bool)
    reachable = _without_hashed(holders[holders["has_address"] | can_be_rung], suppressions)
    held = reachable.groupby("company", observed=False)[list(document.ROLES)].any()
    points = {role: points * POINTS for role, (points, _) in document.ROLES.items()}
    return held @ pd.Series(points)


def _people(contacts: pd.DataFrame, suppressions: pd.DataFrame) -> pd.DataFrame:
    """People who may be contacted, once in each company: of several records that of least id."""
    asked, others = contacts[contacts["has_asked"]], contacts[~contacts["has_asked"]]
    silent = suppressions[suppressions["reason"].isin(document.PEOPLE_TOO)]
    hosts = _domains(others["email"].str.replace(r"^.*@", "", regex=True))
    allowed = others[
        ~others["email"].isin(asked["email"].dropna())
        & ~others["profile_url"].isin(asked["profile_url"].dropna())
        & ~others["email"].isin(_keys(suppressions, "email"))
        & ~hosts.isin(_keys(silent, "domain"))
    ]
    person = (
        allowed["email"].fillna(allowed["profile_url"]).fillna(allowed["full_name"].str.lower())
    )
    return (
        allowed.assign(person=person.fillna(allowed["source_contact_id"]))
        .sort_values("source_contact_id")
        .drop_duplicates(["company", "person"])
    )


def _holders(people: pd.DataFrame) -> pd.DataFrame:
    """Who holds a role by their title; titles repeat, so each is read once."""
    words = _words(_texts_of(people["title"]))
    for short, long in document.REPLACEMENTS:
        words = words.str.replace(short, long, regex=False)
    others = words[~_mention(words, document.title_phrases(document.ASSISTANTS))]
    roles = pd.DataFrame(
        {
            role: _mention(others, document.title_phrases(titles))
            for role, (_, titles) in document.ROLES.items()
        }
    )
    titles = roles[roles.any(axis=1)]
    return people[people["title"].isin(titles.index)].join(titles, on="title")


def _without_hashed(people: pd.DataFrame, suppressions: pd.DataFrame) -> pd.DataFrame:
    """Without those whose address is suppressed as a hash.

    Last of all, since no hash is vectorised: one person's records have one address.
    """
    emails = people["email"].dropna()
    digests = pd.Series(document.digests(emails), index=emails.index)
    return people.drop(digests.index[digests.isin(_keys(suppressions, "email_sha256"))])


def _keys(suppressions: pd.DataFrame, kind: str) -> pd.Series:
    return suppressions.loc[suppressions["key_kind"] == kind, "key"]


# Issue urgency


def _issue_urgency(signals: pd.DataFrame) -> pd.Series:
    points = {issue: _issue_points(signals, issue) for issue in document.ISSUES}
    return pd.DataFrame(points).sum(axis=1)


def _issue_points(signals: pd.DataFrame, issue: str) -> pd.Series:
    points, kinds_needed = document.ISSUES[issue]
    evidence = [evidence for evidence in document.EVIDENCE if evidence.issue == issue]
    weights = pd.DataFrame({each.kind: _weight(signals, each) for each in evidence})
    heat = (weights.sum(axis=1) / WEIGHT).clip(upper=1)
    breadth = ((weights > 0).sum(axis=1) / kinds_needed).clip(upper=1)
    return _rounded(points * (heat * breadth), POINTS)


def _weight(signals: pd.DataFrame, evidence: document.Evidence) -> pd.Series:
    """The decayed weight of the signals that speak for an issue, by company."""
    is_of_kind = signals["kind"] == evidence.kind
    if evidence.topics:
        speaking = signals[is_of_kind & signals["topic"].isin(evidence.topics)]
    else:
        speaking = _saying(signals[is_of_kind], evidence.words)
    decayed = 0.5 ** (speaking["age"] / evidence.half_life_days)
    weight = _rounded(evidence.weight * speaking["strength"] * decayed, WEIGHT)
    return weight.groupby(speaking["company"], observed=False).sum()


def _saying(signals: pd.DataFrame, wanted: Iterable[str]) -> pd.DataFrame:
    """Signals whose title and text say one of these; they repeat, so each pair is read once."""
    wordings = signals[["title", "text"]].drop_duplicates()
    title, text = (wordings[name].astype("str").fillna("") for name in wordings)
    says = _mention(_words(title + " " + text), document.phrases(wanted))
    return signals.merge(wordings[says], on=["title", "text"])


# The list


def _suppressed(
    drops: Path, companies: pd.DataFrame, suppressions: pd.DataFrame, monday: pd.Timestamp
) -> pd.Series:
    """The first rule by which a company must not be listed."""
    domains = suppressions[suppressions["key_kind"] == "domain"]
    named = (
        companies["domain"]
        .reset_index()
        .merge(domains, left_on="domain", right_on="key", validate="one_to_many")
    )
    found = pd.concat([named, _dealt(drops, monday)])
    return found.groupby("source_company_id")["reason"].min()


def _dealt(drops: Path, monday: pd.Timestamp) -> pd.DataFrame:
    """Companies with a deal that is won, open or lately lost, as of the week."""
    deals = pd.read_parquet(
        drops / "deals.parquet",
        columns=["source_company_id", "outcome", "created_at", "closed_at"],
        filters=[("created_at", "<=", monday)],
    )
    outcome, closed = deals["outcome"], deals["closed_at"]
    reason = np.select(
        [
            (outcome == "open") | (closed > monday),
            outcome == "won",
            (outcome == "lost") & (_days(closed, monday) <= document.LOST_DAYS),
        ],
        ["open_opportunity", "customer", "recently_lost"],
        default=None,
    )
    return deals.assign(reason=pd.Series(reason).astype(SUPPRESSION)).dropna(subset="reason")


def _alignment(scores: pd.DataFrame) -> pd.Series:
    """The geometric mean of the legs, each taken as at least 1."""
    return _rounded(np.exp(np.log(scores.clip(lower=1)).mean(axis=1)), POINTS)


def _ranked(accounts: pd.DataFrame) -> pd.DataFrame:
    """Rank and tier of what is listed."""
    alignment = accounts["alignment_score"]
    reaches = (accounts[list(document.SCORES)] >= pd.Series(document.MINIMUM) * POINTS).all(axis=1)
    eligible = accounts[
        ~accounts["is_out"]
        & accounts["suppression"].isna()
        & reaches
        & (alignment >= document.LOWEST_THRESHOLD * POINTS)
    ]
    in_order = eligible.assign(
        account_id=document.account_ids(eligible.index),
        top=eligible["top"].fillna(eligible.index.to_series()),
    ).sort_values(["alignment_score", "account_id"], ascending=[False, True])
    kept = in_order[in_order.groupby("top").cumcount() < document.MOST_PER_PARENT]
    ranked = kept.assign(rank=np.arange(1, len(kept) + 1), tier=_tiers(kept["alignment_score"]))
    return ranked[["rank", "tier"]].dropna().convert_dtypes()


def _tiers(alignment: pd.Series) -> pd.Series:
    """Tiers in order: what one can't hold goes to the next."""
    tiers, end = pd.Series(None, alignment.index, dtype="str"), 0
    for name, threshold, capacity in document.TIERS:
        reach = (alignment >= threshold * POINTS).sum()
        filled = max(end, min(end + capacity, reach))
        tiers.iloc[end:filled] = name
        end = filled
    return tiers


def _outcome(accounts: pd.DataFrame) -> np.ndarray:
    return np.select(
        [accounts["suppression"].notna(), accounts["is_out"], accounts["rank"].notna()],
        ["suppressed", "qualified_out", "listed"],
        default="below_line",
    )


if __name__ == "__main__":
    measured.main(write_list)
