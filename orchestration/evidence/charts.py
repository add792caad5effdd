"""The evidence as pictures: static SVG by Altair, with nothing in it that runs or is loaded.

Belongs here: which figures a picture shows and how. Not here: where pictures are shown, and the
tables beside them, which have every number. Altair is imported when something is drawn.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from orchestration.evidence.outcomes import LEGS
from orchestration.evidence.ranking_backtest import DOCUMENT, SUGGESTED

MET, NOT_MET = "met", "not met"
GIVEN, PROPOSED = "in the document", "suggested by deals"

Rows = Sequence[Mapping[str, Any]]

_WIDTH = 560
_STEP = 13
_COLOURS = ["#1d5c92", "#c2571a"]
_FIGURES, _MARKED = "figures", "marked"
_INK, _SOFT, _LINE = "#1c2530", "#5b6876", "#dfe4ea"
_FONT = "system-ui, sans-serif"


@dataclass(frozen=True)
class Picture:
    """An SVG, and what it shows in words for those who don't see it."""

    svg: str
    words: str

    @property
    def markdown(self) -> str:
        """The picture as an image of Markdown, with nothing to be loaded from anywhere."""
        encoded = b64encode(self.svg.encode()).decode()
        return f"![{self.words}](data:image/svg+xml;base64,{encoded})"


@cache
def warm_up() -> None:
    """Draw something, once: what draws takes most of a second to import and to start."""
    points_suggested([{"criterion_id": "", "points": 0, "suggested_points": 1}])


def pictures(table: str, rows: Rows) -> dict[str, Picture]:
    """All pictures of a table of figures, by name; those that would show nothing are left out."""
    if table == "criterion_figures":
        drawn = {
            f"won_shares/{leg}": won_shares([row for row in rows if row["leg"] == leg])
            for leg in LEGS
        } | {"points_suggested": points_suggested(rows)}
    elif table == "family_figures":
        drawn = {"families_added": families_added(rows)}
    else:
        drawn = {"rankings_compared": rankings_compared(rows), "deciles_won": deciles_won(rows)}
    return {name: picture for name, picture in drawn.items() if picture}


def won_shares(criteria: Rows) -> Picture | None:
    """Won shares with their intervals where each row of the document was met and where not.

    None where no row has both.
    """
    shown = [row for row in criteria if row["deals_met"] and row["deals_not_met"]]
    values = [
        {
            "name": _words(row["criterion_id"]),
            "answer": answer,
            **_with_interval(row, f"won_{key}", "_pct"),
        }
        for row in shown
        for key, answer in (("met", MET), ("not_met", NOT_MET))
    ]
    return _intervals(
        values,
        "won deals, %",
        _usual_pct(shown),
        f"Won share of deals with its 95 % interval, where each of {len(shown)} rows of the "
        "document was met and where it was not; the line marks the won share of all deals.",
    )


def points_suggested(criteria: Rows) -> Picture | None:
    """The points that rows have beside those that deals suggest. None where none differ."""
    values = [
        {"name": _words(row["criterion_id"]), "answer": answer, "share": _number(row[column])}
        for row in criteria
        if row["points"] is not None and row["points"] != row["suggested_points"]
        for column, answer in (("points", GIVEN), ("suggested_points", PROPOSED))
    ]
    text = (
        f"Points of the {len(values) // 2} rows of the document for which deals suggest others, "
        "and the points that they suggest."
    )
    return _intervals(values, "points", 0.0, text)


def families_added(families: Rows) -> Picture | None:
    """What each family of factors adds, with its interval. None where nothing could be tested."""
    values = [
        {"name": row["family"], **_with_interval(row, "auc_added")}
        for row in families
        if row["criteria"] and _number(row["auc_added_low"]) is not None
    ]
    text = (
        "What each family of factors adds to telling won from lost deals, as a difference of AUC "
        "with its 95 % interval; the line marks nothing."
    )
    return _intervals(values, "AUC that it adds", 0.0, text)


def rankings_compared(rankings: Rows) -> Picture | None:
    """The AUC of each ranking with its interval. None where nothing could be tested."""
    values = [
        {"name": row["ranking"], **_with_interval(row, "auc")}
        for row in rankings
        if _number(row["auc"]) is not None
    ]
    text = (
        "AUC of each ranking of the newer deals with its 95 % interval; the line marks one half, "
        "which is chance."
    )
    return _intervals(values, "AUC", 0.5, text)


def deciles_won(rankings: Rows) -> Picture | None:
    """The won share in each tenth of the deals, best ranked first, by the document as it is and as
    suggested. None without deals."""
    import altair as alt

    named = {DOCUMENT: GIVEN, SUGGESTED: PROPOSED}
    shown = [row for row in rankings if row["ranking"] in named and row["deciles"]]
    if not shown:
        return None
    values = [
        {
            "decile": decile["decile"],
            "answer": named[row["ranking"]],
            "share": _number(decile["won_pct"]),
        }
        for row in shown
        for decile in row["deciles"]
    ]
    bars = (
        alt.Chart(alt.NamedData(_FIGURES))
        .mark_bar()
        .encode(
            x=alt.X("decile:O", title="tenth of the deals, best ranked first").axis(labelAngle=0),
            xOffset=alt.XOffset("answer:N", sort=[GIVEN, PROPOSED]),
            y=alt.Y("share:Q", title="won deals, %"),
            color=_told_apart(alt.Color, [GIVEN, PROPOSED], _COLOURS),
        )
    )
    chart = (bars + _line("y")).properties(width=_WIDTH, height=200)
    text = (
        "Won share in each tenth of the newer deals, best ranked first, by the document and by the "
        "points that the older deals suggest; the line marks the won share of all."
    )
    return Picture(_drawn(chart, values, _number(shown[0]["won_pct"])), text)


def _usual_pct(criteria: Rows) -> float | None:
    """The won share of all deals, which each row of the document parts in three."""
    if not criteria:
        return None
    deals, won = (
        sum(criteria[0][f"{counted}_{answer}"] for answer in ("met", "not_met", "unknown"))
        for counted in ("deals", "won")
    )
    return 100 * float(won / deals)


def _with_interval(row: Mapping[str, Any], column: str, unit: str = "") -> dict[str, float | None]:
    ends = {"share": "", "low": "_low", "high": "_high"}
    return {name: _number(row[f"{column}{end}{unit}"]) for name, end in ends.items()}


def _intervals(
    values: Sequence[Mapping[str, Any]], title: str, mark: float | None, text: str
) -> Picture | None:
    """A row for each name with a point, its interval where it has one, and a line across all."""
    import altair as alt

    if not values:
        return None
    answers = list(dict.fromkeys(row["answer"] for row in values if "answer" in row))
    names = alt.Y("name:N", sort=None, title=None).axis(labelLimit=260, ticks=False, domain=False)
    place = alt.X("share:Q", title=title, scale=alt.Scale(zero=False, nice=True))
    base = alt.Chart(alt.NamedData(_FIGURES)).encode(y=names)
    if answers:
        base = base.encode(
            color=_told_apart(alt.Color, answers, _COLOURS),
            yOffset=alt.YOffset("answer:N", sort=answers),
        )
    points = base.mark_point(filled=True, size=46, opacity=1, color=_COLOURS[0]).encode(x=place)
    if answers:
        # Told apart by their shape too, for those who don't see the colours.
        points = points.encode(shape=_told_apart(alt.Shape, answers, ["circle", "square"]))
    layers = [_line("x"), points]
    if any("low" in row for row in values):
        layers.insert(
            1, base.mark_rule(strokeWidth=2, color=_COLOURS[0]).encode(x="low:Q", x2="high:Q")
        )
    height = alt.Step(_STEP if answers else 2 * _STEP)
    chart = alt.layer(*layers).properties(width=_WIDTH, height=height)
    return Picture(_drawn(chart, values, mark), text)


def _line(axis: str) -> Any:
    """A line across the other axis at what is marked."""
    import altair as alt

    rule = alt.Chart(alt.NamedData(_MARKED)).mark_rule(color=_SOFT, strokeDash=[4, 3])
    return rule.encode(x="at:Q") if axis == "x" else rule.encode(y="at:Q")


def _told_apart(channel: Any, answers: Sequence[str], marks: Sequence[str]) -> Any:
    """What tells answers apart; two channels that do share one legend."""
    import altair as alt

    scale = alt.Scale(domain=list(answers), range=list(marks))
    return channel("answer:N", title=None, scale=scale, legend=alt.Legend(orient="top"))


def _drawn(chart: Any, figures: Rows, marked: float | None) -> str:
    """The chart as SVG; the words beside it say what it shows, so its marks say nothing.

    Altair copies and checks what a chart holds at each word said of it: figures come in last.
    """
    import vl_convert

    styled = (
        chart.configure(aria=False, font=_FONT, background="#fff")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK, titleColor=_SOFT, titleFontWeight="normal", gridColor=_LINE,
            labelFontSize=12, titleFontSize=12,
        )
        .configure_legend(labelFontSize=12, labelColor=_INK)
    )  # fmt: skip
    # Readers' fonts can be wider than the one that it is laid out with.
    styled = styled.properties(padding={"left": 24, "right": 24, "top": 4, "bottom": 4})
    specification = styled.to_dict(validate=False)
    specification["datasets"] = {
        _FIGURES: list(figures),
        _MARKED: [] if marked is None else [{"at": marked}],
    }
    svg: str = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
    return svg


def _words(identifier: str) -> str:
    return identifier.replace("_", " ")


def _number(value: Any) -> float | None:
    """A figure as it is drawn; what is no number is not there."""
    if value is None or math.isnan(value):
        return None
    return round(float(value), 4)
