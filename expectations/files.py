"""What must hold of the files as they lie ready, read back as their readers will read them.

Here belong promises that only the written files can break: that they are all there, say what the
marts say, name nobody who must not be named, and do no harm when opened. They are read back into
the schema `files` (`orchestration/publishing/reading_back.py` says what each table holds). The gate
page and the manifest are written after these checks and tell of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from expectations.checks import Check, no_rows, text_literal

LIST_FILES = ("target_accounts", "target_contacts", "changes", "qualified_out")
# The review of open deals is no list: whom the list leaves alone is in it where there is a deal.
PEOPLE_FILES = (*LIST_FILES, "pipeline_review")
IMPORT_FILES = ("import_accounts", "import_contacts")
FORMULA_START = r"^\s*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|^[\t\r\n]"
"""What a spreadsheet may take for a formula; a number is none."""
# Files for people may have an apostrophe before what a spreadsheet could run.
_BARE = "ltrim(contact_id, '''')"


def files(list_week: date, publish_id: str, expected: Sequence[str]) -> tuple[Check, ...]:
    """The suite over the files of a version that is about to be published.

    `expected` names every file relative to the version's folder.
    """
    return (
        _complete(expected),
        _of_this_version(list_week, publish_id),
        _marts_agree(),
        _list_agrees(),
        _contacts_agree(),
        _no_suppressed_account(),
        _no_barred_person(list_week),
        _formula_safe(),
        _import_as_is(),
        _import_keys(),
        _workbook_without_formulas(),
        _pages_self_contained(),
    )


def _complete(expected: Sequence[str]) -> Check:
    names = ", ".join(f"({text_literal(name)})" for name in expected) or "(null)"
    return no_rows(
        "files_complete",
        "files.inventory",
        "select coalesce(promised.path, there.path) as path, there.bytes from "
        f"(values {names}) as promised (path) "
        "full join this as there on promised.path = there.path "
        "where promised.path is null or there.path is null or there.bytes = 0",
        why="Whoever pulls the list by a script counts on its files; a missing or empty one stops "
        "them, an unknown one may hold what nobody checked.",
        expected="every promised file, none of them empty, and no other",
    )


def _of_this_version(list_week: date, publish_id: str) -> Check:
    return no_rows(
        "files_of_this_version",
        "files.stamps",
        "select path, list_week, publish_id, count(*) as rows from this as stamped "
        f"where list_week is distinct from {text_literal(str(list_week))} "
        f"or coalesce(publish_id <> {text_literal(publish_id)}, false) group by all",
        why="Files of two runs side by side contradict each other, and nobody can tell which is "
        "right.",
        expected=f"every row of every file of week {list_week} and, where it says so, of version "
        f"{publish_id}",
    )


def _marts_agree() -> Check:
    return no_rows(
        "mart_files_agree",
        "files.marts",
        "select mart, rows, parquet_rows, built_rows from this as counted "
        "where rows is distinct from parquet_rows or rows is distinct from built_rows",
        why="BI reads the DuckDB file or the Parquet files, and both must tell what was built and "
        "checked.",
        expected="as many rows in marts.duckdb and in marts/*.parquet as in the checked marts",
    )


def _list_agrees() -> Check:
    return no_rows(
        "list_files_agree",
        "files.target_accounts",
        "select coalesce(listed.account_id, written.account_id, importable.account_id) "
        "as account_id, listed.rank, written.rank as rank_in_csv, importable.times "
        "from marts.target_accounts as listed "
        "full join this as written on listed.account_id = written.account_id "
        "full join (select external_id as account_id, count(*) as times from ("
        "select external_id from files.import_accounts union all "
        "select external_id from files.import_rejects where file = 'accounts') as either "
        "group by all) as importable "
        "on coalesce(listed.account_id, written.account_id) = importable.account_id "
        "where cast(listed.rank as varchar) is distinct from written.rank "
        "or importable.times is distinct from 1",
        why="Marketing works from the files; an account that is lost or doubled on the way into "
        "them was never checked.",
        expected="each listed account once in target_accounts.csv, with its rank, and once in "
        "import/accounts.csv or import/rejects.csv",
    )


def _contacts_agree() -> Check:
    return no_rows(
        "contact_files_agree",
        "files.target_contacts",
        "select coalesce(reached.contact_id, written.contact_id) as contact_id, reached.rows, "
        f"written.rows as rows_in_csv from (select {_BARE} as contact_id, count(*) as rows "
        f"from marts.target_contacts group by all) as reached full join (select {_BARE} "
        "as contact_id, count(*) as rows from this as contacts group by all) as written "
        "on reached.contact_id = written.contact_id "
        "where reached.rows is distinct from written.rows",
        why="A person in the file who isn't in the checked marts was never held against the "
        "opt-outs.",
        expected="the same people and roles in target_contacts.csv as in the checked marts",
    )


def _no_suppressed_account() -> Check:
    written = " union all ".join(
        f"select {text_literal(name)} as file, account_id from files.{name}" for name in LIST_FILES
    )
    return no_rows(
        "no_suppressed_account_in_files",
        "files.words",
        f"select file, account_id from ({written} union all "
        "select 'import/accounts.csv', external_id from files.import_accounts union all "
        "select 'import/rejects.csv', external_id from files.import_rejects union all "
        "select path, word from this as words) as named where account_id in "
        "(select account_id from marts.account_scores where outcome = 'suppressed')",
        why="The last look before the files leave: customers, competitors and those who asked to "
        "be left alone stand in none of them.",
        expected="no suppressed account in any list file, page or workbook",
    )


def _no_barred_person(list_week: date) -> Check:
    in_force = f"(until_date is null or until_date >= date '{list_week}')"
    barred = (
        f"select lower(key) as key from raw.latest_suppressions where key_kind = 'email' "
        f"and {in_force} union select lower(email) from raw.latest_contacts "
        "where email is not null and (is_opted_out or is_do_not_call)"
    )
    hashed = (
        "select lower(key) from raw.latest_suppressions where key_kind = 'email_sha256' "
        f"and {in_force}"
    )
    return no_rows(
        "no_barred_person_in_files",
        "files.words",
        "select path, count(*) as people from (select path, lower(word) as email "
        "from this as words where contains(word, '@') union all "
        "select 'target_contacts.csv', lower(email) from files.target_contacts union all "
        "select 'import/contacts.csv', lower(email) from files.import_contacts) as addresses "
        f"where email in ({barred}) or sha256(email) in ({hashed}) group by all",
        why="People who asked not to be contacted must not be in any file, by law and by decency; "
        "this is the last look, at the files themselves.",
        expected="no address of a person who opted out, in any file",
    )


def _formula_safe() -> Check:
    risky = " union all ".join(
        f"select {text_literal(name)} as file, count(*) as cells "
        f"from (select unnest([*columns(*)]) as cell from files.{name}) as cells "
        f"where regexp_matches(cell, {text_literal(FORMULA_START)}) "
        "and try_cast(cell as double) is null"
        for name in PEOPLE_FILES
    )
    return no_rows(
        "people_files_formula_safe",
        "files.target_accounts",
        f"select file, cells from ({risky}) as counted where cells > 0",
        why="A name that begins like a formula would be run by the spreadsheet that opens it.",
        expected="no cell of a file for people that a spreadsheet could run",
    )


def _import_as_is() -> Check:
    return no_rows(
        "import_values_as_they_are",
        "files.import_accounts",
        "select external_id, 'accounts' as file from this as imported "
        "join marts.target_accounts as listed on imported.external_id = listed.account_id "
        "where imported.name is distinct from listed.name "
        "or imported.domain is distinct from listed.domain union all "
        "select imported.external_id, 'contacts' from files.import_contacts as imported "
        "join (select contact_id, any_value(email) as email, any_value(full_name) as full_name "
        "from marts.target_contacts group by all) as reached "
        "on imported.external_id = reached.contact_id "
        "where imported.full_name is distinct from reached.full_name",
        why="CRM and ad platforms match by the value; an added apostrophe or a cut name makes "
        "duplicates there.",
        expected="names and domains in import/ exactly as in the marts",
    )


def _import_keys() -> Check:
    return no_rows(
        "import_keys_unique",
        "files.import_accounts",
        "select 'accounts' as file, domain as key, count(*) as rows from this as imported "
        "group by all having count(*) > 1 or key is null union all "
        "select 'contacts', external_id, count(*) from files.import_contacts "
        "group by all having count(*) > 1 union all "
        "select 'contacts', email, count(*) from files.import_contacts where email is not null "
        "group by all having count(*) > 1",
        why="CRMs merge rows of one domain or address without a word, so that the second "
        "overwrites the first.",
        expected="each domain once in import/accounts.csv, each person and address once in "
        "import/contacts.csv",
    )


def _workbook_without_formulas() -> Check:
    return no_rows(
        "workbook_without_formulas",
        "files.workbook",
        "select part, formulas, outside_links from this as parts "
        "where formulas > 0 or outside_links > 0",
        why="A workbook from the pipeline holds values; a formula or a link to another workbook "
        "in it came from somebody's company name.",
        expected="no formula and no link to another file in target_accounts.xlsx",
    )


def _pages_self_contained() -> Check:
    loads = (
        r"<(link|iframe|object|embed|base)\s|@import|url\(\s*[\x22\x27]?(https?:|//)"
        r"|<[a-z]+[^>]*\ssrc\s*=\s*[\x22\x27]?\s*(https?:|//|[a-z])"
    )
    return no_rows(
        "pages_self_contained",
        "files.pages",
        "select path from this as pages where "
        f"regexp_matches(lower(html), {text_literal(loads)}) "
        "or not contains(html, 'default-src ''none''')",
        why="Pages are opened from mails and shares; one that loads anything from elsewhere tells "
        "others who reads it, and breaks without network.",
        expected="pages that load nothing and forbid it",
    )
