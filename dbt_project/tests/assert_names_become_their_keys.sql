-- Catches: a name whose key is not the one that other spellings of it have.
-- Usually means: a step of `name_key` was changed, or a legal form was added that is content in other names.
-- A returned row is a name with the key it has and the key it should have.
{{ config(tags=['formula']) }}
{%- set names = [
    ["A. O. Smith", "ao smith"], ["SMITH A O CORP", "smith ao"], ["AO Smith", "ao smith"],
    ["Alphabet Inc. (Class A)", "alphabet"], ["Coca-Cola Company (The)", "coca cola"], ["3M CO", "3m"],
    ["BANK OF AMERICA CORP /DE/", "bank of america"], ["US BANCORP \\DE\\", "us bancorp"], ["US BANCORP DE", "us bancorp"],
    ["VERTEX PHARMACEUTICALS INC / MA", "vertex pharmaceuticals"], ["COSTCO WHOLESALE CORP /NEW", "costco wholesale"],
    ["WELLS FARGO & COMPANY/MN", "wells fargo"], ["Midea Group Co., Ltd./ADR", "midea group"],
    ["AMERICA MOVIL SAB DE CV/", "america movil"], ["Anheuser-Busch InBev SA/NV", "anheuser busch inbev"],
    ["AC/DC", "ac dc"], ["Novo Nordisk A/S /ADR", "novo nordisk"], ["FIRST ACME INC /WI/ /ADV", "first acme"], ["AT&amp;T Inc.", "at t"], ["AT & T", "at t"], ["S & P Global", "sp global"], ["S&P Global Inc.", "sp global"],
    ["Campbell's Co", "campbells"], ["Campbell’s", "campbells"], ["Campbell&#39;s", "campbells"], ["Caf&eacute; Royal", "cafe royal"],
    ["Marsh & McLennan", "marsh mclennan"], ["Marsh and McLennan", "marsh mclennan"], ["And Digital", "and digital"],
    ["Kraft y Hijos, S.A.", "kraft hijos"], ["Y Combinator", "y combinator"], ["XYZ Corp", "xyz"], ["X Y Z Corp", "xyz"],
    ["Fund V, L.P.", "fund v"], ["FUND V L P", "fund v"], ["Vitamin E S.A.", "vitamin e"], ["WOLTERS KLUWER N V /FI", "wolters kluwer"],
    ["Uno S.A. de CV", "uno"], ["Open Joint Stock Company Uno", "uno"],
    ["Müller GmbH & Co. KG", "muller"], ["Straßen AG", "strassen"], ["ØRSTED A/S", "orsted"], ["Łódź Sp.J.", "lodz"],
    ["Türkiye İş Bankası A.Ş.", "turkiye is bankasi"], ["Smørrebrød ApS", "smorrebrod"], ["Æther hf.", "aether"],
    ["Grupo Uno S.A.B. de C.V.", "grupo uno"], ["Uno S. A. de C. V.", "uno"], ["Uno Sp. z o.o.", "uno"], ["Uno sp. z o. o.", "uno"],
    ["Uno d.o.o.", "uno"], ["Uno (Pty) Ltd", "uno"], ["Uno Limited Liability Company", "uno"], ["Uno Public Limited Company", "uno"],
    ["PT Uno (Persero) Tbk", "uno"], ["Uno Sdn. Bhd.", "uno"], ["Uno, UAB", "uno"], ["UAB Uno", "uno"], ["Uno spol. s r.o.", "uno"],
    ["株式会社トヨタ", "トヨタ"], ["トヨタ株式会社", "トヨタ"], ["㈱トヨタ", "トヨタ"], ["トヨタ（株）", "トヨタ"], ["ＮＴＴ株式会社", "ntt"],
    ["华为技术有限公司", "华为技术"], ["(주)카카오", "카카오"], ["카카오 주식회사", "카카오"], ["บริษัท ปตท. จำกัด (มหาชน)", "ปตท"],
    ["ООО \"Ромашка\"", "ромашка"], ["Ромашка, ООО", "ромашка"], ["Εθνική Τράπεζα Α.Ε.", "εθνικη τραπεζα"], ["Λόγος ΑΕ", "λογοσ"], ["ΛΟΓΟΣ Α.Ε.", "λογοσ"], ["בנק הפועלים בע\"מ", "בנק הפועלים"],
    ["Sa Sa International", "sa sa intl"], ["AS Roma", "as roma"], ["SE Ranking", "se ranking"], ["Inc. Magazine", "inc magazine"],
    ["Co-operative Bank", "co operative bank"], ["Limited Brands", "limited brands"], ["Company Three LLC", "co three"],
    ["Packaging Corporation of America", "packaging corp of america"], ["PACKAGING CORP OF AMERICA", "packaging corp of america"],
    ["SA", none], ["株式会社", none], ["The Company", none], ["Co., Ltd.", none], ["...", none], ["", none],
] %}
with

names as (

    {% for name, key in names -%}
    select
        {{ text_literal(name) }} as name,
        {{ nullable_text(key) }} as expected_key
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

keyed as (

    select
        name,
        {{ name_key('name') }} as name_key,
        expected_key
    from names

)

select * from keyed
where name_key is distinct from expected_key
