"""The dbt project stands by itself: it builds, tests and documents on an empty warehouse."""

import json
from collections.abc import Iterator

import duckdb
import pytest

from orchestration.warehouse import warehouse_file
from tests.support.dbt_project import Dbt, opened_dbt
from tests.support.empty_warehouse import WEEK


@pytest.fixture(scope="module")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dbt]:
    """An empty warehouse, built once with every model, test and unit test."""
    with opened_dbt(tmp_path_factory.mktemp("home")) as dbt:
        yield dbt


@pytest.fixture(scope="module")
def built(dbt: Dbt) -> dict[str, str]:
    """The status of each node of `dbt build`, by name."""
    result = dbt.run("build")
    assert result.exception is None, result.exception
    return {r.node.name: str(r.status) for r in result.result.results}


def test_every_model_test_and_formula_passes_on_an_empty_warehouse(built: dict[str, str]) -> None:
    """Nothing needs a row to compile, and each worked formula comes out as written."""
    wrong = {n: s for n, s in built.items() if s not in ("success", "pass", "no-op")}

    assert wrong == {}


def test_a_table_stays_where_making_it_anew_fails(dbt: Dbt, built: dict[str, str]) -> None:
    """As it does for who builds a single model of a finished week in the UI."""
    database = str(warehouse_file(dbt.settings, WEEK))
    with duckdb.connect(database) as warehouse:
        warehouse.execute("alter view staging.stg_deals rename to gone")

    again = dbt.run("run", "--select", "int_deals_known")

    with duckdb.connect(database) as warehouse:
        warehouse.execute("alter view staging.gone rename to stg_deals")
        tables = warehouse.execute("select table_name from duckdb_tables()").fetchall()
    assert [str(result.status) for result in again.result.results] == ["error"]
    assert ("int_deals_known",) in tables


@pytest.mark.parametrize(
    "formula",
    [
        "organisation_fit_is_earned_of_possible_points",
        "reasons_are_rounded_before_they_are_summed_and_a_floor_is_a_reason",
        "people_coverage_counts_a_role_once_and_only_when_reachable",
        "a_role_is_held_by_title_or_by_department_and_seniority",
        "a_person_is_reached_by_their_own_address_before_the_companys",
        "a_count_is_unknown_where_nobody_looked",
        "a_count_is_zero_where_somebody_looked_and_found_nothing",
        "filings_are_counted_by_topic_and_age",
        "acquisitions_and_incidents_are_unknown_of_who_files_nothing",
        "who_writes_from_a_domain_left_alone_is_left_alone",
        "a_free_mail_box_leads_to_no_account_and_an_explicit_link_does",
        "of_all_rules_the_first_that_matches_reads_a_title",
        "heat_is_decayed_evidence_capped_and_needs_independent_kinds",
        "issue_urgency_is_points_times_heat_capped_at_100",
        "alignment_is_a_geometric_mean_and_needs_every_minimum",
        "a_leg_of_weight_0_is_not_judged",
        "tiers_fill_in_order_after_the_parents_cap_and_overflow_goes_down",
        "a_list_that_is_rolled_up_holds_the_best_of_each_family",
        "who_is_rolled_up_says_under_whom_it_stands",
        "a_verdict_finds_its_account_by_any_key_that_the_list_gives",
        "the_newest_verdict_decides_while_it_holds",
        "the_first_rule_that_applies_decides_the_outcome",
        "a_deal_keeps_the_attributes_that_its_source_gave",
        "a_signal_counts_from_when_it_was_known",
        "a_domain_in_conflict_links_equal_names_only",
        "an_opening_posted_again_is_one_and_as_old_as_its_first_posting",
        "an_opening_posted_again_is_one_signal",
        "openings_count_where_their_day_is_known",
        "what_is_no_number_is_unknown",
        "sources_that_differ_claim_each_their_value",
        "two_fresh_sources_that_agree_outvote_a_stale_one",
        "what_contradicts_the_standing_value_is_shown_with_both",
        "each_value_is_that_of_the_most_preferred_record_with_its_source_and_date",
        "a_relationship_counts_between_two_accounts_while_it_holds",
        "of_several_parents_the_nearest_of_the_most_trusted_source_is_believed",
        "a_ring_is_broken_at_its_least_trusted_claim",
        "everybody_above_an_account_is_found_at_its_level",
        "subsidiaries_are_all_companies_below_at_any_depth",
        "a_deal_is_what_it_was_on_the_list_week",
        "a_usual_age_is_that_at_which_won_deals_left_the_stage",
        "an_age_is_held_against_the_stage_where_enough_deals_came_through_it",
        "a_deal_is_kept_questioned_or_qualified_out_by_its_account",
        "a_leg_that_is_not_judged_makes_no_deal_weak",
        "the_best_performers_are_the_best_quarter_of_those_with_enough_deals",
        "a_gap_is_told_only_where_both_sides_have_enough_deals",
        "a_difference_is_clear_where_its_interval_leaves_out_none",
        "a_deal_is_judged_by_the_newest_facts_before_it_was_opened",
        "signals_are_aged_as_on_the_day_of_the_opening",
        "a_deal_is_no_past_deal_of_itself",
    ],
)
def test_the_formula_was_really_tested(built: dict[str, str], formula: str) -> None:
    """A unit test that no longer runs would pass unnoticed."""
    assert built[formula] == "pass"


@pytest.mark.parametrize(
    "promise",
    [
        "assert_phrases_are_normalised_as_columns_are",
        "assert_names_become_their_keys",
        "assert_keys_of_names_are_alike",
        "assert_legal_forms_are_no_part_of_a_name",
    ],
)
def test_the_promise_was_really_tested(built: dict[str, str], promise: str) -> None:
    """What is looked for and what it is looked for in go through the same steps."""
    assert built[promise] == "pass"


def test_each_title_rule_reads_its_example(built: dict[str, str]) -> None:
    """No rule is dead: each is the first to match the title beside it, and reads what it says."""
    assert built["assert_each_title_rule_reads_its_example"] == "pass"


def test_phrases_are_normalised_as_columns_are(built: dict[str, str]) -> None:
    """What the document looks for and what it is looked for in go through the same steps."""
    assert built["assert_phrases_are_normalised_as_columns_are"] == "pass"


def test_docs_can_be_generated(dbt: Dbt, built: dict[str, str]) -> None:
    """`dbt docs generate` writes a catalog with every mart."""
    result = dbt.run("docs", "generate")

    assert result.success, result.exception
    catalog = json.loads((dbt.target / "catalog.json").read_text())
    marts = {key for key in catalog["nodes"] if key.startswith("model.prospects.")}
    assert {"model.prospects.target_accounts", "model.prospects.account_scores"} <= marts


@pytest.mark.parametrize("spoilt", ["twice", "without a key"])
def test_a_spoilt_grain_is_found(dbt: Dbt, built: dict[str, str], spoilt: str) -> None:
    """A row that is there again fails the test of its mart's grain, and so does a null key."""
    key = "criterion_id" if spoilt == "twice" else "null"
    with duckdb.connect(str(warehouse_file(dbt.settings, WEEK))) as warehouse:
        warehouse.execute("create table kept as from marts.criteria")
        warehouse.execute(
            f"insert into marts.criteria select * replace ({key} as criterion_id) "
            "from kept order by position limit 1"
        )

    (result,) = dbt.run("test", "--select", "unique_grain_criteria_leg__criterion_id").result

    with duckdb.connect(str(warehouse_file(dbt.settings, WEEK))) as warehouse:
        warehouse.execute("delete from marts.criteria")
        warehouse.execute("insert into marts.criteria from kept")
        warehouse.execute("drop table kept")
    assert (str(result.status), result.failures) == ("fail", 1)


def test_a_reason_that_is_there_twice_is_found(dbt: Dbt, built: dict[str, str]) -> None:
    """The grain of the reasons is counted among the items that they are made of."""
    reason = "{'leg': 'people', 'reason_id': 'lead', 'points': 1, 'evidence_id': null}"
    with duckdb.connect(str(warehouse_file(dbt.settings, WEEK))) as warehouse:
        warehouse.execute(
            "insert into marts.account_scores by name "
            f"select 'twice' as account_id, [{reason}, {reason}] as reasons_earned"
        )

    (result,) = dbt.run("test", "--select", "account_reasons,test_name:unique_grain").result

    with duckdb.connect(str(warehouse_file(dbt.settings, WEEK))) as warehouse:
        warehouse.execute("delete from marts.account_scores where account_id = 'twice'")
    assert (str(result.status), result.failures) == ("fail", 1)
