"""The table by kind of fault, in seconds of media."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from chaos import stream
from chaos.campaign import Outcome

COLUMNS = (
    *("fault", "runs", "offered", "captured", "lost, marked", "lost, NOT marked"),
    *("doubled", "marked too much", "sound lost", "over the limit", "not sealed"),
)


def lines(outcomes: Iterable[Outcome]) -> list[str]:
    """Markdown: a line for each kind, and the sum."""
    ordered = sorted(outcomes, key=lambda one: one.plan.kind)
    rows = [_row(kind, list(group)) for kind, group in groupby(ordered, lambda one: one.plan.kind)]
    rows.append(_row("**all**", ordered))
    return ["| " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * (len(COLUMNS) - 1), *rows]


def _row(kind: str, some: Sequence[Outcome]) -> str:
    found = [one.found for one in some]
    frames = (
        *(sum(one.offered for one in found), sum(one.captured for one in found), sum(one.marked for one in found)),
        *(sum(one.unmarked for one in found), sum(one.doubled for one in found)),
    )
    seconds = [
        *(count / stream.FPS for count in frames),
        *(sum(one.false_ms for one in found) / 1000, sum(one.unheard for one in found) / stream.FPS),
        sum(one.over_ms for one in some) / 1000,
    ]
    told = [kind, str(len(some)), *(f"{value:.1f}" for value in seconds), str(sum(not one.sealed for one in some))]
    return "| " + " | ".join(told) + " |"


def written(page: str, rows: Iterable[str], name: str = "table") -> str:
    """The page with the rows between the marks of that ``name``."""
    begin, end = f"<!-- {name}: made by `make chaos` -->\n", f"<!-- /{name} -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + "\n".join(rows) + "\n" + end + after
