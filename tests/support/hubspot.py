"""A made-up HubSpot over real sockets: lists, searches and associations as the API answers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

TOKEN = "made-up-token"
UPDATED = "2026-10-01T06:30:00.000Z"
SEARCH_MOST = 10_000
CHANGED = {"contacts": "lastmodifieddate"}


def record(
    key: str, *companies: str | tuple[str, str], updated: str = UPDATED, **properties: str | None
) -> dict[str, Any]:
    """An object as HubSpot gives it; a company is its id, or its id and the association's type."""
    results = [
        {"id": each, "type": "contact_to_company_unlabeled"}
        if isinstance(each, str)
        else {"id": each[0], "type": each[1]}
        for each in companies
    ]
    given = {"id": key, "properties": properties, "updatedAt": updated, "archived": False}
    return given | ({"associations": {"companies": {"results": results}}} if results else {})


@dataclass
class MadeUpHubSpot:
    """Objects by kind, those that are archived beside them; `page` is the most of a list's page.

    expires: the requests, counted from 1, at which the token of the moment is no good any more.
    """

    objects: dict[str, list[dict[str, Any]]]
    archived: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    owners: list[dict[str, Any]] = field(default_factory=list)
    page: int = 100
    token: str = TOKEN
    expires: tuple[int, ...] = ()
    asked: list[str] = field(default_factory=list)

    def serve(self, server: HTTPServer) -> str:
        """Answer on the server from now on; gives the base address."""
        for kind in ("companies", "contacts", "deals"):
            path = f"/crm/v3/objects/{kind}"
            linked = f"/crm/v3/associations/{kind}/companies/batch/read"
            self._at(server, path, partial(self._list, kind))
            self._at(server, f"{path}/search", partial(self._search, kind))
            self._at(server, linked, partial(self._associations, kind))
        self._at(server, "/crm/v3/owners", lambda _: {"results": self.owners})
        return server.url_for("").rstrip("/")

    def _at(self, server: HTTPServer, path: str, answer: Callable[[Request], Any]) -> None:
        def handle(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.full_path}")
            if len(self.asked) in self.expires:
                self.token = "expired"
            if request.headers.get("Authorization") != f"Bearer {self.token}":
                return _json({"status": "error", "category": "EXPIRED_AUTHENTICATION"}, 401)
            given = answer(request)
            return given if isinstance(given, Response) else _json(given)

        server.expect_request(path).respond_with_handler(handle)

    def _list(self, kind: str, request: Request) -> dict[str, Any]:
        wants_archived = request.args.get("archived") == "true"
        found = (self.archived if wants_archived else self.objects).get(kind, [])
        place = int(request.args.get("after", 0))
        stop = place + min(int(request.args["limit"]), self.page)
        rows = [_asked(each, request.args["properties"].split(",")) for each in found[place:stop]]
        return {"results": rows} | _next(stop, len(found))

    def _search(self, kind: str, request: Request) -> dict[str, Any] | Response:
        query = request.get_json()
        place, stop = int(query.get("after", 0)), int(query.get("after", 0)) + query["limit"]
        if stop > SEARCH_MOST or query["limit"] > 200:
            return _json({"status": "error", "category": "VALIDATION_ERROR"}, 400)
        groups = [group["filters"] for group in query["filterGroups"]]
        found = [
            each
            for each in self.objects.get(kind, [])
            if any(all(_holds(rule, each, kind) for rule in rules) for rules in groups)
        ]
        assert query["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        found.sort(key=lambda each: int(each["id"]))
        rows = [_asked(each, query["properties"]) for each in found[place:stop]]
        bare = [{name: row[name] for name in row if name != "associations"} for row in rows]
        return {"total": len(found), "results": bare} | _next(stop, len(found))

    def _associations(self, kind: str, request: Request) -> dict[str, Any]:
        wanted = {each["id"] for each in request.get_json()["inputs"]}
        assert len(wanted) <= 100
        rows = [
            {"from": {"id": each["id"]}, "to": each["associations"]["companies"]["results"]}
            for each in self.objects.get(kind, [])
            if each["id"] in wanted and "associations" in each
        ]
        return {"status": "COMPLETE", "results": rows}


def _holds(rule: dict[str, Any], found: dict[str, Any], kind: str) -> bool:
    name = rule["propertyName"]
    if name == "hs_object_id":
        assert rule["operator"] == "GT"
        return int(found["id"]) > int(rule["value"])
    if rule["operator"] == "HAS_PROPERTY":
        return bool(found["properties"].get(name))
    assert (name, rule["operator"]) == (CHANGED.get(kind, "hs_lastmodifieddate"), "GTE")
    return datetime.fromisoformat(found["updatedAt"]).timestamp() * 1000 >= int(rule["value"])


def _asked(found: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Only the properties that were asked for, as HubSpot does it."""
    if found.get("properties") is None:
        return found
    return found | {"properties": {name: found["properties"].get(name) for name in names}}


def _next(stop: int, total: int) -> dict[str, Any]:
    return {"paging": {"next": {"after": str(stop), "link": "?"}}} if stop < total else {}


def _json(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, content_type="application/json")
