"""What a company announces in an 8-K: each item of the form as a plain-language event.

What belongs here: the SEC's list of items. What doesn't: where filings come from (`sources/`).
The topics are what `perfect_customer.yml` names, so they stay as they are.
"""

ANOTHER = "another kind of event"
EXHIBITS = frozenset({"9.01", "7"})
"""Items that only list what is attached."""

# Topic and the SEC's own heading; the numbers without a point are those until August 2004.
ITEMS = {
    "1.01": ("material agreement signed", "Entry into a material definitive agreement"),
    "1.02": ("material agreement ended", "Termination of a material definitive agreement"),
    "1.03": ("bankruptcy", "Bankruptcy or receivership"),
    "1.04": ("mine safety", "Mine safety: reporting of shutdowns and patterns of violations"),
    "1.05": ("cybersecurity incident", "Material cybersecurity incidents"),
    "2.01": (
        "acquisition or disposal completed",
        "Completion of acquisition or disposition of assets",
    ),
    "2.02": ("results published", "Results of operations and financial condition"),
    "2.03": ("debt taken on", "Creation of a direct financial obligation"),
    "2.04": ("debt called in", "Triggering events that accelerate a direct financial obligation"),
    "2.05": ("restructuring costs", "Costs associated with exit or disposal activities"),
    "2.06": ("impairment", "Material impairments"),
    "3.01": ("delisting notice", "Notice of delisting or failure to satisfy a listing rule"),
    "3.02": ("unregistered share sale", "Unregistered sales of equity securities"),
    "3.03": ("shareholder rights changed", "Material modification to rights of security holders"),
    "4.01": ("auditor change", "Changes in registrant's certifying accountant"),
    "4.02": ("restatement", "Non-reliance on previously issued financial statements"),
    "5.01": ("change of control", "Changes in control of registrant"),
    "5.02": (
        "executive or director change",
        "Departure of directors or certain officers; election of directors; appointment of "
        "certain officers; compensatory arrangements of certain officers",
    ),
    "5.03": ("bylaws or fiscal year changed", "Amendments to articles or bylaws; fiscal year"),
    "5.04": ("benefit plan suspended", "Temporary suspension of trading under benefit plans"),
    "5.05": ("code of ethics changed", "Amendments to, or waiver of, the code of ethics"),
    "5.06": ("no longer a shell company", "Change in shell company status"),
    "5.07": ("shareholder vote", "Submission of matters to a vote of security holders"),
    "5.08": ("shareholder nominations", "Shareholder director nominations"),
    "6.01": ("asset-backed securities", "ABS informational and computational material"),
    "6.02": ("asset-backed securities", "Change of servicer or trustee"),
    "6.03": ("asset-backed securities", "Change in credit enhancement or other support"),
    "6.04": ("asset-backed securities", "Failure to make a required distribution"),
    "6.05": ("asset-backed securities", "Securities act updating disclosure"),
    "7.01": ("investor disclosure", "Regulation FD disclosure"),
    "8.01": ("other event", "Other events"),
    "1": ("change of control", "Changes in control of registrant"),
    "2": ("acquisition or disposal completed", "Acquisition or disposition of assets"),
    "3": ("bankruptcy", "Bankruptcy or receivership"),
    "4": ("auditor change", "Changes in registrant's certifying accountant"),
    "5": ("other event", "Other events"),
    "6": ("executive or director change", "Resignations of registrant's directors"),
    "8": ("bylaws or fiscal year changed", "Change in fiscal year"),
    "9": ("investor disclosure", "Regulation FD disclosure"),
    "10": ("code of ethics changed", "Amendments to, or waiver of, the code of ethics"),
    "11": ("benefit plan suspended", "Temporary suspension of trading under benefit plans"),
    "12": ("results published", "Results of operations and financial condition"),
}
