"""The tables that the identity step hands to the second half of the dbt graph."""

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
        "evidence": "VARCHAR",
        "counter_evidence": "VARCHAR",
        "held_because": "VARCHAR",
    },
}
