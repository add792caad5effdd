"""Company registers: how authority and number are spelled where several sources name them.

What belongs here: spelling by which records of one company in different sources find each other.
What doesn't: which company a number belongs to (identity does that).

Authorities are named by their code in GLEIF's list of registration authorities.
"""

import polars as pl

ENGLAND_AND_WALES, NORTHERN_IRELAND, SCOTLAND = "RA000585", "RA000586", "RA000587"
UK_AUTHORITIES = (ENGLAND_AND_WALES, NORTHERN_IRELAND, SCOTLAND)
UK_NUMBER = r"^(?P<prefix>[A-Z]{0,2})(?P<digits>\d{1,8})(?P<suffix>[A-Z]{0,2})$"
UK_NUMBER_LENGTH = 8
SCOTTISH = r"^(?:SC|SL|SO|SF|SP|SI|SA|SR|SZ|SG|GS|CS|ES)"
NORTHERN_IRISH = r"^(?:NI|NL|NC|NF|NP|NO|NV|NA|NR|NZ|GN|EN|R\d)"


def uk_company_number(text: pl.Expr) -> pl.Expr:
    """Eight characters, as Companies House writes them: 3977902 is 03977902, sc5336 is SC005336.

    Spreadsheets drop leading zeros, and people write small letters and blanks. Null for what is
    no company number.
    """
    upper = text.str.to_uppercase().str.replace_all(r"\s+", "")
    parts = upper.str.extract_groups(UK_NUMBER)
    prefix, digits, suffix = (parts.struct.field(name) for name in ("prefix", "digits", "suffix"))
    marks = (prefix.str.len_chars() + suffix.str.len_chars()).cast(pl.Int64)
    zeros = UK_NUMBER_LENGTH - marks - digits.str.len_chars().cast(pl.Int64)
    filled = pl.concat_str(
        prefix, pl.lit("0").repeat_by(zeros.clip(0)).list.join(""), digits, suffix
    )
    return pl.when(zeros >= 0).then(filled)


def uk_authority(number: pl.Expr) -> pl.Expr:
    """Which of the three registers of Companies House a number is of: its first letters tell."""
    return (
        pl.when(number.str.contains(SCOTTISH))
        .then(pl.lit(SCOTLAND))
        .when(number.str.contains(NORTHERN_IRISH))
        .then(pl.lit(NORTHERN_IRELAND))
        .when(number.is_not_null())
        .then(pl.lit(ENGLAND_AND_WALES))
    )
