"""How two clusters are compared: which agreements and disagreements there are, without weights.

A comparison is a list of levels, the strongest first, as Splink takes them; conditions speak of the
columns of `profiles`. What each level weighs is trained (`training.py`) and kept in a model file.
"""

from collections.abc import Sequence
from typing import Any

Comparison = dict[str, Any]

# Agreements that few clusters have: chance agrees on them less often, the more clusters there are.
RARE_LEVELS = frozenset(
    {
        "same name, held by these two alone",
        "same name, held by few",
        "same words in another order, held by these two alone",
        "the other's name without its weak words",
        "the other's first words",
        "the other's name cut to one word",
        "same phone number",
        "same street number and postal code",
    }
)


def comparisons() -> Sequence[Comparison]:
    """Every comparison, for training."""
    return [_name(), _place(), _phone(), _domain(), _industry(), _sources()]


# One letter more, less, other or in another place, in a long word: "Fund II" is not "Fund I".
_ONE_SLIP = (
    "damerau_levenshtein(name_l, name_r) = 1 AND short_words_l = short_words_r "
    "AND length(name_l) >= 8"
)


def _name() -> Comparison:
    return _comparison(
        "name",
        _both_ways("sole_own_names", "sole_names", "same name, held by these two alone"),
        _both_ways("rare_own_names", "rare_names", "same name, held by few"),
        _both_ways("own_names", "names", "same name, held by many"),
        _any("sole_word_sets", "same words in another order, held by these two alone"),
        _both_ways("core_wholes", "cores", "the other's name without its weak words"),
        _both_ways("front_wholes", "fronts", "the other's first words"),
        _both_ways("one_word_wholes", "one_word_cores", "the other's name cut to one word"),
        (_ONE_SLIP, "same name but for one letter"),
        _any("names", "an alias in common"),
        null="name_l IS NULL OR name_r IS NULL",
        otherwise="other name",
    )


def _place() -> Comparison:
    return _comparison(
        "place",
        _any("addresses", "same street number and postal code"),
        _any("postals", "same postal code"),
        _any("cities", "same city"),
        _any("countries", "same country"),
        null=_either_empty("countries"),
        otherwise="other country",
    )


def _phone() -> Comparison:
    return _comparison(
        "phone",
        _any("sole_phones", "same phone number"),
        null=_either_empty("phones"),
        otherwise="other phone number, or one that many have",
    )


def _domain() -> Comparison:
    """The same domain joins by itself, unless a guard holds that, and then it weighs nothing."""
    return _comparison(
        "domain",
        _any("domains", "same domain"),
        null=_either_empty("domains"),
        otherwise="other domain",
    )


def _industry() -> Comparison:
    return _comparison(
        "industry",
        _any("industries", "same industry"),
        null=_either_empty("industries"),
        otherwise="other industry",
    )


def _sources() -> Comparison:
    return _comparison(
        "sources",
        ("NOT list_has_any(sources_l, sources_r)", "from different sources"),
        null="sources_l IS NULL OR sources_r IS NULL",
        otherwise="from a source that has both",
    )


def _comparison(column: str, *levels: tuple[str, str], null: str, otherwise: str) -> Comparison:
    return {
        "output_column_name": column,
        "comparison_levels": [
            {"sql_condition": null, "label_for_charts": "not known", "is_null_level": True},
            *({"sql_condition": sql, "label_for_charts": label} for sql, label in levels),
            {"sql_condition": "ELSE", "label_for_charts": otherwise},
        ],
    }


def _any(column: str, label: str) -> tuple[str, str]:
    return f"list_has_any({column}_l, {column}_r)", label


def _both_ways(own: str, any_name: str, label: str) -> tuple[str, str]:
    """One side's own name is a name of the other; two aliases may be the brand of a group."""
    return (
        f"list_has_any({own}_l, {any_name}_r) OR list_has_any({any_name}_l, {own}_r)",
        label,
    )


def _either_empty(column: str) -> str:
    return f"len({column}_l) = 0 OR len({column}_r) = 0"
