"""What Salesforce's reports call the fields that its API and Data Loader know by other names.

What belongs here: standard labels in English, by export, where letters alone don't lead to the
field. What doesn't: labels that an org gave its own fields, which options name as they are.

A report of contacts has the account's name beside the person's, so what a label stands for depends
on the object. A parent's name is no key, and is not taken for one.
"""

from collections.abc import Mapping

LABELS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "accounts": {
        "Id": ("Account ID",),
        "Name": ("Account Name",),
        "ParentId": ("Parent Account ID",),
        "Type": ("Account Type",),
        "BillingState": ("Billing State/Province",),
        "BillingPostalCode": ("Billing Zip/Postal Code",),
        "BillingStreet": ("Billing Address Line 1",),
        "Sic": ("SIC Code",),
        "NumberOfEmployees": ("Employees",),
        "CurrencyIsoCode": ("Account Currency", "Annual Revenue Currency"),
    },
    "contacts": {
        "Id": ("Contact ID",),
        "Name": ("Contact Name", "Full Name"),
        "MobilePhone": ("Mobile",),
        "HasOptedOutOfEmail": ("Email Opt Out",),
    },
    "opportunities": {
        "Id": ("Opportunity ID",),
        "Name": ("Opportunity Name",),
        "StageName": ("Stage",),
        "IsClosed": ("Closed",),
        "IsWon": ("Won",),
        "OwnerId": ("Opportunity Owner ID",),
        "CurrencyIsoCode": ("Opportunity Currency", "Amount Currency"),
    },
    "opportunity_history": {
        "StageName": ("To Stage", "Stage"),
        "CreatedDate": ("Last Modified", "Last Modified Date"),
    },
    "users": {"Id": ("User ID",), "Name": ("Full Name",)},
}
