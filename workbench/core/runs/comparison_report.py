"""Runs beside each other as an HTML page that stands alone: the settings that differ, what came of each, the curves."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from workbench.core.job.smoothing import Smoothed
from workbench.core.recipe.recipe import settings
from workbench.core.report.curves import Curve, curves
from workbench.core.report.page import page
from workbench.core.runs.comparison import are_best, differing_settings, hindrances
from workbench.core.runs.result import RunResult
from workbench.core.runs.result_words import outcome_in_words, value_in_words
from workbench.core.units import counted
from workbench.core.whole_file import save_whole

# More curves over each other are not told apart.
MOST_CURVES = 4
LETTERS = "ABCD"


def write_comparison(path: Path, results: Sequence[RunResult]) -> None:
    """The file is whole or not there. Raises UserError."""
    save_whole(path, comparison_html(results))


def comparison_html(results: Sequence[RunResult]) -> str:
    title = f"{counted(len(results), 'run')} compared"
    told = "".join(f"<li>{escape(sentence)}</li>" for sentence in hindrances(results))
    sections = [
        f"<h1>{title}</h1>",
        f'<ul class="lead">{told}</ul>' if told else "",
        _card("Settings that differ", _settings(results)),
        _card("What came of it", _outcomes(results)),
        _losses(results),
    ]
    return page(title, sections)


def _card(title: str, inside: str) -> str:
    return f'<h2>{title}</h2><div class="card">{inside}</div>'


def _name(results: Sequence[RunResult], place: int) -> str:
    """What a run is called, after its letter where few are compared."""
    called = results[place].called
    return f"{LETTERS[place]}  {called}" if len(results) <= MOST_CURVES else called


def _table(results: Sequence[RunResult], rows: Sequence[tuple[str, Sequence[str], Sequence[bool]]]) -> str:
    """Rows of a title, a cell a run, and whether each is the best."""
    head = "".join(f'<th scope="col">{escape(_name(results, place))}</th>' for place in range(len(results)))
    body = ""
    for title, cells, best in rows:
        kinds = [' class="best"' if is_best else "" for is_best in best]
        inside = "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(cells, kinds, strict=True))
        body += f'<tr><th scope="row">{escape(title)}</th>{inside}</tr>'
    return f'<table><thead><tr><th scope="col"></th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _settings(results: Sequence[RunResult]) -> str:
    differing = differing_settings(results)
    if not differing:
        return '<p class="about">They were asked the same.</p>'
    rows = [
        (f"{settings()[path].title} ({path})", [value_in_words(value) for value in values], [False] * len(values))
        for path, values in differing.items()
    ]
    return _table(results, rows)


def _outcomes(results: Sequence[RunResult]) -> str:
    columns = [outcome_in_words(result) for result in results]
    rows = []
    for title in columns[0]:
        cells = [column[title] for column in columns]
        if any(cells):
            rows.append((title, cells, are_best(title, results)))
    return _table(results, rows)


def _losses(results: Sequence[RunResult]) -> str:
    if len(results) > MOST_CURVES:
        said = f"Curves are drawn of {MOST_CURVES} runs at most."
        return f'<h2>Loss by step</h2><p class="about">{said}</p>'
    drawn: list[Curve] = []
    for letter, result in zip(LETTERS, results, strict=False):
        colour = f"var(--compare-{letter.lower()})"
        history = result.history
        if history.steps:
            steps, losses = history.column("step"), Smoothed().of(history.column("loss"))
            drawn.append(Curve(letter, list(zip(steps.tolist(), losses.tolist(), strict=True)), colour))
        evaluations = [(float(entry.step), entry.loss) for entry in history.evaluations]
        drawn.append(Curve("", evaluations, colour, is_rings=True))
    plot = curves(drawn, "Loss by step")
    about = '<p class="about">Smoothed; rings are evaluations.</p>'
    return _card("Loss by step", about + plot) if plot else ""
