"""What must hold of the list before it leaves the house, judged as its reader could.

Here belong promises about the finished marts: ranks, outcomes, sums, suppression, one version.
What the document says of the list is in `terms`, what is measured by the last list in
`comparisons`. Not here: grain, relations and contracts of single models (dbt tests hold those).
"""

from __future__ import annotations

from datetime import date

from expectations.checks import Check, has_rows, no_rows, text_literal
from expectations.comparisons import compared
from expectations.terms import Terms, kept_terms

LEGS = {
    "organisation": "organisation_fit_score",
    "people": "people_coverage_score",
    "issue": "issue_urgency_score",
}
"""The score column of each leg."""

STAMPED = (
    "account_scores",
    "accounts",
    "target_accounts",
    "target_account_reasons",
    "target_contacts",
    "target_account_changes",
    "qualified_out",
    "pipeline_review",
    "owner_profiles",
    "source_batches",
    "account_contradictions",
)
"""Marts that must all carry the list week and publish id of this run."""

FEWEST = 20
"""Accounts that it takes to call equal scores strange."""

_SCORES = "marts.account_scores"
_LIST = "marts.target_accounts"
# A person can be in both, and is counted once by those who ask.
_PEOPLE = (
    "(select account_id, email from this as targeted "
    "union all select account_id, email from marts.contacts)"
)


def departures(list_week: date, publish_id: str, terms: Terms) -> tuple[Check, ...]:
    """The suite over the marts of a warehouse that is about to be published.

    The names of the checks depend on none of the arguments.
    """
    return (
        *_the_list(),
        *_outcomes(),
        *_scores(),
        *_sums(),
        *_opt_outs(list_week),
        *kept_terms(terms, list_week),
        *compared(list_week),
        _one_version(list_week, publish_id),
        _known_later(),
        _sources_agree(),
        _answers_matched(list_week),
    )


def opt_outs(list_week: date) -> tuple[Check, ...]:
    """The part of the suite that an older publication must pass again to become the link's target:
    opt-outs count in their newest state, whatever was right when it was made."""
    return tuple(check for check in _opt_outs(list_week) if check.name != "no_suppressed_listed")


def _the_list() -> list[Check]:
    return [
        has_rows(
            "list_not_empty",
            _LIST,
            why="An empty list is a broken run or a document that nothing can meet, never a result "
            "to publish.",
            expected="at least one account listed",
        ),
        no_rows(
            "ranks_dense",
            _LIST,
            "select account_id, rank, place from (select account_id, rank, "
            "row_number() over (order by rank, account_id) as place from this as listed) as "
            "placed where rank is distinct from place",
            why="People read the list from the top; a gap or a tie means lost or doubled rows.",
            expected="ranks 1, 2, 3 … without gap or tie",
        ),
        no_rows(
            "ranked_by_alignment",
            _LIST,
            "select account_id, rank, alignment_score, better from (select account_id, rank, "
            "alignment_score, min(alignment_score) over (order by rank rows between unbounded "
            "preceding and 1 preceding) as better from this as listed) as ranked "
            "where alignment_score > better",
            why="A better aligned account below a worse one would be called too late.",
            expected="alignment never rises further down the list",
        ),
        no_rows(
            "all_listed_aligned",
            _LIST,
            "select account_id, rank, weakest_leg from this as listed "
            "where is_aligned is distinct from true",
            why="The right organisation, people and issue are all needed; an account that misses "
            "one of them isn't a target.",
            expected="every listed account reaches the minimum of each leg",
        ),
        no_rows(
            "listed_have_names",
            _LIST,
            "select account_id, rank from this as listed where name is null or trim(name) = ''",
            severity="warning",
            why="Nobody can act on an account without a name.",
            expected="every listed account has a name",
        ),
    ]


def _outcomes() -> list[Check]:
    outcomes = ("listed", "below_line", "qualified_out", "suppressed")
    known = ", ".join(text_literal(outcome) for outcome in outcomes)
    return [
        no_rows(
            "one_outcome_each",
            _SCORES,
            "select account_id, count(*) as times from this as scored group by account_id "
            f"having count(*) > 1 or bool_or(outcome is null or outcome not in ({known}))",
            why="Every account ends the week in exactly one outcome, so that qualifying out is a "
            "decision and not a leftover.",
            expected=f"one outcome of {', '.join(outcomes)} for each account",
        ),
        no_rows(
            "outcomes_add_up",
            _SCORES,
            "select coalesce(scored.account_id, universe.account_id) as account_id, "
            "scored.account_id is not null as has_outcome, "
            "universe.account_id is not null as is_known from this as scored "
            "full join marts.accounts as universe on scored.account_id = universe.account_id "
            "where scored.account_id is null or universe.account_id is null",
            why="The outcomes must add up to the whole universe; an account that drops out "
            "silently is one nobody decided about.",
            expected="as many outcomes as accounts, for the same accounts",
        ),
        no_rows(
            "list_is_what_was_decided",
            _SCORES,
            "select scored.account_id, scored.outcome from this as scored "
            "full join marts.target_accounts as listed on scored.account_id = listed.account_id "
            "where (scored.outcome = 'listed' and listed.account_id is null) "
            "or (scored.outcome = 'below_line' and listed.account_id is not null)",
            why="The list shows what was decided, no more and no less.",
            expected="exactly the accounts with the outcome listed",
        ),
        no_rows(
            "no_disqualified_listed",
            _LIST,
            "select listed.account_id, listed.rank from this as listed "
            "join marts.account_scores as scored on listed.account_id = scored.account_id "
            "where scored.outcome = 'qualified_out' or len(scored.met_disqualifiers) > 0",
            why="Sales and marketing agreed not to pursue accounts that meet a disqualifier.",
            expected="no account that meets a disqualifier or that sales qualified out",
        ),
    ]


def _scores() -> list[Check]:
    scores = (*LEGS.values(), "alignment_score")
    outside = " or ".join(f"not {score} between 0 and 100" for score in scores)
    equal = " union all ".join(
        f"select {text_literal(leg)} as leg, any_value({score}) as score, count(*) as accounts "
        f"from this as scored where {score} is not null "
        f"having count(*) >= {FEWEST} and min({score}) = max({score})"
        for leg, score in LEGS.items()
    )
    return [
        no_rows(
            "scores_in_range",
            _SCORES,
            f"select account_id, {', '.join(scores)} from this as scored where {outside}",
            why="A score is a part of 100; one outside can't be explained by its reasons.",
            expected="every score of every account from 0 to 100",
        ),
        no_rows(
            "legs_tell_accounts_apart",
            _SCORES,
            equal,
            severity="warning",
            why="A leg on which all accounts score the same tells nothing apart: most often no "
            "criterion finds the data that it asks for.",
            expected="no leg with one and the same score for every account",
        ),
    ]


def _sums() -> list[Check]:
    return [check for leg, score in LEGS.items() for check in (_listed_sum(leg, score),)] + [
        _any_sum()
    ]


def _listed_sum(leg: str, score: str) -> Check:
    return no_rows(
        f"reasons_add_up_{leg}",
        _LIST,
        f"select listed.account_id, listed.{score} as score, coalesce(sum(reasons.points), 0) "
        "as reasons from this as listed left join marts.target_account_reasons as reasons "
        f"on listed.account_id = reasons.account_id and reasons.leg = {text_literal(leg)} "
        f"where listed.{score} is not null group by all "
        f"having listed.{score} <> coalesce(sum(reasons.points), 0)",
        why=f"The reasons shown for the {leg} leg are the whole explanation of its score; if they "
        "don't add up, the explanation is wrong.",
        expected="the points of the shown reasons sum to the score exactly",
    )


def _any_sum() -> Check:
    wrong = " or ".join(
        f"coalesce({score} <> coalesce(list_sum(list_transform(list_filter(reasons_earned, "
        f"lambda r: r.leg = {text_literal(leg)}), lambda r: r.points)), 0), false)"
        for leg, score in LEGS.items()
    )
    return no_rows(
        "earned_reasons_add_up",
        _SCORES,
        f"select account_id, outcome from this as scored where {wrong}",
        why="“Why is this one not on the list?” is answered from the same reasons, so they must "
        "add up for every account, listed or not.",
        expected="for each account and leg the points earned sum to the score exactly",
    )


def _opt_outs(list_week: date) -> list[Check]:
    in_force = f"(kept.until_date is null or kept.until_date >= date '{list_week.isoformat()}')"
    return [
        no_rows(
            "no_suppressed_listed",
            _LIST,
            "select listed.account_id, listed.rank from this as listed "
            "join marts.account_scores as scored on listed.account_id = scored.account_id "
            "where scored.outcome = 'suppressed'",
            why="Customers, competitors and those who asked to be left alone must not be targeted.",
            expected="no suppressed account",
        ),
        no_rows(
            "no_barred_domain_listed",
            _LIST,
            "select listed.account_id, listed.rank from this as listed "
            "join raw.latest_suppressions as kept on kept.key_kind = 'domain' "
            "and lower(kept.key) = listed.domain "
            f"where kept.reason in ('do_not_contact', 'manual') and {in_force}",
            why="A second look, straight at the do-not-contact lists as they arrived: nobody on "
            "them may be targeted, whatever the models made of it.",
            expected="no listed domain on a do-not-contact or manual suppression list",
        ),
        no_rows(
            "no_barred_person_published",
            "marts.target_contacts",
            # Two look-ups instead of one join on either key, which would hash every pair.
            "select reached.account_id, count(distinct reached.email) as people "
            f"from {_PEOPLE} as reached "
            "where lower(reached.email) in (select lower(kept.key) from raw.latest_suppressions "
            f"as kept where kept.key_kind = 'email' and {in_force}) "
            "or sha256(lower(reached.email)) in (select lower(kept.key) from "
            f"raw.latest_suppressions as kept where kept.key_kind = 'email_sha256' and {in_force}) "
            "group by reached.account_id",
            why="People who asked not to be contacted must not be in any file, by law and by "
            "decency.",
            expected="no person whose e-mail is suppressed, plain or hashed",
        ),
        no_rows(
            "no_opted_out_person_published",
            "marts.target_contacts",
            "select reached.account_id, count(distinct reached.email) as people "
            f"from {_PEOPLE} as reached "
            "where lower(reached.email) in (select lower(heard.email) from raw.latest_contacts "
            "as heard where heard.is_opted_out or heard.is_do_not_call) "
            "group by reached.account_id",
            why="An opt-out recorded by any source binds all of them.",
            expected="no person whom any source marks as opted out or do-not-call",
        ),
    ]


def _one_version(list_week: date, publish_id: str) -> Check:
    stamps = " union all ".join(
        f"select {text_literal(mart)} as mart, list_week, publish_id from marts.{mart}"
        for mart in STAMPED
        if mart != "target_accounts"
    )
    return no_rows(
        "one_version",
        _LIST,
        "select mart, list_week, publish_id, count(*) as rows from (select 'target_accounts' as "
        f"mart, list_week, publish_id from this as listed union all {stamps}) as stamped "
        f"where list_week is distinct from date '{list_week.isoformat()}' "
        f"or publish_id is distinct from {text_literal(publish_id)} group by all",
        why="A list whose parts come from different runs contradicts itself.",
        expected=f"every mart carries week {list_week.isoformat()} and version {publish_id}",
    )


def _known_later() -> Check:
    return no_rows(
        "known_in_time",
        _LIST,
        "select account_id, rank from this as listed where is_known_later",
        severity="info",
        why="Parts of this list rest on data that arrived only after its week, so it isn't what "
        "that week could have known.",
        expected="no listed account rests on data learned after the list week",
    )


def _sources_agree() -> Check:
    return no_rows(
        "sources_agree_on_listed",
        _LIST,
        "select listed.account_id, listed.rank, said.attribute, said.value, said.value_source, "
        "said.other_value, said.other_value_source from this as listed "
        "join marts.account_contradictions as said on listed.account_id = said.account_id",
        severity="info",
        why="Sources contradict each other about listed accounts; whichever is wrong, a criterion "
        "may have been met by it, or the account may be two.",
        expected="what sources say of a listed account fits together; prospects explain shows both",
    )


def _answers_matched(list_week: date) -> Check:
    return no_rows(
        "verdicts_find_accounts",
        "intermediate.int_verdicts_attributed",
        "select source, coalesce(company_key, domain) as company, given_date from this as said "
        "where account_id is null and verdict = 'qualified_out' "
        f"and given_date <= date '{list_week}' "
        f"and (until_date is null or until_date >= date '{list_week}')",
        severity="info",
        why="Sales qualified out somebody whom no account goes by, so the answer had no effect.",
        expected="every refusal that holds finds its account; answer by the list's account_id",
    )
