"""The one way to the network: time-outs, retries, rate, caps and errors for every source.

What belongs here: the policy of asking. What doesn't: paging (`pages.py`) and vendor formats
(`sources/`). A secret is only ever a header: no message, log line or exception shows one, nor
the query of an address, since people put keys there too.
"""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import BaseAdapter
from requests_ratelimiter import LimiterAdapter
from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util import Retry

from ingest.errors import RequestRefused, SourceNotFound, SourceRejected, SourceUnavailable
from ingest.secrecy import without

USER_AGENT = "target-account-pipeline/1 (weekly target accounts; python-requests)"
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
SANDBOX = "sandbox://"
CHUNK_BYTES = 64 * 2**10
REFUSAL_BYTES = 16 * 2**10
PAGE_BYTES = 256 * 2**10
BUSY = frozenset({408, 423, 425, 429, 477, 500, 502, 503, 504, *range(520, 525)})
"""Not now, but later: 423 and 477 say so at HubSpot, 520 to 524 at any server behind Cloudflare."""
UNAUTHORISED = 401
REFUSED = frozenset({UNAUTHORISED, 403})
ABSENT = frozenset({404, 410})
TRANSIENT = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Limits:
    """How long and how much a source may take; the defaults suit every source so far."""

    retries: int = 5
    backoff_seconds: float = 1.0
    backoff_jitter: float = 0.5
    retry_after_seconds: int = 300
    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    total_seconds: float = 3600.0
    json_bytes: int = 64 * 2**20
    file_bytes: int = 20 * 2**30


@dataclass
class Traffic:
    """What a session did so far: for metadata and logs, never for a result."""

    requests: int = 0
    retries: int = 0
    bytes: int = 0
    seconds: float = 0.0


class SourceSession:
    """Asks one source; each method raises SourceUnavailable, SourceRejected or SourceNotFound.

    rate: requests per second over all hosts. sandbox: the adapter that answers sandbox://
    addresses. keep_page: is given a web page that came in place of data, and tells where it put it.
    The total deadline counts from the making of the session.
    """

    def __init__(
        self,
        source: str,
        *,
        rate: float = 10.0,
        headers: Mapping[str, str] | None = None,
        sandbox: BaseAdapter | None = None,
        limits: Limits | None = None,
        keep_page: Callable[[str], Path] | None = None,
    ) -> None:
        self.source = source
        self.traffic = Traffic()
        self._limits = limits or Limits()
        self._deadline = time.monotonic() + self._limits.total_seconds
        self._identity_setting: str | None = None
        self._keep_page = keep_page
        self._renew: Callable[[], SecretStr] | None = None
        self._token_has_worked = False
        self._http = _mounted(rate, sandbox)
        self._http.headers.update({"User-Agent": USER_AGENT, **(headers or {})})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def use_token(
        self, token: SecretStr, setting: str, renew: Callable[[], SecretStr] | None = None
    ) -> None:
        """Send a bearer token from now on; a refusal names `setting`, the option that holds it.

        A token that has worked and is then refused with 401 is renewed once and the request put
        again: by what `renew` gives, or as it is, since some sources refuse a good token at times.
        """
        self._http.headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        self._identity_setting = setting
        self._renew = renew or (lambda: token)
        self._token_has_worked = False

    def use_agent(self, agent: str, setting: str) -> None:
        """Say who asks from now on; a refusal names `setting`, the option that holds it."""
        self._http.headers["User-Agent"] = agent
        self._identity_setting = setting

    def follow_to(self, domain: str) -> None:
        """Follow redirects to hosts of this domain too; credentials don't go along."""
        self._http.followed_domain = domain

    def get_json(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        """The parsed answer. NaN, repeated keys and an `error` in place of data are refused."""
        body = self._ask(url, params, lambda response: self._body(response))
        return self._parsed(url, body)

    def post_json(self, url: str, body: Mapping[str, Any]) -> Any:
        """The parsed answer to a JSON body, as `get_json`; only for asking, since it is retried."""
        answer = self._ask(
            url, None, lambda response: self._body(response), method="POST", json=dict(body)
        )
        return self._parsed(url, answer)

    def post_form(self, url: str, fields: Mapping[str, str]) -> Any:
        """The parsed answer to a form, as `get_json`; only for asking, since it is retried."""
        answer = self._ask(
            url, None, lambda response: self._body(response), method="POST", data=dict(fields)
        )
        return self._parsed(url, answer)

    def get_bytes(self, url: str, params: Mapping[str, Any] | None = None) -> bytes:
        """The whole body, at most `json_bytes` of it; for larger ones there is `download`."""
        return self._ask(url, params, lambda response: self._body(response))

    def download(self, url: str, path: Path, params: Mapping[str, Any] | None = None) -> Path:
        """Stream the body to a file; a body that breaks off is asked for again from its start."""
        self.download_part(url, path, params)
        return path

    def download_part(
        self, url: str, path: Path, params: Mapping[str, Any] | None = None
    ) -> Mapping[str, str]:
        """As `download`, for sources that name the next part in a header: gives the headers."""
        return self._ask(url, params, lambda response: self._saved(response, path))

    def wait(self, url: str, seconds: float) -> None:
        """Let the source work on what was asked of it; SourceUnavailable beyond the deadline."""
        self._check_deadline(url, seconds)
        time.sleep(seconds)

    def _ask(
        self,
        url: str,
        params: Mapping[str, Any] | None,
        read: Callable[[requests.Response], Answer],
        method: str = "GET",
        **body: Any,
    ) -> Answer:
        retry = _policy(self._limits)
        while True:
            try:
                with closing(self._send(method, url, params, body)) as response:
                    if self._has_expired(response):
                        self._renew_token()
                        continue
                    if response.status_code not in BUSY:
                        self._token_has_worked |= response.status_code not in REFUSED
                        self._judge(response)
                        return read(response)
                trouble, after = f"answered {response.status_code}", response.headers
            except requests.exceptions.SSLError:
                raise self._rejected(url, "its TLS certificate can't be trusted") from None
            except TRANSIENT as error:
                trouble, after = _in_words(error), requests.structures.CaseInsensitiveDict()
            except requests.TooManyRedirects:
                raise self._rejected(url, "redirects without end") from None
            except ValueError:
                raise self._rejected(url, "is not an address that can be asked") from None
            retry = self._pause(retry, url, trouble, after.get("Retry-After"))

    def _has_expired(self, response: requests.Response) -> bool:
        is_refused = response.status_code == UNAUTHORISED
        return is_refused and self._token_has_worked and self._renew is not None

    def _renew_token(self) -> None:
        """Once only: whatever is refused after it stays refused."""
        renew, self._renew = self._renew, None
        self._http.headers.pop("Authorization", None)
        if renew is not None:
            log.info("source %s: the token is refused in mid-read; renewed once", self.source)
            token = renew().get_secret_value()
            self._http.headers["Authorization"] = f"Bearer {token}"

    def _send(
        self, method: str, url: str, params: Mapping[str, Any] | None, body: Mapping[str, Any]
    ) -> requests.Response:
        self._check_deadline(url)
        self.traffic.requests += 1
        started = time.monotonic()
        # The sandbox needs neither proxy nor netrc, which take longer to look up than it to answer.
        self._http.trust_env = not url.startswith(SANDBOX)
        try:
            return self._http.request(
                method,
                _with_query(url, params),
                stream=True,
                timeout=(self._limits.connect_seconds, self._limits.read_seconds),
                **body,
            )
        except _ForeignRedirect as redirect:
            raise self._rejected(
                url, f"redirects to another host, {redirect}; if that is right, name it instead"
            ) from None
        finally:
            self.traffic.seconds += time.monotonic() - started

    def _pause(self, retry: Retry, url: str, trouble: str, retry_after: str | None) -> Retry:
        """Wait as the policy and the server say, or give up."""
        try:
            retry = retry.increment("GET")
        except MaxRetryError:
            raise SourceUnavailable(
                self.source,
                f"{shown(url)} {trouble}, {self._limits.retries + 1} times in a row; "
                "a later run can succeed as it is",
            ) from None
        wait = _seconds(retry, retry_after)
        self._check_deadline(url, wait)
        self.traffic.retries += 1
        # Of the address only the host: a path may hold a secret.
        host = urlsplit(url).hostname
        log.info("source %s: %s %s; again in %.1f s", self.source, host, trouble, wait)
        time.sleep(wait)
        return retry

    def _check_deadline(self, url: str, wait: float = 0.0) -> None:
        if time.monotonic() + wait > self._deadline:
            raise SourceUnavailable(
                self.source,
                f"{shown(url)}: not done within {self._limits.total_seconds:.0f} s in all",
            )

    def _judge(self, response: requests.Response) -> None:
        """Raise for what a retry can't mend."""
        status = response.status_code
        if status in REFUSED:
            raise self._refused(response, self._credentials())
        if status in ABSENT:
            raise SourceNotFound(self.source, f"{shown(response.url)} answered {status}: not there")
        if status >= 300:
            raise self._refused(response, "check the address and options")
        if "text/html" in response.headers.get("Content-Type", ""):
            raise self._rejected(
                response.url,
                "answered with a web page instead of data; is it a log-in page?"
                + self._kept(response),
            )

    def _kept(self, page: requests.Response) -> str:
        """Where the beginning of a page can be read; it may repeat what it was asked with."""
        if self._keep_page is None:
            return ""
        token = str(self._http.headers.get("Authorization", "")).removeprefix("Bearer ")
        text = without(self._beginning(page, PAGE_BYTES), [token] if token else [])
        return f" It is kept as {self._keep_page(text)}"

    def _beginning(self, response: requests.Response, most_bytes: int) -> str:
        try:
            return next(response.iter_content(most_bytes), b"").decode(errors="replace")
        except TRANSIENT:
            return ""

    def _credentials(self) -> str:
        setting = self._identity_setting
        if setting is None:
            return "it wants credentials, and the source has none in sources.yml"
        return f"check `{setting}` of {self.source} in sources.yml and what it permits"

    def _chunks(self, response: requests.Response, cap: int) -> Iterator[bytes]:
        """The decoded body; the cap counts decoded bytes, so that no bomb passes."""
        started, taken = time.monotonic(), 0
        for chunk in response.iter_content(CHUNK_BYTES):
            taken += len(chunk)
            if taken > cap:
                raise self._rejected(response.url, f"is larger than the cap of {cap:,} bytes")
            self._check_deadline(response.url)
            yield chunk
        self.traffic.bytes += taken
        self.traffic.seconds += time.monotonic() - started

    def _body(self, response: requests.Response) -> bytes:
        return b"".join(self._chunks(response, self._limits.json_bytes))

    def _saved(self, response: requests.Response, path: Path) -> Mapping[str, str]:
        with path.open("wb") as file:
            file.writelines(self._chunks(response, self._limits.file_bytes))
        return response.headers

    def _parsed(self, url: str, body: bytes) -> Any:
        try:
            answer = json_of(body)
        except ValueError as error:
            raise self._rejected(url, f"expected JSON, found something else: {error}") from None
        if isinstance(answer, dict) and answer.get("error"):
            raise self._rejected(url, "answered with an error in place of data")
        return answer

    def _refused(self, response: requests.Response, advice: str) -> RequestRefused:
        message = f"{shown(response.url)} answered {response.status_code}; {advice}"
        return RequestRefused(self.source, message, self._beginning(response, REFUSAL_BYTES))

    def _rejected(self, url: str, message: str) -> SourceRejected:
        return SourceRejected(self.source, f"{shown(url)} {message}")


def json_of(body: bytes) -> Any:
    """Parsed JSON. ValueError for anything else, so for NaN, repeated keys, endless nesting and
    halves of characters, which no column can hold.
    """
    try:
        answer = json.loads(body, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
        if SURROGATE.search(body):
            json.dumps(answer, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError("it has half a character, one of two surrogates") from None
    return answer


def shown(url: str) -> str:
    """An address as messages may show it: without user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


def _with_query(url: str, params: Mapping[str, Any] | None) -> str:
    """The whole address; requests itself would leave the query out of sandbox:// addresses."""
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return f"{url}{'&' if '?' in url else '?'}{urlencode(given)}" if given else url


class _ForeignRedirect(Exception):
    """A redirect to where the credentials don't belong; its text is the address."""


class _OneHost(requests.Session):
    """Follows redirects within a host only, and to one further domain if there is one."""

    followed_domain: str | None = None

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None:
            address = urljoin(resp.url, target)
            if self.should_strip_auth(  # type: ignore[no-untyped-call]
                resp.url, address
            ) and not self._is_followed(resp.url, address):
                raise _ForeignRedirect(shown(address))
        return target

    def _is_followed(self, origin: str, address: str) -> bool:
        """Whether the address is of the further domain, and no less safe to ask."""
        host = f".{urlsplit(address).hostname}"
        is_of_domain = self.followed_domain is not None and host.endswith(
            f".{self.followed_domain}"
        )
        return is_of_domain and urlsplit(address).scheme == urlsplit(origin).scheme


def _mounted(rate: float, sandbox: BaseAdapter | None) -> _OneHost:
    http = _OneHost()
    # Without limit_statuses=() the limiter would log whole addresses, keys included.
    limited = LimiterAdapter(per_second=rate, per_host=False, limit_statuses=())
    for scheme in ("https://", "http://"):
        http.mount(scheme, limited)
    if sandbox is not None:
        http.mount(SANDBOX, sandbox)
    return http


def _policy(limits: Limits) -> Retry:
    return Retry(
        total=limits.retries,
        backoff_factor=limits.backoff_seconds,
        backoff_jitter=limits.backoff_jitter,
        retry_after_max=limits.retry_after_seconds,
        raise_on_status=False,
    )


def _seconds(retry: Retry, retry_after: str | None) -> float:
    if retry_after is not None:
        try:
            return retry.parse_retry_after(retry_after)
        except InvalidHeader:
            pass
    return retry.get_backoff_time()


def _in_words(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return "sent a body that can't be unpacked"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off in the middle of its answer"
    return "can't be reached"


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _no_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
