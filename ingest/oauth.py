"""Tokens by OAuth 2.0: asked for when a source is read, and once more when one expires in mid-read.

What belongs here: the token request that all sources share. What doesn't: which grant a source
takes (`sources/`), and sending the token (`http.py`).
"""

from collections.abc import Mapping

from pydantic import SecretStr

from ingest.errors import SourceRejected
from ingest.http import SourceSession, shown


def sign_in(session: SourceSession, url: str, grant: Mapping[str, str], settings: str) -> None:
    """Use the token that a grant gives; SourceRejected names the settings that gave none."""

    def token() -> SecretStr:
        try:
            answer = session.post_form(url, grant)
        except SourceRejected:
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise SourceRejected(
                session.source,
                f"{shown(url)} gave no token; check `{settings}` of {session.source} in "
                "sources.yml and what they permit",
            )
        return SecretStr(answer["access_token"])

    session.use_token(token(), settings, renew=token)
