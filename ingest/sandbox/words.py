"""The vocabulary of the made-up market: places, legal forms, titles, topics, posting texts.

Lists only. Brands and surnames are built from syllables, so that no firm and no person is meant;
every domain ends its name in `-fictive`. A word that a perfect customer document shall find
(topic, title, technology) is added here.
"""

from typing import NamedTuple


class Country(NamedTuple):
    """One country: its share of the market and how its companies write themselves."""

    code: str
    weight: float
    spellings: tuple[str, ...]
    forms: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    tld: str
    currency: str
    phone: str
    script: str = ""


# The phone prefixes are those reserved for fiction, or a country code that nobody has (+999).
COUNTRIES: tuple[Country, ...] = (
    Country(
        "US",
        34,
        ("United States", "USA", "US", "United States of America"),
        ("Inc.", "LLC", "Corp."),
        (
            ("Austin", "TX", "78701"),
            ("Chicago", "IL", "60601"),
            ("Boston", "MA", "02108"),
            ("Denver", "CO", "80202"),
            ("Atlanta", "GA", "30303"),
            ("Columbus", "OH", "43215"),
        ),
        "com",
        "USD",
        "+1 202-555-01",
    ),
    Country(
        "GB",
        14,
        ("United Kingdom", "UK", "Great Britain", "GB"),
        ("Ltd", "Limited", "PLC", "LLP"),
        (
            ("London", "England", "EC2A 1AA"),
            ("Manchester", "England", "M1 1AE"),
            ("Leeds", "England", "LS1 1AA"),
            ("Bristol", "England", "BS1 1AA"),
            ("Edinburgh", "Scotland", "EH1 1AA"),
        ),
        "co.uk",
        "GBP",
        "+44 20 7946 00",
    ),
    Country(
        "DE",
        13,
        ("Germany", "Deutschland", "DE"),
        ("GmbH", "AG", "GmbH & Co. KG", "SE"),
        (
            ("München", "Bayern", "80331"),
            ("Köln", "Nordrhein-Westfalen", "50667"),
            ("Hamburg", "Hamburg", "20095"),
            ("Stuttgart", "Baden-Württemberg", "70173"),
            ("Düsseldorf", "Nordrhein-Westfalen", "40213"),
        ),
        "de",
        "EUR",
        "+49 30 231250",
    ),
    Country(
        "FR",
        7,
        ("France", "FR"),
        ("SAS", "SA", "SARL"),
        (
            ("Paris", "Île-de-France", "75002"),
            ("Lyon", "Auvergne-Rhône-Alpes", "69002"),
            ("Lille", "Hauts-de-France", "59000"),
        ),
        "fr",
        "EUR",
        "+33 1 99 00 00 ",
    ),
    Country(
        "NL",
        5,
        ("Netherlands", "The Netherlands", "Nederland", "NL"),
        ("B.V.", "N.V."),
        (
            ("Amsterdam", "Noord-Holland", "1011 AB"),
            ("Rotterdam", "Zuid-Holland", "3011 AA"),
            ("Utrecht", "Utrecht", "3511 AA"),
        ),
        "nl",
        "EUR",
        "+999 31 00",
    ),
    Country(
        "CA",
        3,
        ("Canada", "CA"),
        ("Inc.", "Ltd."),
        (("Toronto", "ON", "M5H 2N2"), ("Vancouver", "BC", "V6B 1A1")),
        "ca",
        "CAD",
        "+1 613-555-01",
    ),
    Country(
        "SE",
        2,
        ("Sweden", "Sverige", "SE"),
        ("AB",),
        (("Stockholm", "Stockholms län", "111 20"), ("Göteborg", "Västra Götalands län", "411 03")),
        "se",
        "SEK",
        "+999 46 00",
    ),
    Country(
        "ES",
        2,
        ("Spain", "España", "ES"),
        ("S.L.", "S.A."),
        (("Madrid", "Madrid", "28001"), ("Málaga", "Andalucía", "29001")),
        "es",
        "EUR",
        "+999 34 00",
    ),
    Country(
        "IT",
        3,
        ("Italy", "Italia", "IT"),
        ("S.p.A.", "S.r.l."),
        (("Milano", "Lombardia", "20121"), ("Bologna", "Emilia-Romagna", "40121")),
        "it",
        "EUR",
        "+999 39 00",
    ),
    Country(
        "PL",
        3,
        ("Poland", "Polska", "PL"),
        ("Sp. z o.o.", "S.A."),
        (("Warszawa", "Mazowieckie", "00-001"), ("Łódź", "Łódzkie", "90-001")),
        "pl",
        "PLN",
        "+999 48 00",
    ),
    Country(
        "IN",
        3,
        ("India", "IN"),
        ("Pvt Ltd", "Ltd"),
        (("Pune", "Maharashtra", "411001"), ("Bengaluru", "Karnataka", "560001")),
        "in",
        "INR",
        "+999 91 00",
    ),
    Country(
        "BR",
        2,
        ("Brazil", "Brasil", "BR"),
        ("Ltda.", "S.A."),
        (("São Paulo", "SP", "01000-000"),),
        "com.br",
        "BRL",
        "+999 55 00",
    ),
    Country(
        "JP",
        2,
        ("Japan", "JP"),
        ("K.K.", "株式会社"),
        (("Tokyo", "Tokyo", "100-0001"), ("Osaka", "Osaka", "530-0001")),
        "co.jp",
        "JPY",
        "+999 81 00",
        "アカサタナハマヤラワイキシチニヒミリウクスツヌフムユルエケセテネヘメレオコソトノホモヨロ",
    ),
    Country(
        "CN",
        1.5,
        ("China", "CN"),
        ("Co., Ltd.", "有限公司"),
        (("Shanghai", "Shanghai", "200000"),),
        "com.cn",
        "CNY",
        "+999 86 00",
        "华东明远新科达信安泰和兴隆盛宏天地海云龙凤金银通广",
    ),
    Country(
        "AE",
        1.5,
        ("United Arab Emirates", "UAE", "AE"),
        ("LLC", "ذ.م.م"),
        (("Dubai", "Dubai", ""),),
        "ae",
        "AED",
        "+999 97 00",
        "ابتجدرسعفقكلمنهوي",
    ),
    Country(
        "IL",
        1,
        ("Israel", "IL"),
        ("Ltd.", "בע״מ"),
        (("Tel Aviv", "Tel Aviv", "6100000"),),
        "co.il",
        "ILS",
        "+999 72 00",
        "אבגדהוזחטיכלמנסעפצקרשת",
    ),
    Country(
        "KR",
        1,
        ("Korea, Republic of", "South Korea", "Korea South"),
        ("Co., Ltd.", "주식회사"),
        (("Seoul", "Seoul", "04524"),),
        "co.kr",
        "KRW",
        "+999 82 00",
        "가나다라마바사아자차카타파하고노도로모보소오조초코토포호",
    ),
    Country(
        "TR",
        1,
        ("Turkey", "Türkiye", "TR"),
        ("A.Ş.", "Ltd. Şti."),
        (("İstanbul", "İstanbul", "34000"),),
        "com.tr",
        "TRY",
        "+999 90 00",
    ),
    Country(
        "CI",
        0.5,
        ("Ivory Coast", "Côte d'Ivoire"),
        ("SARL",),
        (("Abidjan", "Lagunes", ""),),
        "ci",
        "XOF",
        "+999 25 00",
    ),
    Country(
        "ZA",
        0.5,
        ("South Africa", "ZA"),
        ("(Pty) Ltd",),
        (("Cape Town", "Western Cape", "8001"),),
        "co.za",
        "ZAR",
        "+999 27 00",
    ),
)


class Industry(NamedTuple):
    """One industry: its share, the words its companies are called by, its SIC code, HubSpot's."""

    name: str
    weight: float
    words: tuple[str, ...]
    sic: str
    hubspot: str


INDUSTRIES: tuple[Industry, ...] = (
    Industry(
        "Industrial Manufacturing",
        16,
        ("Instruments", "Components", "Precision", "Works"),
        "3590",
        "MACHINERY",
    ),
    Industry(
        "Business Services",
        11,
        ("Services", "Solutions", "Partners", "Group"),
        "7389",
        "PROFESSIONAL_TRAINING_COACHING",
    ),
    Industry(
        "Computer Software",
        12,
        ("Software", "Labs", "Systems", "Technologies"),
        "7372",
        "COMPUTER_SOFTWARE",
    ),
    Industry(
        "Logistics and Transport",
        8,
        ("Logistics", "Freight", "Transport"),
        "4731",
        "LOGISTICS_AND_SUPPLY_CHAIN",
    ),
    Industry("Medical Devices", 6, ("Medical", "Biosystems", "Health"), "3841", "MEDICAL_DEVICES"),
    Industry("Pharmaceuticals", 4, ("Pharma", "Therapeutics"), "2834", "PHARMACEUTICALS"),
    Industry("Insurance", 4, ("Insurance", "Assurance"), "6331", "INSURANCE"),
    Industry("Banking", 4, ("Bank", "Capital"), "6022", "BANKING"),
    Industry("Retail", 9, ("Stores", "Retail", "Markets"), "5311", "RETAIL"),
    Industry("Wholesale", 6, ("Trading", "Supply", "Distribution"), "5080", "WHOLESALE"),
    Industry("Utilities and Energy", 4, ("Energy", "Power"), "4911", "UTILITIES"),
    Industry("Construction", 5, ("Construction", "Building"), "1540", "CONSTRUCTION"),
    Industry("Food and Beverages", 5, ("Foods", "Beverages"), "2000", "FOOD_BEVERAGES"),
    Industry("Hospitality", 3, ("Hotels", "Leisure"), "7011", "HOSPITALITY"),
    Industry("Education", 2, ("Academy", "College"), "8221", "EDUCATION_MANAGEMENT"),
    Industry(
        "Public Administration", 1, ("Authority", "Agency"), "9100", "GOVERNMENT_ADMINISTRATION"
    ),
)

DIVISIONS = (
    "Iberia",
    "Nordic",
    "Benelux",
    "DACH",
    "Services",
    "Holdings",
    "Logistics",
    "Americas",
    "Asia",
    "Finance",
    "Trading",
    "Digital",
    "Nederland",
    "Deutschland",
    "France",
    "International",
)

_ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "gl",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "qu",
    "r",
    "s",
    "st",
    "t",
    "v",
    "z",
    "x",
)
SYLLABLES = tuple(onset + vowel for vowel in ("a", "e", "o") for onset in _ONSETS)
ENDINGS = (
    "",
    "n",
    "r",
    "s",
    "l",
    "x",
    "th",
    "m",
    "nd",
    "rk",
    "lt",
    "st",
    "sk",
    "ng",
    "rn",
    "mp",
    "ck",
    "ff",
    "ph",
    "nt",
    "rd",
    "ls",
    "ns",
    "q",
)
GIVEN_NAMES = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Elena",
    "Felix",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Karin",
    "Luis",
    "Maria",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Samir",
    "Tessa",
    "Uwe",
    "Vera",
    "Wim",
    "Yuki",
    "Zoë",
    "Björn",
    "Chloé",
    "Łukasz",
    "Íñigo",
    "Aoife",
    "Priya",
)
STREETS = (
    "Mill Lane",
    "Station Road",
    "Market Street",
    "Harbour Way",
    "Park Avenue",
    "Garden Row",
    "Canal Street",
    "North Quay",
)

# What stands before and after a brand so that it hurts; `=`, `+`, `-`, `@` come first.
HOSTILE: tuple[tuple[str, str], ...] = (
    ("=", ""),
    ("+", " Plus"),
    ("-", ""),
    ("@", " Social"),
    ('=HYPERLINK("https://evil.example","', '")'),
    ("", ' "Quoted", Sons & Co'),
    ("", "\nHoldings"),
    ("", " 🚀✨"),
    ("", " " + "Extraordinarily Long " * 40 + "Name"),
    ("O'", ""),
    ("<script>alert('", "')</script>"),
    ("", "\u200b\u00ad Group"),
    ("\t", ""),
    ("שלום ", " بيت"),
    ("The ", "; DROP TABLE accounts; --"),
    ("\uff1d", "\\"),
)


class Title(NamedTuple):
    """A job title with the department and seniority that a vendor gives it."""

    title: str
    department: str
    seniority: str


FINANCE_TITLES: tuple[Title, ...] = (
    Title("Chief Financial Officer", "Finance", "C-Level"),
    Title("CFO", "Finance", "C-Level"),
    Title("Group CFO", "Finance", "C-Level"),
    Title("VP of Finance", "Finance", "VP"),
    Title("VP Finance & Accounting", "Finance", "VP"),
    Title("Finance Director", "Finance", "Director"),
    Title("Group Financial Controller", "Accounting", "Director"),
    Title("Corporate Controller", "Accounting", "Director"),
    Title("Chief Accounting Officer", "Accounting", "C-Level"),
    Title("Head of FP&A", "Finance", "Director"),
    Title("FP&A Manager", "Finance", "Manager"),
    Title("Director of Financial Reporting", "Accounting", "Director"),
    Title("Consolidation Manager", "Accounting", "Manager"),
    Title("Head of Internal Audit", "Finance", "Director"),
    Title("Finance Systems Manager", "Finance", "Manager"),
    Title("Finance Transformation Lead", "Finance", "Manager"),
    Title("Senior Accountant", "Accounting", "Staff"),
    Title("Treasurer", "Finance", "Manager"),
)
# Titles of the same desks where people do not write English; the rest of a country does.
LOCAL_FINANCE_TITLES: dict[str, tuple[Title, ...]] = {
    "DE": (
        Title("Leiter Controlling", "Controlling", "Director"),
        Title("Leiterin Konzernrechnungswesen", "Rechnungswesen", "Director"),
        Title("Kaufmännischer Geschäftsführer", "Geschäftsführung", "C-Level"),
        Title("Leiter Finanzen", "Finanzen", "Director"),
    ),
    "FR": (
        Title("DAF", "Finance", "C-Level"),
        Title("Directeur Administratif et Financier", "Finance", "C-Level"),
        Title("Responsable Consolidation", "Comptabilité", "Manager"),
        Title("Contrôleur de Gestion", "Finance", "Manager"),
    ),
    "ES": (
        Title("Director Financiero", "Finanzas", "C-Level"),
        Title("Responsable de Contabilidad", "Finanzas", "Manager"),
    ),
    "NL": (
        Title("Financieel Directeur", "Finance", "C-Level"),
        Title("Hoofd Financiën", "Finance", "Director"),
    ),
}
OTHER_TITLES: tuple[Title, ...] = (
    Title("Chief Executive Officer", "Executive", "C-Level"),
    Title("Managing Director", "Executive", "C-Level"),
    Title("Chief Information Officer", "Information Technology", "C-Level"),
    Title("IT Director", "Information Technology", "Director"),
    Title("Head of Business Applications", "Information Technology", "Director"),
    Title("ERP Programme Manager", "Information Technology", "Manager"),
    Title("Procurement Manager", "Operations", "Manager"),
    Title("Chief Operating Officer", "Operations", "C-Level"),
    Title("HR Business Partner", "Human Resources", "Manager"),
    Title("Sales Director", "Sales", "Director"),
    Title("Marketing Manager, EMEA", "Marketing", "Manager"),
    Title("Software Engineer", "Engineering", "Staff"),
    Title("Assistant to the CFO", "Administration", "Staff"),
    Title("Intern", "", "Entry"),
)

ERPS: tuple[tuple[str, float], ...] = (
    ("SAP S/4HANA", 14),
    ("Oracle NetSuite", 18),
    ("Microsoft Dynamics 365", 20),
    ("Sage Intacct", 12),
    ("SAP ECC", 10),
    ("Infor", 6),
    ("QuickBooks", 12),
    ("Odoo", 8),
)


class Issue(NamedTuple):
    """A pressure that companies feel now and then, and the traces that it leaves."""

    name: str
    topics: tuple[str, ...]
    posting_titles: tuple[str, ...]
    posting_texts: tuple[str, ...]
    pages: tuple[str, ...]


ISSUES: tuple[Issue, ...] = (
    Issue(
        "slow_close",
        (
            "financial close",
            "financial consolidation",
            "month end close",
            "account reconciliation",
            "intercompany accounting",
        ),
        (
            "Group Consolidation Accountant",
            "Financial Close Manager",
            "Senior Accountant, Month End Close",
            "Intercompany Accountant",
        ),
        (
            "You will shorten our month end close, which takes twelve working days, "
            "and own the group consolidation.",
            "You will reconcile intercompany balances and prepare the consolidation.",
        ),
        ("/product/financial-close", "/product/consolidation"),
    ),
    Issue(
        "audit_pressure",
        (
            "audit readiness",
            "internal controls",
            "sox compliance",
            "audit trail",
            "regulatory reporting",
        ),
        (
            "Internal Controls Manager",
            "SOX Compliance Analyst",
            "Internal Audit Manager",
            "Regulatory Reporting Accountant",
        ),
        (
            "You will remediate findings of the external audit and document internal controls.",
            "You will bring SOX compliance to our finance processes and answer the auditors.",
        ),
        ("/product/audit-trail", "/guides/audit-readiness"),
    ),
    Issue(
        "growth_strains_reporting",
        (
            "erp migration",
            "multi-entity accounting",
            "mergers and acquisitions",
            "finance transformation",
            "ifrs 16",
        ),
        (
            "Finance Integration Manager, Acquisitions",
            "ERP Finance Transformation Lead",
            "International Controller",
            "Multi-Entity Accounting Lead",
        ),
        (
            "You will integrate newly acquired entities into our group reporting "
            "and lead the ERP migration in finance.",
            "You will build multi-entity reporting after our acquisitions.",
        ),
        ("/guides/multi-entity", "/guides/after-an-acquisition"),
    ),
    Issue(
        "manual_forecasting",
        (
            "financial planning",
            "budgeting and forecasting",
            "spreadsheet automation",
            "scenario planning",
            "cash flow forecasting",
        ),
        ("FP&A Manager", "Financial Planning Analyst", "Budgeting and Forecasting Specialist"),
        (
            "You will replace spreadsheets in our planning and forecasting.",
            "You will run budgeting and forecasting, today kept in a hundred spreadsheets.",
        ),
        ("/product/planning", "/guides/beyond-spreadsheets"),
    ),
)

NOISE_TOPICS = (
    "cloud storage",
    "employee benefits",
    "office furniture",
    "cybersecurity training",
    "email marketing",
    "fleet management",
    "video conferencing",
    "warehouse automation",
    "recruiting software",
    "data center",
    "customer loyalty",
    "travel management",
    "sustainability reporting",
    "network security",
    "payroll outsourcing",
    "social media analytics",
)
NOISE_TITLES = (
    "Account Executive",
    "Warehouse Operator",
    "Software Engineer",
    "HR Business Partner",
    "Customer Success Manager",
    "Marketing Manager",
    "Field Technician",
    "Product Designer",
    "Quality Engineer",
    "Procurement Specialist",
    "Payroll Clerk",
    "Data Engineer",
)
NOISE_TEXTS = (
    "You will look after our customers and grow with the team.",
    "You will keep our operations safe, on time and within budget.",
    "You will build what our users ask for, with people who care.",
)
NOISE_PAGES = ("/", "/blog/ten-habits", "/careers", "/about", "/contact")
POSTING_DEPARTMENTS = ("Finance", "Sales", "Operations", "Engineering", "People", "Marketing")
WORK_PLACES = ("Remote", "Hybrid", "On-site")

FUNDING_ROUNDS = ("Series A", "Series B", "Series C", "Growth Equity", "Debt Financing")
NEWS_EVENTS = (
    "acquires a competitor",
    "opens a new site",
    "appoints a new chief financial officer",
    "reports a weakness in internal controls",
    "expands to three countries",
)

OWNERS: tuple[tuple[str, str], ...] = (
    ("Ada Quellorn", "US"),
    ("Bruno Vasteq", "US"),
    ("Celia Drommel", "GB"),
    ("Dirk Zallow", "DE"),
    ("Eva Krestan", "FR"),
    ("Finn Oberlax", "NL"),
    ("Gita Prandoq", "US"),
    ("Hal Stovane", "GB"),
)
OPEN_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
)


class Refusal(NamedTuple):
    """Why sales qualifies out: how often, and at the end of which year from now it is over."""

    text: str
    weight: float
    years: int | None


# The first two are said of who uses a rival and of subsidiaries, whatever their weight.
REFUSALS: tuple[Refusal, ...] = (
    Refusal("uses a competitor until YEAR", 15, 1),
    Refusal("wrong entity, talk to the parent", 0, None),
    Refusal("no budget this year", 40, 0),
    Refusal("in the middle of a merger, nothing is bought before YEAR is over", 15, 1),
    Refusal("built it in-house, and is proud of it", 20, None),
    Refusal("replaces its ledger first, ask again after YEAR", 10, 2),
)
RIVAL_REFUSAL, SUBSIDIARY_REFUSAL = 0, 1
LOSS_REASONS = ("No decision", "Chose a competitor", "No budget", "Timing", "Built in-house")
FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.com")
