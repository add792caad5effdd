"""sources.yml: each mistake where it stands, and secrets only from the environment."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.documents.lines import read_text
from ingest.documents.sources import (
    Sources,
    load_sources,
    resolve_secrets,
    sources_of,
    unset_secrets,
)
from ingest.errors import DocumentError, MissingSecret, Mistake, SourceRejected
from ingest.settings import PROJECT
from tests.support.landing import settings_in
from tests.support.runs import prospects

SMALL = """\
sandbox: {companies: 50, seed: 7}
sources:
  crm:
    connector: hubspot
    base_url: https://crm.example
    token: "${CRM_TOKEN}"
    required: true
  market:
    connector: files
    max_shrink: 0.3
    tables:
      companies:
        path: drops/companies.csv
        columns:
          source_company_id: ID
          name: Company
          employees: {from: Headcount, as: number_or_band}
        attributes: {stage: Stage, uses_rival: {from: Rival, as: boolean}}
"""


def read(text: str) -> Sources:
    """The sources that a text names."""
    return sources_of(read_text(text, "sources.yml"))


def mistakes(text: str) -> list[Mistake]:
    """All mistakes of a text."""
    with pytest.raises(DocumentError) as caught:
        read(text)
    return caught.value.mistakes


def test_sources_stand_in_the_order_of_the_document_with_their_lines() -> None:
    """The order is meant: the most trusted source comes first."""
    sources = read(SMALL)

    assert sources.sandbox is not None
    assert (sources.sandbox.companies, sources.sandbox.seed) == (50, 7)
    assert [(s.name, s.connector, s.required, s.max_shrink, s.line) for s in sources.sources] == [
        ("crm", "hubspot", True, 0.15, 3),
        ("market", "files", False, 0.3, 8),
    ]


def test_the_document_at_the_root_has_no_mistake() -> None:
    """What a new user starts from is right."""
    assert load_sources(PROJECT / "sources.yml").sources


MISTAKES = [
    pytest.param(
        "connector: files", "connector: filez", 9, 'did you mean "files"?', id="connector"
    ),
    pytest.param("required: true", "requird: true", 7, 'did you mean "required"?', id="setting"),
    pytest.param("base_url:", "base_ulr:", 5, 'did you mean "base_url"?', id="option"),
    pytest.param("    companies", "    companyes", 12, 'did you mean "companies"?', id="table"),
    pytest.param("name: Company", "nmae: Company", 16, 'did you mean "name"?', id="column"),
    pytest.param("{from: Rival", "{form: Rival", 18, 'did you mean "from"?', id="rule"),
    pytest.param("number_or_band", "number_or_bnd", 17, "number_or_band", id="conversion"),
    pytest.param("max_shrink: 0.3", "max_shrink: 30", 10, "a share from 0 to 1", id="shrink"),
    pytest.param("required: true", "required: yes", 7, "expected true or false", id="required"),
    pytest.param("companies: 50", "companies: many", 1, "a whole number", id="sandbox"),
    pytest.param("  crm:", "  CRM:", 3, "lower-case letters", id="name of a source"),
    pytest.param("  crm:", "  attributes:", 3, "is not attributes", id="reserved name"),
    pytest.param("sandbox:", "sandbax:", 1, 'did you mean "sandbox"?', id="section"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), MISTAKES)
def test_a_mistake_has_its_line_and_what_was_expected(
    old: str, new: str, line: int, message: str
) -> None:
    """Exactly the one mistake is reported, where it stands."""
    (mistake,) = mistakes(SMALL.replace(old, new, 1))

    assert mistake.line == line
    assert message in mistake.message


def test_mistakes_of_all_sources_are_reported_together() -> None:
    """One source never hides the next."""
    text = SMALL.replace("required: true", "required: 5").replace("name: Company", "nam: Company")

    assert [mistake.line for mistake in mistakes(text)] == [7, 16]


def test_a_source_that_reads_the_sandbox_needs_its_size() -> None:
    """The made-up market has no default size that a reader could not see."""
    text = SMALL.replace("sandbox: {companies: 50, seed: 7}", "").replace(
        "https://crm.example", "sandbox://hubspot"
    )

    assert [(m.line, "needs `sandbox:" in m.message) for m in mistakes(text)] == [(3, True)]


def test_a_document_without_sources_says_so() -> None:
    """An empty list could never be anything but empty."""
    assert "expected at least one source" in mistakes("sources: {}")[0].message


def test_a_secret_in_the_document_is_a_mistake_that_does_not_repeat_it() -> None:
    """Documents are committed, and messages are logged."""
    (mistake,) = mistakes(SMALL.replace('"${CRM_TOKEN}"', "s3cr3t-value"))

    assert mistake.line == 6
    assert "must not stand in this document" in mistake.message
    assert "s3cr3t" not in str(mistake)


def test_a_secret_of_the_wrong_type_is_not_shown_either() -> None:
    """A token of digits alone is read as a number, and is one all the same."""
    (mistake,) = mistakes(SMALL.replace('"${CRM_TOKEN}"', "[8675309]"))

    assert "8675309" not in str(mistake)


PUBLISHED = [
    pytest.param("{from: Rival,", "{const: '${KEY}',", 18, "uses_rival.const", id="const"),
    pytest.param(
        "stage: Stage", "stage: {from: S, default: '${KEY}'}", 18, "default", id="default"
    ),
    pytest.param("name: Company", "name: '${KEY}'", 16, "columns.name", id="column"),
    pytest.param("stage: Stage", "stage: [S, '${KEY}']", 18, "attributes.stage", id="columns"),
    pytest.param("Headcount,", "Headcount, empty: ['${KEY}'],", 17, "empty[0]", id="empty"),
    pytest.param("    path:", "    sheet: '${KEY}'\n        path:", 13, "sheet", id="file"),
    pytest.param("required: true", "currency: 'EUR ${KEY}'", 7, "crm.currency", id="option"),
    pytest.param("required: true", "attributes: {a: '${KEY}'}", 7, "attributes.a", id="property"),
]


@pytest.mark.parametrize(("old", "new", "line", "place"), PUBLISHED)
def test_what_a_list_may_show_does_not_come_from_the_environment(
    old: str, new: str, line: int, place: str
) -> None:
    """A secret that a slip puts into a column would be published."""
    (mistake,) = mistakes(SMALL.replace(old, new, 1))

    assert mistake.line == line
    assert f"{place}: expected" in mistake.message
    assert "${KEY}" in mistake.message


ALLOWED = [
    pytest.param("https://crm.example", '"https://${HOST}.example"', id="address"),
    pytest.param("drops/companies.csv", '"${DROPS}/companies.csv"', id="path"),
    pytest.param("path: drops/companies.csv", 'url: "${URL}"', id="url"),
    pytest.param(
        'token: "${CRM_TOKEN}"',
        'client_id: "${ID}"\n    client_secret: "${KEY}"\n    refresh_token: "${TOKEN}"',
        id="app",
    ),
]


@pytest.mark.parametrize(("old", "new"), ALLOWED)
def test_secrets_addresses_and_paths_may_come_from_the_environment(old: str, new: str) -> None:
    """They differ from machine to machine, and are sent or opened but never published."""
    assert read(SMALL.replace(old, new, 1)).sources


PLAIN = "expected an https:// address, since credentials are sent to it"


@pytest.mark.parametrize("host", ["crm.example", "127.0.0.1.crm.example", "localhost@crm.example"])
def test_credentials_are_not_sent_in_the_clear(host: str) -> None:
    """Whoever is on the way could read them."""
    (mistake,) = mistakes(SMALL.replace("https://crm.example", f"http://{host}/"))

    assert (mistake.line, PLAIN in mistake.message) == (5, True)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:8080"])
def test_credentials_may_go_to_this_machine_in_the_clear(host: str) -> None:
    """A stand-in of the CRM, or a proxy that encrypts."""
    assert read(SMALL.replace("https://crm.example", f"'http://{host}'")).sources


def test_an_address_of_the_environment_is_judged_when_it_is_known() -> None:
    """In one line that names the option and doesn't show what was set."""
    crm = read(SMALL.replace("https://crm.example", '"${CRM_URL}"')).sources[0]
    environment = {"CRM_TOKEN": "s3cr3t", "CRM_URL": "http://s3cr3t-crm.example/d/PATHTOKEN"}

    with pytest.raises(SourceRejected, match=f"^source crm: base_url: {PLAIN}") as caught:
        resolve_secrets(crm, environment)

    assert caught.value.__suppress_context__
    assert not [part for part in ("s3cr3t", "PATHTOKEN", "\n") if part in str(caught.value)]


def test_a_secret_that_is_not_set_is_named_with_its_line_and_the_nearest_one(
    tmp_path: Path,
) -> None:
    """A misspelt variable is found before anything is fetched; no value is told."""
    path = tmp_path / "sources.yml"
    path.write_text(SMALL.replace("drops/", "${DROPS}/"))

    (misspelt,) = unset_secrets(path, {"CRM_TOKN": "s3cr3t", "DROPS": "drops"})

    assert unset_secrets(path, {"CRM_TOKEN": "s3cr3t", "DROPS": "drops"}) == []
    assert f"{misspelt}" == (
        f"{path}:6: sources.crm.token: the environment variable CRM_TOKEN is not set "
        '(did you mean "CRM_TOKN"?)'
    )


def test_checking_names_what_is_not_set_and_still_finds_no_mistake(tmp_path: Path) -> None:
    """A document may be checked elsewhere than where it runs."""
    settings = replace(settings_in(tmp_path), perfect_customer=PROJECT / "perfect_customer.yml")
    settings.sources.write_text(SMALL)

    ending = prospects(settings, "check")

    assert ending.code == 0, ending.err
    assert "sources.yml: no mistakes" in ending.out
    assert f"note: {settings.sources}:6: sources.crm.token: the environment" in ending.out


def test_loading_reads_no_secret_and_resolving_does() -> None:
    """The document can be checked where the secrets are not."""
    crm = read(SMALL).sources[0]
    resolved = resolve_secrets(crm, {"CRM_TOKEN": "s3cr3t"})

    assert crm.options.token.get_secret_value() == "${CRM_TOKEN}"
    assert resolved.options.token.get_secret_value() == "s3cr3t"
    assert "s3cr3t" not in repr(resolved)


@pytest.mark.parametrize("environment", [{}, {"CRM_TOKEN": ""}], ids=["not set", "empty"])
def test_a_missing_secret_names_variable_and_source(environment: dict[str, str]) -> None:
    """Whoever runs the job knows what to set."""
    with pytest.raises(MissingSecret) as caught:
        resolve_secrets(read(SMALL).sources[0], environment)

    assert (caught.value.source, caught.value.variable) == ("crm", "CRM_TOKEN")


def test_a_source_without_secrets_is_resolved_as_it_is() -> None:
    """Nothing is asked of the environment."""
    market = read(SMALL).sources[1]

    assert resolve_secrets(market, {}) == market


@settings(max_examples=60)
@given(st.integers(0, len(SMALL)), st.text("{}[]:,-'\"&*!%#\n\t $é5", max_size=4))
def test_a_slip_of_the_keyboard_gives_sources_or_a_document_error(at: int, slip: str) -> None:
    """Characters typed anywhere into a good document never make it crash."""
    try:
        read(SMALL[:at] + slip + SMALL[at:])
    except DocumentError as error:
        assert error.mistakes
