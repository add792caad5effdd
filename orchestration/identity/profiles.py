"""What is compared of a cluster: one row of keys per cluster that is in a candidate pair."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# A name that so few clusters hold still tells something of the few.
FEW_HOLDERS = 5


# The clusters that stand in some candidate pair.
COMPARED = """
    SELECT join_key_l AS label FROM blocked_pairs
    UNION
    SELECT join_key_r FROM blocked_pairs
"""


def write_profiles(connection: "duckdb.DuckDBPyConnection", compared: str = COMPARED) -> None:
    """Write the temporary table profiles, one row per label that the query `compared` gives.

    Names are hashed keys out of block_keys, so only those that another cluster has, too, are there:
    `sole_` are held by one other cluster, so that two clusters that share one hold it alone.
    `fingerprint` is a hash of all that is compared, the same whenever that is.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE profiles AS
        WITH compared AS ({compared}),
        shared_names AS (
            SELECT
                label,
                list(key) FILTER (kind = 'name') AS names,
                list(key) FILTER (kind = 'name' AND is_own) AS own_names,
                list(key) FILTER (kind = 'name' AND holders <= $few) AS rare_names,
                list(key) FILTER (kind = 'name' AND holders <= $few AND is_own) AS rare_own_names,
                list(key) FILTER (kind = 'name' AND holders = 2) AS sole_names,
                list(key) FILTER (kind = 'name' AND holders = 2 AND is_own) AS sole_own_names,
                list(key) FILTER (kind = 'word set' AND holders = 2 AND is_own) AS sole_word_sets,
                list(key) FILTER (kind = 'core' AND holders = 2 AND is_whole) AS core_wholes,
                list(key) FILTER (kind = 'core' AND holders = 2 AND NOT is_whole) AS cores,
                list(key) FILTER (kind = 'front' AND holders = 2 AND is_whole) AS front_wholes,
                list(key) FILTER (kind = 'front' AND holders = 2 AND NOT is_whole) AS fronts,
                list(key) FILTER (kind = 'one-word core' AND holders = 2 AND is_whole)
                    AS one_word_wholes,
                list(key) FILTER (kind = 'one-word core' AND holders = 2 AND NOT is_whole)
                    AS one_word_cores,
                list(key) FILTER (kind = 'phone' AND holders = 2) AS sole_phones
            FROM block_keys
            WHERE label IN (SELECT label FROM compared)
            GROUP BY label
        ),
        facts AS (
            SELECT
                labels.label,
                min(records.name_key) AS name,
                list_sort(list_filter(
                    string_split(min(records.name_key), ' '),
                    lambda word: length(word) < 5 OR regexp_matches(word, '[0-9]')
                )) AS short_words,
                list_sort(list_distinct(list(records.country))) AS countries,
                list_sort(list_distinct(list(records.city_key))) AS cities,
                list_sort(list_distinct(list(records.postal_key))) AS postals,
                list_sort(list_distinct(list(postal_key || ' ' || street_number))) AS addresses,
                list_sort(list_distinct(list(records.phone_key))) AS phones,
                list_sort(list_distinct(list(own_domain))) AS domains,
                list_sort(list_distinct(list(records.industry_key))) AS industries,
                list_sort(list_distinct(list(records.source))) AS sources
            FROM intermediate.int_company_records AS records
            INNER JOIN nodes USING (record_id)
            INNER JOIN labels USING (node)
            LEFT JOIN own_domains USING (node)
            WHERE labels.label IN (SELECT label FROM compared)
            GROUP BY labels.label
        ),
        sorted_names AS (
            SELECT label, list_sort(COLUMNS(* EXCLUDE (label))) FROM shared_names
        ),
        compared_by AS (
            SELECT facts.*, sorted_names.* EXCLUDE (label)
            FROM facts LEFT JOIN sorted_names USING (label)
        )
        SELECT compared_by.*, hash(*COLUMNS(* EXCLUDE (label))) AS fingerprint
        FROM compared_by
        ORDER BY label
        """,
        {"few": FEW_HOLDERS},
    )
