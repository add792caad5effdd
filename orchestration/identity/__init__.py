"""Which company records are one company: records, candidate pairs, weights, clusters, accounts."""

IDENTITY_COLUMNS = {
    "company_clusters": {
        "record_id": "VARCHAR",
        "account_id": "VARCHAR",
        "link_reason": "VARCHAR",
        "match_weight": "DOUBLE",
    },
    "account_id_changes": {
        "account_id": "VARCHAR",
        "became_account_id": "VARCHAR",
        "kind": "VARCHAR",
        "changed_week": "DATE",
    },
    "uncertain_matches": {
        "left_record_id": "VARCHAR",
        "right_record_id": "VARCHAR",
        "match_weight": "DOUBLE",
        "match_probability": "DOUBLE",
        "reasons_for": "VARCHAR",
        "reasons_against": "VARCHAR",
        "held_because": "VARCHAR",
    },
}
"""The tables that the step hands to the second half of the dbt graph."""
