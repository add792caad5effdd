"""A server that answers well but for the requests that a test picks out: those go wrong."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Fault = Callable[[Response], Response]
"""What comes in place of a good answer."""
Choice = Callable[[int, int], Fault | None]
"""What goes wrong with a request, by its number and by how often it came; both begin with 1."""


class FaultyServer(HTTPServer):
    """Gives good answers, but for those that a test spoils."""

    def begin(self, choice: Choice = lambda number, times: None) -> None:
        """Spoil answers so from now on; numbers of requests begin anew."""
        self._choice = choice
        self._came: Counter[tuple[str, bytes]] = Counter()

    def dispatch(self, request: Request) -> Response:
        """The good answer, or what a fault makes of it."""
        response: Response = super().dispatch(request)
        asked = (f"{request.method} {request.full_path}", request.get_data())
        self._came[asked] += 1
        fault = self._choice(self._came.total(), self._came[asked])
        return fault(response) if fault else response


def answering(status: int, **headers: str) -> Fault:
    """No data but a status, as a page that people read."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response("<html>no</html>", status, named, content_type="text/html")


def cut(good: Response) -> Response:
    """The first half of the answer, under the length of the whole."""
    body = good.get_data()
    half = Response(body[: len(body) // 2], good.status, good.headers)
    half.headers["Content-Length"] = f"{len(body)}"
    return half


def bomb(good: Response) -> Response:
    """Ten million bytes out of ten thousand."""
    packed = gzip.compress(b" " * 10_000_000)
    return Response(packed, headers={"Content-Encoding": "gzip"}, content_type=good.content_type)


def garbled(good: Response) -> Response:
    """What calls itself packed and isn't."""
    return Response(
        b"not packed", headers={"Content-Encoding": "gzip"}, content_type=good.content_type
    )


def emptied(good: Response) -> Response:
    """The same answer without a single record: no item in its lists, no line below its header."""
    kind, body = good.content_type, good.get_data()
    if "json" in kind:
        return Response(json.dumps(_without_items(json.loads(body))), content_type=kind)
    if "zip" in kind:
        return Response(_repacked(body), content_type=kind)
    if good.headers.get("Content-Encoding") == "gzip":
        return Response(_header(gzip.decompress(body)), content_type=kind)
    return Response(_header(body), content_type=kind)


def _without_items(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without_items(value) for name, value in answer.items()}
    is_records = isinstance(answer, list) and not all(isinstance(each, str) for each in answer)
    return [] if is_records else answer


def _repacked(body: bytes) -> bytes:
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(body)) as old, ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, _header(old.read(name)))
    return packed.getvalue()


def _header(body: bytes) -> bytes:
    return body[: body.find(b"\n") + 1]


def excuse(_: Response) -> Response:
    """An error that says that all is well."""
    return Response('{"error": "quota", "status": "error"}', content_type="application/json")
