"""The market in the vendors' own formats: HubSpot's pages, Bombora's CSV, boards' JSON, CSV drops.

`answer(companies, seed, week, url)` is all that the transport needs. What a vendor knows is in
`records.py` and `crm.py`; here it only gets its form. Each vendor is reached by its host:
sandbox://hubspot, drops, bombora, boards, greenhouse, lever, ashby.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

import polars as pl

from ingest.sandbox import crm, records
from ingest.sandbox.draws import Draws
from ingest.sandbox.market import Snapshot, market

JSON, CSV = "application/json; charset=utf-8", "text/csv; charset=utf-8"
PAGE_DEFAULT, PAGE_MOST = 10, 100
_DAY_SECONDS = 86_400
_FIRST_PROPERTIES = {
    "companies": ["name", "domain"],
    "contacts": ["firstname", "lastname", "email"],
    "deals": ["dealname", "amount", "dealstage", "closedate"],
}
_NOT_PROPERTIES = {"company", "id", "created", "updated", "associated"}


@dataclass(frozen=True)
class Answer:
    """What goes over the wire."""

    status: int
    content_type: str
    body: bytes


def answer(companies: int, seed: int, week: date, url: str) -> Answer:
    """The answer to a GET of a sandbox:// address, as of that week; 404 where nothing is."""
    parts = urlsplit(url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    vendors = answers_for(companies, seed, week)
    route = _ROUTES.get(parts.netloc)
    path = unquote(parts.path).strip("/").split("/")
    return (route(vendors, path, given) if route else None) or _not_found(url)


class Answers:
    """Everything that is answered for one snapshot, made when it is first asked for."""

    def __init__(self, draws: Draws, snapshot: Snapshot) -> None:
        self.draws = draws
        self.snapshot = snapshot

    @cached_property
    def directory(self) -> pl.DataFrame:
        """The firmographics vendor's records, with the company that each truly is."""
        return records.firmographics(self.draws, self.snapshot)

    @cached_property
    def crm(self) -> dict[str, pl.DataFrame]:
        """HubSpot's objects by name, in the order of their ids."""
        return {
            "companies": crm.crm_companies(self.draws, self.snapshot),
            "contacts": crm.crm_contacts(self.draws, self.snapshot),
            "deals": crm.crm_deals(self.snapshot),
        }

    @cached_property
    def crm_pages(self) -> dict[tuple[str, str, str], pl.Series]:
        """HubSpot's objects as JSON texts, by what was asked for."""
        return {}

    @cached_property
    def boards(self) -> dict[tuple[str, str], list[str]]:
        """The postings of each board as JSON texts; a board without any has none."""
        empty: dict[tuple[str, str], list[str]] = {
            key: [] for key in self.snapshot.boards.select("kind", "token").iter_rows()
        }
        shown = [_board_postings(self.snapshot.postings, kind) for kind in _POSTING_FORMS]
        grouped = pl.concat(shown).group_by("kind", "token", maintain_order=True).agg("posting")
        return empty | {(kind, token): texts for kind, token, texts in grouped.iter_rows()}

    @cached_property
    def files(self) -> dict[tuple[str, str], Callable[[], pl.DataFrame]]:
        """The CSV files by host and name."""
        draws, snapshot = self.draws, self.snapshot
        return {
            ("drops", "companies.csv"): lambda: self.directory.drop("company"),
            ("drops", "subsidiaries.csv"): lambda: records.subsidiaries(snapshot, self.directory),
            ("drops", "contacts.csv"): lambda: records.contacts(draws, snapshot),
            ("drops", "visits.csv"): lambda: records.visits(snapshot),
            ("drops", "news.csv"): lambda: records.news(draws, snapshot),
            ("drops", "do_not_contact.csv"): lambda: records.do_not_contact(draws, snapshot),
            ("drops", "verdicts.csv"): lambda: records.verdicts(snapshot),
            ("bombora", "company_surge.csv"): lambda: records.surge(draws, snapshot),
            ("boards", "boards.csv"): lambda: records.job_boards(snapshot),
        }


@lru_cache(maxsize=2)
def answers_for(companies: int, seed: int, week: date) -> Answers:
    """The vendors' records of that week, the same object while it is asked again."""
    made = market(companies, seed)
    return Answers(made.draws, made.at(week))


def _file(host: str) -> "_Route":
    def route(vendors: Answers, path: list[str], given: Mapping[str, str]) -> Answer | None:
        frame = vendors.files.get((host, "/".join(path)))
        return Answer(200, CSV, frame().write_csv().encode()) if frame else None

    return route


def _hubspot(vendors: Answers, path: list[str], given: Mapping[str, str]) -> Answer | None:
    if path == ["crm", "v3", "owners"]:
        return _json(_page(_json_rows(crm.crm_owners()), None))
    if path[:3] != ["crm", "v3", "objects"] or len(path) != 4 or path[3] not in crm.OBJECTS:
        return None
    if given.get("archived") == "true":
        return _json(_page([], None))
    name = path[3]
    wanted = name, given.get("properties", ""), given.get("associations", "")
    if wanted not in vendors.crm_pages:
        vendors.crm_pages[wanted] = _objects(vendors.crm[name], *wanted)
    ids = vendors.crm[name]["id"]
    start = int(ids.search_sorted(given["after"], side="right")) if "after" in given else 0
    stop = start + min(int(given.get("limit", PAGE_DEFAULT)), PAGE_MOST)
    after = ids[stop - 1] if stop < ids.len() else None
    return _json(_page(vendors.crm_pages[wanted][start:stop].to_list(), after))


def _objects(frame: pl.DataFrame, name: str, properties: str, associations: str) -> pl.Series:
    """Each object as JSON: the properties that were asked for and exist, as HubSpot does it."""
    asked = [*_FIRST_PROPERTIES[name], *filter(None, properties.split(","))]
    chosen = [column for column in dict.fromkeys(asked) if column in frame.columns]
    own = pl.struct(
        *(column for column in chosen if column not in _NOT_PROPERTIES),
        createdate="created",
        hs_lastmodifieddate="updated",
        hs_object_id="id",
    )
    singular = {"contacts": "contact", "deals": "deal"}.get(name)
    linked = pl.lit("")
    if singular and "companies" in associations.split(","):
        one = ',"associations":{"companies":{"results":[{"id":"{}","type":"%s_to_company"}]}}'
        before, after = (one % singular).split("{}")[0], (one % singular).split("{}")[1]
        linked = pl.when(pl.col("associated").is_not_null()).then(
            pl.concat_str(pl.lit(before), "associated", pl.lit(after))
        ).otherwise(pl.lit(""))  # fmt: skip
    return frame.select(
        pl.concat_str(
            pl.lit('{"id":"'), "id",
            pl.lit('","properties":'), own.struct.json_encode(),
            pl.lit(',"createdAt":"'), "created",
            pl.lit('","updatedAt":"'), "updated",
            pl.lit('","archived":false'), linked, pl.lit("}"),
        )
    ).to_series()  # fmt: skip


def _page(rows: list[str], after: str | None) -> str:
    paging = f',"paging":{{"next":{{"after":"{after}","link":"?after={after}"}}}}' if after else ""
    return '{"results":[' + ",".join(rows) + "]" + paging + "}"


def _greenhouse(vendors: Answers, path: list[str], given: Mapping[str, str]) -> Answer | None:
    if path[:2] != ["v1", "boards"] or len(path) != 4 or path[3] != "jobs":
        return None
    jobs = vendors.boards.get(("greenhouse", path[2]))
    if jobs is None:
        return None
    return _json('{"jobs":[' + ",".join(jobs) + f'],"meta":{{"total":{len(jobs)}}}}}')


def _lever(vendors: Answers, path: list[str], given: Mapping[str, str]) -> Answer | None:
    jobs = vendors.boards.get(("lever", path[-1]))
    if path[:2] != ["v0", "postings"] or len(path) != 3 or jobs is None:
        return None
    skip = int(given.get("skip", 0))
    return _json("[" + ",".join(jobs[skip : skip + int(given.get("limit", len(jobs)))]) + "]")


def _ashby(vendors: Answers, path: list[str], given: Mapping[str, str]) -> Answer | None:
    jobs = vendors.boards.get(("ashby", path[-1]))
    if path[:2] != ["posting-api", "job-board"] or len(path) != 3 or jobs is None:
        return None
    return _json('{"apiVersion":"1","jobs":[' + ",".join(jobs) + "]}")


_Route = Callable[[Answers, list[str], Mapping[str, str]], Answer | None]
_ROUTES: dict[str, _Route] = {
    "hubspot": _hubspot,
    "drops": _file("drops"),
    "bombora": _file("bombora"),
    "boards": _file("boards"),
    "greenhouse": _greenhouse,
    "lever": _lever,
    "ashby": _ashby,
}


def _board_postings(postings: pl.DataFrame, kind: str) -> pl.DataFrame:
    fields = [value.alias(name) for name, value in _POSTING_FORMS[kind].items()]
    form = pl.struct(fields).struct.json_encode().alias("posting")
    return postings.filter(pl.col("kind") == kind).select("kind", "token", form)


def _when(form: str) -> pl.Expr:
    return pl.from_epoch(_posted_seconds()).dt.strftime(form)


def _posted_seconds() -> pl.Expr:
    return (pl.col("day") * _DAY_SECONDS + 30_000).cast(pl.Int64)


def _job_url(host: str) -> pl.Expr:
    return pl.concat_str(pl.lit(f"https://{host}.example/"), "token", pl.lit("/"), "posting")


# Greenhouse escapes the mark-up of its texts once more; nothing else stands between the < and >.
_HTML = "<p>" + pl.col("text").str.replace_all("&", "&amp;", literal=True) + "</p>"
_ESCAPED_HTML = pl.lit("&lt;p&gt;") + pl.col("text") + "&lt;/p&gt;"
_POSTING_FORMS: dict[str, dict[str, pl.Expr]] = {
    "greenhouse": {
        "id": pl.col("posting"),
        "internal_job_id": pl.col("posting") + 1,
        "title": pl.col("title"),
        "updated_at": _when("%Y-%m-%dT%H:%M:%S-00:00"),
        "first_published": _when("%Y-%m-%dT%H:%M:%S-00:00"),
        "requisition_id": pl.col("posting").cast(pl.String),
        "location": pl.struct(name="location"),
        "absolute_url": _job_url("boards.greenhouse"),
        "language": pl.lit("en"),
        "content": _ESCAPED_HTML,
        "departments": pl.concat_list(pl.struct(id=pl.col("company"), name="department")),
    },
    "lever": {
        "id": pl.concat_str(pl.lit("lever-"), "posting"),
        "text": pl.col("title"),
        "categories": pl.struct(
            location="location", team="department", commitment=pl.lit("Full-time")
        ),
        "createdAt": _posted_seconds() * 1000,
        "description": _HTML,
        "descriptionPlain": pl.col("text"),
        "hostedUrl": _job_url("jobs.lever"),
    },
    "ashby": {
        "id": pl.concat_str(pl.lit("ashby-"), "posting"),
        "title": pl.col("title"),
        "department": pl.col("department"),
        "location": pl.col("location"),
        "isListed": pl.lit(True),
        "publishedAt": _when("%Y-%m-%dT%H:%M:%S.000+00:00"),
        "jobUrl": _job_url("jobs.ashbyhq"),
        "descriptionHtml": _HTML,
        "descriptionPlain": pl.col("text"),
    },
}


def _json_rows(frame: pl.DataFrame) -> list[str]:
    return frame.select(pl.struct(pl.all()).struct.json_encode()).to_series().to_list()


def _json(text: str) -> Answer:
    return Answer(200, JSON, text.encode())


def _not_found(url: str) -> Answer:
    where = urlsplit(url)._replace(query="").geturl()
    return Answer(404, JSON, f'{{"status":"error","message":"nothing at {where}"}}'.encode())
