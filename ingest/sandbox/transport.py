"""The wire to the made-up market: a transport adapter for requests that answers sandbox:// itself.

requests leaves out `params` for schemes other than http, so the query must stand in the address.
"""

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from ingest.sandbox.answers import answer


class SandboxAdapter(BaseAdapter):
    """Answers GET requests as the vendors of a market would in that week; no socket is opened."""

    def __init__(self, companies: int, seed: int, week: date) -> None:
        super().__init__()
        self.companies = companies
        self.seed = seed
        self.week = week

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The vendor's answer, readable as a stream."""
        url = request.url or ""
        given = answer(self.companies, self.seed, self.week, url)
        headers: dict[str, Any] = {
            "Content-Type": given.content_type,
            "Content-Length": str(len(given.body)),
        }
        response = requests.Response()
        response.status_code = given.status
        response.headers = CaseInsensitiveDict(headers)
        response.encoding = "utf-8"
        response.url = url
        response.request = request
        response.raw = HTTPResponse(
            body=BytesIO(given.body), headers=headers, status=given.status, preload_content=False
        )
        return response

    def close(self) -> None:
        """Nothing is held open."""
