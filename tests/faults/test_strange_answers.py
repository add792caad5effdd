"""Whatever a vendor answers in place of what it answers usually, nobody sees a traceback.

Each part of an answer is put aside in turn for something of another kind: what can be used lands,
what can't is set aside or refused with a reason. The answers are made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.errors import SourceError
from tests.support.sources import fetched
from tests.unit.sources import test_gleif, test_sec_edgar

LEI = test_gleif.lei(1)
RECORDS = test_gleif.RECORDS
SUBMISSIONS = f"/submissions/CIK{test_sec_edgar.CIK}.json"
CRM = "/crm/v3/objects/"
BOARDS = "connector: job_boards\ngreenhouse_url: $URL\nlever_url: $URL\nashby_url: $URL\nboards: "
UPDATED = "2026-10-01T06:30:00.000Z"
COMPANY = {"name": "Acme", "numberofemployees": "5", "hs_merged_object_ids": "7;8"}


def crm_object(key: str, link: str, **properties: str) -> dict[str, Any]:
    """An object of HubSpot's with its company."""
    linked = {"companies": {"results": [{"id": "1", "type": link}]}}
    given = {"id": key, "properties": properties, "associations": linked}
    return given | {"updatedAt": UPDATED, "archived": False}


ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "greenhouse": (
        f"{BOARDS}[{{ats: greenhouse, token: a, domain: a.de}}]",
        {
            "/v1/boards/a/jobs": {
                "jobs": [
                    {
                        "id": 7,
                        "internal_job_id": 1,
                        "title": "Controller",
                        "first_published": UPDATED,
                        "absolute_url": "https://boards.example/7",
                        "location": {"name": "Berlin"},
                        "content": "&lt;p&gt;Close&lt;/p&gt;",
                    }
                ]
            }
        },
    ),
    "lever": (
        f"{BOARDS}[{{ats: lever, token: a, domain: a.de}}]",
        {
            "/v0/postings/a": [
                {
                    "id": "b",
                    "text": "Controller",
                    "createdAt": 1_790_836_200_000,
                    "categories": {"location": "Berlin", "allLocations": ["Berlin"]},
                    "description": "<p>Close</p>",
                    "lists": [{"text": "Tasks", "content": "<li>close</li>"}],
                }
            ]
        },
    ),
    "ashby": (
        f"{BOARDS}[{{ats: ashby, token: a, domain: a.de}}]",
        {
            "/posting-api/job-board/a": {
                "jobs": [
                    {
                        "id": "x",
                        "title": "Controller",
                        "publishedAt": UPDATED,
                        "isListed": True,
                        "secondaryLocations": [{"location": "Paris"}],
                        "descriptionHtml": "<p>Close</p>",
                    }
                ]
            }
        },
    ),
    "edgar": (
        "connector: sec_edgar\nuser_agent: Acme a@b.com\nsec_url: $URL\ndata_url: $URL\n"
        f"ciks: [{test_sec_edgar.CIK}]",
        {
            SUBMISSIONS: test_sec_edgar.entity(
                test_sec_edgar.CIK,
                test_sec_edgar.SIGNED,
                formerNames=[{"name": "Old", "to": "2021-01-01T00:00:00.000Z"}],
            )
        },
    ),
    "gleif": (
        "connector: gleif\nbase_url: $URL",
        {
            RECORDS: {
                "meta": {"pagination": {"total": 1}},
                "links": {},
                "data": [
                    test_gleif.linked(
                        test_gleif.record(1),
                        direct_parent="relationship-record",
                        ultimate_parent="reporting-exception",
                    )
                ],
            },
            f"{RECORDS}/{LEI}/direct-parent-relationship": {
                "data": test_gleif.relationship(1, 3, "IS_DIRECTLY_CONSOLIDATED_BY")
            },
            f"{RECORDS}/{LEI}/ultimate-parent-reporting-exception": {
                "data": {"attributes": {"reason": "NON_PUBLIC"}}
            },
        },
    ),
    "hubspot": (
        "connector: hubspot\nbase_url: $URL",
        {
            f"{CRM}companies": {
                "results": [crm_object("1", "", **COMPANY)],
                "paging": {"next": {}},
            },
            f"{CRM}contacts": {"results": [crm_object("2", "contact_to_company", email="a@b.de")]},
            f"{CRM}deals": {"results": [crm_object("3", "deal_to_company", amount="5")]},
            "/crm/v3/owners": {"results": [{"id": "4", "email": "o@b.de"}]},
        },
    ),
}


def spoilt(answer: Any) -> Iterator[tuple[str, Any]]:
    """The answer with something of another kind in place of each of its parts, and where."""
    yield "all of it", 5
    for path in paths(answer):
        made = deepcopy(answer)
        place = made
        for step in path[:-1]:
            place = place[step]
        was = place[path[-1]]
        place[path[-1]] = 5 if isinstance(was, dict | list) else [{}]
        yield ".".join(map(str, path)), made


def paths(answer: Any) -> Iterator[tuple[Any, ...]]:
    """Where the parts of an answer are; of a list the first stands for all."""
    parts = answer.items() if isinstance(answer, dict) else list(enumerate(answer))[:1]
    for step, part in parts:
        yield (step,)
        if isinstance(part, dict | list):
            yield from ((step, *further) for further in paths(part))


SPOILT = [
    pytest.param(name, address, id=f"{name}-{address.rpartition('/')[2]}")
    for name, (_, answers) in ANSWERS.items()
    for address in answers
]


@pytest.mark.parametrize(("name", "address"), SPOILT)
def test_a_strange_answer_lands_or_is_refused(
    httpserver: HTTPServer, tmp_path: Path, name: str, address: str
) -> None:
    """One clear line, whatever part of it is of another kind."""
    source, answers = ANSWERS[name]
    given = dict(answers)

    def answer(request: Request) -> Response:
        known = request.path in given
        body = json.dumps(given[request.path]) if known else "{}"
        return Response(body, 200 if known else 404, content_type="application/json")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    entry = source.replace("$URL", httpserver.url_for("").rstrip("/"))

    crashes = {}
    for number, (part, strange) in enumerate(spoilt(answers[address])):
        given[address] = strange
        try:
            fetched(tmp_path / str(number), entry)
        except SourceError:
            continue
        except Exception as error:
            crashes[part] = repr(error)

    assert crashes == {}
