"""The market is served in the vendors' own formats over sandbox://, through requests."""

import json
from datetime import date
from io import BytesIO

import polars as pl
import pytest
import requests

from ingest.sandbox.answers import answers_for
from ingest.sandbox.transport import SandboxAdapter

SIZE, SEED, WEEK = 600, 7, date(2026, 11, 23)
HUBSPOT = "sandbox://hubspot/crm/v3/objects"


@pytest.fixture(scope="module")
def session():
    """A session whose sandbox:// addresses are answered by the market."""
    with requests.Session() as made:
        made.mount("sandbox://", SandboxAdapter(SIZE, SEED, WEEK))
        yield made


def table(session, address):
    """A CSV answer, every column as text."""
    answer = session.get(f"sandbox://{address}", stream=True)
    body = b"".join(answer.iter_content(4096))
    assert answer.headers["content-type"].startswith("text/csv")
    return pl.read_csv(BytesIO(body), infer_schema=False)


def objects(session, name, query="", limit=100):
    """All objects by following the cursor."""
    found, after = [], ""
    while after is not None:
        cursor = f"&after={after}" if after else ""
        page = session.get(f"{HUBSPOT}/{name}?limit={limit}{query}{cursor}").json()
        assert len(page["results"]) <= 100
        found += page["results"]
        after = page.get("paging", {}).get("next", {}).get("after")
    return found


@pytest.mark.parametrize("name", ["companies", "contacts", "deals"])
@pytest.mark.parametrize("limit", [7, 100, 1000])
def test_the_cursor_leads_through_every_object_once(session, name, limit):
    """Whatever the page size, pages hold each object exactly once, and end."""
    ids = [entry["id"] for entry in objects(session, name, limit=limit)]

    assert ids == answers_for(SIZE, SEED, WEEK).crm[name]["id"].to_list()
    assert len(set(ids)) == len(ids)


def test_a_page_has_ten_objects_unless_asked_for_more(session):
    """HubSpot's own default."""
    assert len(session.get(f"{HUBSPOT}/companies").json()["results"]) == 10


@pytest.mark.parametrize("name", ["companies", "contacts", "deals"])
def test_nothing_is_archived(session, name: str):
    """HubSpot lists archived records apart from the others."""
    assert session.get(f"{HUBSPOT}/{name}?archived=true").json() == {"results": []}


def test_only_properties_that_were_asked_for_come_and_unknown_ones_are_ignored(session):
    """As HubSpot does it: text or null, and the three that every object has."""
    one = objects(session, "companies", "&properties=numberofemployees,nonsense")[0]

    assert set(one["properties"]) == {
        "name",
        "domain",
        "numberofemployees",
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
    }
    assert all(value is None or type(value) is str for value in one["properties"].values())


def test_associations_come_when_asked_for_and_lead_to_a_company(session):
    """Deals name their company by id; without asking there is no such part."""
    companies = {entry["id"] for entry in objects(session, "companies")}
    deals = objects(session, "deals", "&associations=companies")

    linked = {deal["associations"]["companies"]["results"][0]["id"] for deal in deals}
    assert linked <= companies
    assert "associations" not in objects(session, "deals")[0]


def test_owners_of_the_crm_are_those_of_its_records(session):
    """Every owner id of a company is that of an owner."""
    owners = session.get("sandbox://hubspot/crm/v3/owners").json()["results"]
    named = objects(session, "companies", "&properties=hubspot_owner_id")

    assert {entry["properties"]["hubspot_owner_id"] for entry in named} <= {
        owner["id"] for owner in owners
    }


def test_the_directory_spells_things_in_many_ways(session):
    """Bands and numbers, money in millions, web addresses and countries of all kinds, gaps."""
    rows = table(session, "drops/companies.csv")

    assert rows["Headcount"].str.contains("employees").any()
    assert rows["Headcount"].str.contains(r"^\d{1,2},\d{3}$").any()
    assert rows["Revenue"].drop_nulls().str.contains(r"^[\d.]+ MM$").all()
    assert rows["Website"].str.contains("^HTTP://[A-Z0-9-]+-FICTIVE").any()
    assert {"USA", "United States"} <= set(rows["Country"])
    assert 0.2 < rows["Revenue"].null_count() / rows.height < 0.4
    assert rows["Company ID"].n_unique() == rows.height


def test_subsidiaries_hold_a_ring_and_a_parent_of_itself(session):
    """The mistakes that such lists have."""
    rows = table(session, "drops/subsidiaries.csv")
    pairs = set(rows.select("Child ID", "Parent ID").iter_rows())

    assert any(child == parent for child, parent in pairs)
    assert any(child != parent and (parent, child) in pairs for child, parent in pairs)


def test_contacts_hold_objections_free_mail_and_unusable_addresses(session):
    """People as vendors know them."""
    rows = table(session, "drops/contacts.csv")

    assert {"Y", "N"} == set(rows["Opted Out"]) == set(rows["Do Not Call"])
    assert rows["Work Email"].str.contains("@gmail.com$").any()
    assert (rows["Work Email"] == "n/a").any()
    assert rows["Work Email"].null_count() > 0


def test_who_must_be_left_alone_is_told_by_domain_address_and_hash(session):
    """All three kinds of key, and competitors and partners beside objections."""
    rows = table(session, "drops/do_not_contact.csv")
    hashed = rows.filter(pl.col("Type") == "email_sha256")["Key"]

    assert set(rows["Type"]) == {"domain", "email", "email_sha256"}
    assert {"competitor", "do_not_contact"} <= set(rows["Reason"])
    assert hashed.str.contains("^[0-9a-f]{64}$").all()


def test_sales_answers_by_domain_with_a_reason_against(session):
    """Taken on, or qualified out with a reason, some of it until a day; given before the week."""
    rows = table(session, "drops/verdicts.csv")
    refused = rows.filter(pl.col("Answer") == "Qualified out")

    assert set(rows["Answer"]) == {"Accepted", "Qualified out"}
    assert rows["Domain"].str.contains("-fictive").all()
    assert rows["Given On"].str.to_date("%Y-%m-%d").max() < WEEK
    assert refused["Reason"].null_count() == 0
    assert 0 < refused["Until"].null_count() < refused.height


def test_the_surge_file_has_scores_around_the_threshold_once_per_domain_topic_and_day(session):
    """Rows below 60 are there for the connector to leave out."""
    rows = table(session, "bombora/company_surge.csv")
    scores = rows["Composite Score"].cast(pl.Int64)

    assert scores.is_between(0, 100).all()
    assert (scores < 60).any()
    assert not rows.select("Domain", "Topic", "Date").is_duplicated().any()


def test_every_listed_board_answers_in_its_format_or_is_gone(session):
    """Greenhouse, Lever and Ashby as on the wire; some boards of the list answer 404."""
    addresses = {
        "greenhouse": "sandbox://greenhouse/v1/boards/{}/jobs?content=true",
        "lever": "sandbox://lever/v0/postings/{}?mode=json",
        "ashby": "sandbox://ashby/posting-api/job-board/{}?includeCompensation=true",
    }
    titles = {"greenhouse": "title", "lever": "text", "ashby": "title"}
    statuses, found = set(), {}
    for kind, token in table(session, "boards/boards.csv").select("ats", "token").iter_rows():
        answer = session.get(addresses[kind].format(token))
        statuses.add(answer.status_code)
        if answer.ok:
            jobs = answer.json() if kind == "lever" else answer.json()["jobs"]
            found[kind, token] = sorted(job[titles[kind]] for job in jobs)

    open_positions = answers_for(SIZE, SEED, WEEK).snapshot.postings
    assert statuses == {200, 404}
    for (kind, token), titled in open_positions.group_by("kind", "token"):
        assert found.get((kind, token), sorted(titled["title"])) == sorted(titled["title"])
    assert sum(map(len, found.values())) > 0.9 * open_positions.height


@pytest.mark.parametrize(
    "address",
    [
        "drops/nothing.csv",
        "nobody/at/all",
        "hubspot/crm/v3/objects/quotes",
        "greenhouse/v1/boards/none/jobs",
        "lever/v0/postings",
        "ashby/posting-api/job-board/",
    ],
)
def test_what_is_not_there_answers_404_as_json(session, address):
    """Never an exception, never a page of HTML."""
    answer = session.get(f"sandbox://{address}")

    assert answer.status_code == 404
    assert json.loads(answer.content)["status"] == "error"


def test_hostile_names_reach_the_wire_unharmed(session):
    """What CSV and JSON escape comes back as it was."""
    known = set(answers_for(SIZE, SEED, WEEK).snapshot.companies["legal_name"])
    served = table(session, "drops/companies.csv")["Company Name"]
    hostile = served.filter(served.str.contains("\n|HYPERLINK|<script>|\U0001f680"))

    assert hostile.len() >= 3
    assert served.is_in(list(known)).mean() > 0.8
