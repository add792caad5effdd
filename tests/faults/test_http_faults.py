"""Faults of the wire, over real sockets: what is retried, what is refused, what is said."""

from __future__ import annotations

import gzip
import logging
import random
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ingest.errors import RequestRefused, SourceNotFound, SourceRejected, SourceUnavailable
from ingest.http import BUSY, Limits, SourceSession
from ingest.pages import pages
from ingest.settings import PROJECT
from tests.support.tree import PACKAGES, modules

CANARY = "CANARY-3f9a1c"
QUICK = Limits(backoff_seconds=0.01, backoff_jitter=0.0, retry_after_seconds=1, read_seconds=2.0)


@contextmanager
def asking(limits: Limits = QUICK, rate: float = 1_000.0) -> Iterator[SourceSession]:
    """A session for the made-up source `crm`."""
    with SourceSession("crm", rate=rate, limits=limits) as session:
        yield session


def answers(server: HTTPServer, *responses: Response) -> str:
    """An address that gives these answers one after the other, and the last one for ever."""
    given = list(responses)

    def answer(_: Request) -> Response:
        return given.pop(0) if len(given) > 1 else given[0]

    server.expect_request("/data").respond_with_handler(answer)
    return server.url_for("/data")


def fine() -> Response:
    """An answer without fault."""
    return Response('{"results": [1]}', content_type="application/json")


@contextmanager
def raw_server(*answers: bytes, hangs_up: bool = True) -> Iterator[str]:
    """A server that sends these bytes, one per connection, and hangs up at once or in the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as open_ones:

        def serve() -> None:
            for answer in answers:
                connection, _ = listener.accept()
                open_ones.enter_context(connection)
                connection.recv(65_536)
                connection.sendall(answer)
                if hangs_up:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/data"


@pytest.mark.parametrize("status", sorted(BUSY))
def test_a_busy_server_is_asked_again(httpserver: HTTPServer, status: int) -> None:
    """Twice busy, then fine: the answer comes and the retries are counted."""
    url = answers(httpserver, Response(status=status), Response(status=status), fine())

    with asking() as session:
        assert session.get_json(url) == {"results": [1]}
        assert (session.traffic.requests, session.traffic.retries) == (3, 2)


def test_retry_after_is_waited_for(httpserver: HTTPServer) -> None:
    """The server says how long, and is believed."""
    url = answers(httpserver, Response(status=429, headers={"Retry-After": "2"}), fine())
    started = time.monotonic()

    with asking(replace(QUICK, retry_after_seconds=5)) as session:
        session.get_json(url)

    assert time.monotonic() - started >= 2
    assert session.traffic.retries == 1


def test_retry_after_may_be_a_date(httpserver: HTTPServer) -> None:
    """A time to come is waited for; of whole seconds at least two lie between three and now."""
    after = formatdate(time.time() + 3, usegmt=True)
    url = answers(httpserver, Response(status=429, headers={"Retry-After": after}), fine())
    started = time.monotonic()

    with asking(replace(QUICK, retry_after_seconds=5)) as session:
        session.get_json(url)

    assert time.monotonic() - started >= 1.5


def test_retry_after_is_capped(httpserver: HTTPServer) -> None:
    """A day's pause would outlast the run."""
    url = answers(httpserver, Response(status=429, headers={"Retry-After": "86400"}), fine())
    started = time.monotonic()

    with asking() as session:
        session.get_json(url)

    assert 1 <= time.monotonic() - started < 5


@pytest.mark.parametrize("after", [formatdate(0, usegmt=True), "soon", "-5"])
def test_a_retry_after_without_sense_costs_no_time(httpserver: HTTPServer, after: str) -> None:
    """A date gone by or no date at all: the own back-off holds."""
    url = answers(httpserver, Response(status=503, headers={"Retry-After": after}), fine())
    started = time.monotonic()

    with asking(replace(QUICK, retry_after_seconds=60)) as session:
        assert session.get_json(url) == {"results": [1]}

    assert time.monotonic() - started < 30


def test_pauses_grow_and_are_never_quite_the_same(httpserver: HTTPServer) -> None:
    """Each is twice the one before; the jitter keeps many clients from coming at once."""
    asked: list[float] = []

    def busy(_: Request) -> Response:
        asked.append(time.monotonic())
        return Response(status=500)

    httpserver.expect_request("/data").respond_with_handler(busy)
    limits = Limits(retries=3, backoff_seconds=0.1, backoff_jitter=0.05)
    random.seed(7)
    for _ in range(2):
        with asking(limits) as session, pytest.raises(SourceUnavailable, match="4 times in a row"):
            session.get_json(httpserver.url_for("/data"))

    first, second = ([b - a for a, b in pairwise(asked[s : s + 4])] for s in (0, 4))
    assert all(pauses[1] >= 0.2 and pauses[2] >= 0.4 for pauses in (first, second))
    assert max(abs(a - b) for a, b in zip(first, second, strict=True)) > 0.01
    assert Limits().backoff_jitter > 0


def test_a_wait_beyond_the_deadline_is_not_begun(httpserver: HTTPServer) -> None:
    """The total deadline is said at once, not after the pause."""
    url = answers(httpserver, Response(status=429, headers={"Retry-After": "300"}))
    limits = Limits(total_seconds=5.0)
    started = time.monotonic()

    with asking(limits) as session, pytest.raises(SourceUnavailable, match="within 5 s in all"):
        session.get_json(url)

    assert time.monotonic() - started < 2


def test_a_server_that_stays_busy_is_given_up(httpserver: HTTPServer) -> None:
    """The message names the source, the address and the attempts."""
    url = answers(httpserver, Response(status=429))

    with (
        asking() as session,
        pytest.raises(
            SourceUnavailable, match=rf"source crm: {url} answered 429, 6 times in a row"
        ),
    ):
        session.get_json(url)

    assert len(httpserver.log) == 6


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_name_the_setting_and_never_the_secret(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """No retry can help; who reads the message knows which option to mend."""
    caplog.set_level(logging.DEBUG)
    url = answers(httpserver, Response(status=status, headers={"X-Echo": "no"}))

    with asking() as session, pytest.raises(SourceRejected) as refusal:
        session.use_token(SecretStr(CANARY), setting="token")
        session.get_json(url)

    assert f"answered {status}; check `token` of crm in sources.yml" in str(refusal.value)
    assert len(httpserver.log) == 1
    assert httpserver.log[0][0].headers["Authorization"] == f"Bearer {CANARY}"
    assert CANARY not in f"{refusal.getrepr(style='long', showlocals=False)}{caplog.text}"


EXPIRED = Response('{"category": "EXPIRED"}', 401, content_type="application/json")


def test_a_token_that_expires_in_mid_read_is_renewed_once(httpserver: HTTPServer) -> None:
    """The request is put again with the new token; when that one is refused too, it's the end."""
    url = answers(httpserver, fine(), EXPIRED, fine(), EXPIRED, fine())
    renewals = iter([SecretStr(f"{CANARY}-2"), SecretStr(f"{CANARY}-3")])

    with asking() as session:
        session.use_token(SecretStr(CANARY), setting="token", renew=lambda: next(renewals))
        session.get_json(url)
        assert session.get_json(url) == {"results": [1]}
        with pytest.raises(RequestRefused, match="answered 401; check `token`") as refusal:
            session.get_json(url)

    sent = [
        request.headers["Authorization"].removeprefix("Bearer ") for request, _ in httpserver.log
    ]
    assert sent == [CANARY, CANARY, f"{CANARY}-2", f"{CANARY}-2"]
    assert CANARY not in str(refusal.value)


def test_a_token_that_never_worked_is_not_renewed(httpserver: HTTPServer) -> None:
    """It is wrong, not old; asking again changes nothing."""
    url = answers(httpserver, EXPIRED)

    with asking() as session:
        session.use_token(SecretStr(CANARY), setting="token")
        for _ in range(2):
            with pytest.raises(RequestRefused, match="check `token`"):
                session.get_json(url)

    assert len(httpserver.log) == 2


def test_a_good_token_that_is_refused_at_times_is_sent_again(httpserver: HTTPServer) -> None:
    """Where there is none to renew it by, the same one has a second chance."""
    url = answers(httpserver, fine(), EXPIRED, fine())

    with asking() as session:
        session.use_token(SecretStr(CANARY), setting="token")
        assert session.get_json(url) == session.get_json(url) == {"results": [1]}


def test_a_post_is_retried_like_a_get(httpserver: HTTPServer) -> None:
    """Sources are only ever asked, and some questions are bodies."""
    url = answers(httpserver, Response(status=503), fine(), Response(status=429), fine())

    with asking() as session:
        assert session.post_json(url, {"limit": 1}) == {"results": [1]}
        assert session.post_form(url, {"grant": "made-up"}) == {"results": [1]}

    bodies = [(request.method, request.get_data()) for request, _ in httpserver.log]
    assert bodies == [("POST", b'{"limit": 1}')] * 2 + [("POST", b"grant=made-up")] * 2


def test_what_a_source_says_to_a_refused_request_is_for_its_connector_alone(
    httpserver: HTTPServer,
) -> None:
    """It may hold anything, so no message shows it, and there is an end to it."""
    said = f"no such column {CANARY} " + "x" * 100_000
    url = answers(httpserver, Response(said, 400, content_type="application/json"))

    with asking() as session, pytest.raises(RequestRefused, match="answered 400") as refusal:
        session.post_json(url, {})

    assert refusal.value.answer.startswith(f"no such column {CANARY}")
    assert len(refusal.value.answer) < 20_000
    assert CANARY not in str(refusal.value)
    assert refusal.value.without({"x"}).answer == ""


def test_a_part_of_a_download_comes_with_its_headers(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    """Some sources name the next part there."""
    url = answers(httpserver, Response("a,b\n", headers={"X-Next": "2"}, content_type="text/csv"))

    with asking() as session:
        headers = session.download_part(url, tmp_path / "part.csv")

    assert headers["x-next"] == "2"
    assert (tmp_path / "part.csv").read_text() == "a,b\n"


def test_waiting_for_a_source_ends_with_the_deadline() -> None:
    """A wait that would pass it is not begun."""
    with asking(Limits(total_seconds=5.0)) as session:
        session.wait("https://crm.example/job", 0.01)
        with pytest.raises(SourceUnavailable, match="within 5 s in all"):
            session.wait("https://crm.example/job", 60)


def test_a_key_in_the_query_is_in_no_message_or_log(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    """People put keys into addresses; the limiter, the retries and the refusal stay silent."""
    caplog.set_level(logging.INFO)
    url = answers(httpserver, Response(status=429), Response(status=400))

    with asking() as session, pytest.raises(SourceRejected, match="answered 400") as refusal:
        session.get_json(url, {"api_key": CANARY})

    assert "api_key" in httpserver.log[-1][0].query_string.decode()
    ours = [record for record in caplog.records if record.name != "werkzeug"]
    assert CANARY not in f"{refusal.value}{[record.getMessage() for record in ours]}"


def test_what_is_not_there_is_an_error_of_its_own(httpserver: HTTPServer) -> None:
    """So that one absent board among many can be recorded while the rest goes on."""
    url = answers(httpserver, Response(status=404))

    with asking() as session, pytest.raises(SourceNotFound, match="answered 404: not there"):
        session.get_json(url)


def test_nobody_listening_is_retried_and_then_said() -> None:
    """A refused connection can be a restart."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/data"

    with asking() as session, pytest.raises(SourceUnavailable, match="can't be reached, 6 times"):
        session.get_json(url)


def test_a_name_that_nobody_has_is_retried_and_then_said() -> None:
    """A name server can be away for a moment too."""
    with asking() as session, pytest.raises(SourceUnavailable, match="can't be reached, 6 times"):
        session.get_json("http://crm.invalid/data")


def test_a_server_that_does_not_answer_is_given_up() -> None:
    """Every request has a time-out."""
    limits = Limits(retries=1, backoff_seconds=0.0, read_seconds=0.2)

    with socket.create_server(("127.0.0.1", 0)) as listener, asking(limits) as session:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/data"
        with pytest.raises(SourceUnavailable, match="did not answer in time, 2 times"):
            session.get_json(url)


CUT = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    + b'{"results"'
)
CUT_CHUNK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'9\r\n{"result'
)
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


@pytest.mark.parametrize("cut", [CUT, CUT_CHUNK], ids=["content length", "chunked"])
def test_a_cut_body_is_asked_for_again(cut: bytes) -> None:
    """Half an answer is never taken for a whole one."""
    with raw_server(cut, WHOLE) as url, asking() as session:
        assert session.get_json(url) == []
        assert session.traffic.retries == 1


def test_a_body_that_stops_coming_is_asked_for_again(tmp_path: Path) -> None:
    """The connection stays open, and nothing comes any more: the file is the second answer."""
    limits = replace(QUICK, read_seconds=1.0)

    with raw_server(CUT, WHOLE, hangs_up=False) as url, asking(limits) as session:
        path = session.download(url, tmp_path / "file")
        assert session.traffic.retries == 1

    assert path.read_bytes() == b"[]"


def test_a_cut_download_leaves_nothing_of_the_first_half(tmp_path: Path) -> None:
    """The file is the second answer, whole."""
    with raw_server(CUT, WHOLE) as url, asking() as session:
        path = session.download(url, tmp_path / "file")

    assert path.read_bytes() == b"[]"


@pytest.mark.parametrize("method", ["get_json", "get_bytes"])
def test_a_web_page_instead_of_data_is_refused(httpserver: HTTPServer, method: str) -> None:
    """A captive portal or a log-in page answers 200."""
    url = answers(httpserver, Response("<html>", content_type="text/html; charset=utf-8"))

    with asking() as session, pytest.raises(SourceRejected, match="answered with a web page"):
        getattr(session, method)(url)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"a": ', "expected JSON, found something else: .*char 6"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ('{"a": 1, "a": 2}', "a key twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": "\\ud83d"}', "half a character"),
        ('{"error": "quota"}', "answered with an error in place of data"),
    ],
)
def test_what_is_no_good_json_is_refused(httpserver: HTTPServer, body: str, said: str) -> None:
    """Bad JSON is refused with its position, never half read."""
    url = answers(httpserver, Response(body, content_type="application/json"))

    with asking() as session, pytest.raises(SourceRejected, match=said):
        session.get_json(url)


def test_a_character_of_two_halves_is_whole(httpserver: HTTPServer) -> None:
    """JSON writes what lies beyond its first plane in two parts."""
    url = answers(httpserver, Response('{"a": "\\ud83d\\ude00"}', content_type="application/json"))

    with asking() as session:
        assert session.get_json(url) == {"a": "\U0001f600"}


def test_a_bomb_stops_at_the_cap(httpserver: HTTPServer, tmp_path: Path) -> None:
    """The cap counts what the body unpacks to."""
    bomb = gzip.compress(b"0" * 10_000_000)
    url = answers(httpserver, Response(bomb, headers={"Content-Encoding": "gzip"}))
    limits = Limits(json_bytes=1_000_000, file_bytes=1_000_000)

    with asking(limits) as session:
        with pytest.raises(SourceRejected, match="larger than the cap of 1,000,000 bytes"):
            session.get_bytes(url)
        with pytest.raises(SourceRejected, match="larger than the cap"):
            session.download(url, tmp_path / "file")


def test_a_redirect_to_another_host_is_refused(httpserver: HTTPServer) -> None:
    """The credentials belong to the host that was named."""
    with HTTPServer(host="127.0.0.1") as other:
        elsewhere = other.url_for("/data?key=x")
        url = answers(httpserver, Response(status=302, headers={"Location": elsewhere}))

        with asking() as session, pytest.raises(SourceRejected, match="redirects to another host"):
            session.use_token(SecretStr(CANARY), setting="token")
            session.get_json(url)

        assert other.log == []


def test_a_domain_can_be_named_that_redirects_lead_to(httpserver: HTTPServer) -> None:
    """Credentials stay behind; a host whose name only ends alike is another."""
    with HTTPServer(host="127.0.0.1") as other:
        answers(other, fine())
        url = answers(
            httpserver, Response(status=302, headers={"Location": other.url_for("/data")})
        )

        with asking() as session:
            session.use_token(SecretStr(CANARY), setting="token")
            session.follow_to("127.0.0.1")
            assert session.get_json(url) == {"results": [1]}
        with asking() as session, pytest.raises(SourceRejected, match="redirects to another host"):
            session.follow_to("7.0.0.1")
            session.get_json(url)

        ((request, _),) = other.log
        assert "Authorization" not in request.headers


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[HTTPServer]:
    """A server whose certificate nobody has signed but itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with HTTPServer(host="localhost", ssl_context=context) as server:
        yield server


def test_a_certificate_that_cannot_be_trusted_ends_it(untrusted: HTTPServer) -> None:
    """No retry, nothing asked, and the token stays here."""
    url = answers(untrusted, fine())

    with asking() as session, pytest.raises(SourceRejected, match="certificate can't be trusted"):
        session.use_token(SecretStr(CANARY), setting="token")
        session.get_json(url)

    assert (session.traffic.requests, untrusted.log) == (1, [])


def test_nothing_goes_without_a_look_at_the_certificate() -> None:
    """There is no way around it in the project, not even one that could be switched on."""
    around = re.compile(r"verify\s*=\s*False|CERT_NONE|_create_unverified_context|disable_warnings")

    assert not [
        str(path) for path in modules(*PACKAGES) if around.search((PROJECT / path).read_text())
    ]


def test_a_redirect_within_the_host_is_followed(httpserver: HTTPServer) -> None:
    """A moved path is no fault."""
    httpserver.expect_request("/old").respond_with_data(status=301, headers={"Location": "/data"})
    answers(httpserver, fine())

    with asking() as session:
        assert session.get_json(httpserver.url_for("/old")) == {"results": [1]}


def test_a_cursor_that_repeats_ends_the_paging(httpserver: HTTPServer) -> None:
    """Over the wire too: the third request is the last."""
    httpserver.expect_request("/data").respond_with_json({"results": [1], "after": "1"})

    with asking() as session, pytest.raises(SourceRejected, match="came twice"):

        def page(cursor: str | None) -> tuple[list[int], str | None]:
            found = session.get_json(httpserver.url_for("/data"), {"after": cursor})
            return found["results"], found["after"]

        list(pages("crm", page))

    assert len(httpserver.log) == 2


@pytest.mark.usefixtures("at_its_rate")
def test_the_rate_is_kept(httpserver: HTTPServer) -> None:
    """Six requests at four a second take at least a second, less the limiter's grain."""
    url = answers(httpserver, fine())
    started = time.monotonic()

    with asking(rate=4.0) as session:
        for _ in range(6):
            session.get_json(url)

    assert time.monotonic() - started >= 0.9


@pytest.mark.usefixtures("at_its_rate")
def test_the_rate_holds_over_all_hosts(httpserver: HTTPServer) -> None:
    """A source may answer from several hosts, and count what all of them are asked."""
    url = answers(httpserver, fine())
    with HTTPServer(host="127.0.0.1") as other:
        urls = [url, answers(other, fine())]
        started = time.monotonic()

        with asking(rate=4.0) as session:
            for turn in range(6):
                session.get_json(urls[turn % 2])

        assert time.monotonic() - started >= 0.9


@pytest.mark.usefixtures("at_its_rate")
def test_the_rate_holds_over_threads(httpserver: HTTPServer) -> None:
    """Four at once: the ninth request comes a second after the first, the seventeenth after two."""
    came: list[float] = []

    def answer(_: Request) -> Response:
        came.append(time.monotonic())
        return fine()

    httpserver.expect_request("/data").respond_with_handler(answer)
    url = httpserver.url_for("/data")

    began = time.monotonic()

    with asking(rate=8.0) as session, ThreadPoolExecutor(4) as threads:
        list(threads.map(session.get_json, [url] * 20))

    # Less the limiter's grain.
    earliest = [began + number // 8 - 0.1 for number in range(20)]
    assert [at >= soonest for at, soonest in zip(sorted(came), earliest, strict=True)] == [
        True
    ] * 20


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_agent_names_the_setting(httpserver: HTTPServer, status: int) -> None:
    """Some sources want to know who asks, and refuse whom they don't."""
    url = answers(httpserver, Response(status=status))

    with asking() as session, pytest.raises(SourceRejected, match="check `user_agent` of crm"):
        session.use_agent("Acme Sample sales@acme-sample.com", setting="user_agent")
        session.get_json(url)

    assert httpserver.log[0][0].headers["User-Agent"] == "Acme Sample sales@acme-sample.com"


def test_an_address_that_is_none_is_refused() -> None:
    """A typing mistake of sources.yml, not a traceback."""
    with asking() as session, pytest.raises(SourceRejected, match="is not an address"):
        session.get_json("acme/data")
