"""A made-up Salesforce org over real sockets: tokens, and query jobs of the Bulk API 2.0."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

TOKEN = "made-up-token"
JOBS = "/services/data/v62.0/jobs/query"
QUERY = re.compile(r"SELECT (?P<fields>.+?) FROM (?P<name>\w+)(?: WHERE (?P<where>.*))?$")
SINCE = re.compile(r"SystemModstamp >= (\S+?Z)")
NOT_QUERYABLE = "sObject type '{}' is not supported."
NO_COLUMN = (
    "\nSELECT Id, {0} FROM {1}\n           ^\nERROR at Row:1:Column:12\n"
    "No such column '{0}' on entity '{1}'. If you are attempting to use a custom field, be sure to "
    "append the '__c' after the custom field name."
)
GONE = ("IsDeleted", "MasterRecordId")


@dataclass
class MadeUpOrg:
    """Records by object; a field that no record of an object has is one that the org lacks.

    states: what a job tells, one after the other, before its state is JobComplete. fails_late:
    queries are judged when the job runs, not when it is made. expires: the requests, counted from
    1, at which the token of the moment is no good any more.
    """

    objects: dict[str, list[dict[str, str]]]
    states: tuple[str, ...] = ()
    error: str = ""
    fails_late: bool = False
    token: str = TOKEN
    tokens: list[str] = field(default_factory=list)
    expires: tuple[int, ...] = ()
    asked: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def serve(self, server: HTTPServer) -> str:
        """Answer on the server from now on; gives the address of the org."""
        server.expect_request("/services/oauth2/token", method="POST").respond_with_handler(
            self._token
        )
        server.expect_request(re.compile(JOBS + ".*")).respond_with_handler(self._answer)
        return server.url_for("").rstrip("/")

    def _token(self, request: Request) -> Response:
        if request.form["client_secret"] != "made-up-secret":
            return _json({"error": "invalid_client", "error_description": "made up"}, 400)
        assert request.form["grant_type"] == "client_credentials"
        self.token = f"token-{len(self.tokens) + 1}"
        self.tokens.append(self.token)
        return _json({"access_token": self.token, "instance_url": "https://elsewhere.example"})

    def _answer(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.full_path}")
        if len(self.asked) in self.expires:
            self.token = "expired"
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _json([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}], 401)
        if request.method == "POST":
            return self._create(request.get_json())
        key = request.path.removeprefix(JOBS + "/").split("/")[0]
        if request.path.endswith("/results"):
            return self._results(request, self.jobs[key])
        return _json(self._told(self.jobs[key]))

    def _create(self, asked: dict[str, str]) -> Response:
        self.queries.append(asked["query"])
        trouble = self._trouble(asked["query"])
        if trouble and not self.fails_late:
            return _json([{"errorCode": trouble[0], "message": trouble[1]}], 400)
        key = f"750MADEUP{len(self.jobs):06}"
        rows = [] if trouble else self._rows(asked)
        states = ["Failed"] if trouble else [*self.states, "JobComplete"]
        error = f"{trouble[0]}: {trouble[1]}" if trouble else self.error
        self.jobs[key] = {"id": key, "rows": rows, "states": states, "error": error} | asked
        job = {"id": key, "operation": asked["operation"], "state": "UploadComplete"}
        return _json(job | {"contentType": "CSV", "apiVersion": 62.0, "columnDelimiter": "COMMA"})

    def _told(self, job: dict[str, Any]) -> dict[str, Any]:
        states = job["states"]
        state = states.pop(0) if len(states) > 1 else states[0]
        told = {"id": job["id"], "operation": job["operation"], "state": state}
        if state == "JobComplete":
            told["numberRecordsProcessed"] = len(job["rows"])
        return told | ({"errorMessage": job["error"]} if job["error"] else {})

    def _trouble(self, query: str) -> tuple[str, str] | None:
        parts = QUERY.match(query)
        assert parts, query
        name = parts["name"]
        if name not in self.objects:
            return "INVALID_TYPE", NOT_QUERYABLE.format(name)
        known = {one for record in self.objects[name] for one in record} | {"Id"}
        for one in parts["fields"].split(", "):
            if self.objects[name] and one not in known:
                return "INVALID_FIELD", NO_COLUMN.format(one, name)
        return None

    def _rows(self, asked: dict[str, str]) -> list[dict[str, str]]:
        parts = QUERY.match(asked["query"])
        assert parts
        names = parts["fields"].split(", ")
        found = self.objects[parts["name"]]
        if asked["operation"] == "query":
            found = [each for each in found if each.get("IsDeleted") != "true"]
        since = SINCE.search(parts["where"] or "")
        if since:
            recent = {
                each["Id"]
                for each in self.objects[
                    "Opportunity" if "IN (SELECT" in parts["where"] else parts["name"]
                ]
                if datetime.fromisoformat(each["SystemModstamp"])
                >= datetime.fromisoformat(since[1])
            }
            found = [each for each in found if each.get("OpportunityId", each["Id"]) in recent]
        return [{one: each.get(one, "") for one in names} for each in found]

    def _results(self, request: Request, job: dict[str, Any]) -> Response:
        start = int(request.args.get("locator", "0"), 36)
        stop = start + int(request.args["maxRecords"])
        parts = QUERY.match(job["query"])
        assert parts
        text = io.StringIO()
        writer = csv.DictWriter(
            text, parts["fields"].split(", "), quoting=csv.QUOTE_ALL, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(job["rows"][start:stop])
        more = _base36(stop) if stop < len(job["rows"]) else "null"
        headers = {"Sforce-Locator": more, "Sforce-NumberOfRecords": str(stop - start)}
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(text.getvalue().encode())
        return Response(body, headers=headers, content_type="text/csv")


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"


def _json(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, content_type="application/json")
