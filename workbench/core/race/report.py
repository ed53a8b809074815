"""A race of precisions as an HTML page that stands alone: no script, nothing from elsewhere."""

from datetime import date
from html import escape
from pathlib import Path

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import MEASURE, MEASURES, Measure, title_of
from workbench.core.race.picture import picture
from workbench.core.race.race import Race
from workbench.core.race.svg_plots import bars, loss_curves
from workbench.core.report.page import facts_list, page
from workbench.core.units import count_in_words, grouped
from workbench.core.whole_file import save_whole

PLOTTED = (
    "size_bytes",
    "peak_bytes",
    "answer_tokens_per_second",
    "prompt_tokens_per_second",
    "perplexity",
    "kl_divergence",
)


def write_report(path: Path, race: Race) -> None:
    """The file is whole or not there. Raises UserError."""
    save_whole(path, report_html(race))


def report_html(race: Race) -> str:
    name = escape(race.model_name)
    sections = [
        f"<h1>Race of precisions: {name}</h1>",
        f'<p class="about">{escape(_about(race))}</p>',
        f'<p class="lead">{escape(race.sentence)}</p>' if race.sentence else "",
        f'<div class="card">{picture(race)}</div>' if race.ran else "",
        "<h2>Figures</h2>",
        f'<div class="card">{_table(race)}</div>',
        _notes(race),
        _plots(race),
        _losses(race),
        _answers(race),
        "<h2>How it was measured</h2>",
        f'<div class="card">{_facts(race)}</div>',
    ]
    return page(f"Race of precisions: {race.model_name}", sections)


def _about(race: Race) -> str:
    first = race.ran[0] if race.ran else None
    parts = [f"{count_in_words(first.parameters)} parameters"] if first and first.parameters else []
    if first:
        parts.append(f"on {first.device}")
    parts.append(f"seed {race.request.seed}")
    return ", ".join(parts)


def _table(race: Race) -> str:
    best = {measure.name: race.best(measure) for measure in MEASURES}
    head = "".join(f'<th scope="col" title="{escape(measure.help)}">{measure.title}</th>' for measure in MEASURES)
    rows = []
    for row in race.rows:
        title = f'<th scope="row">{escape(title_of(row.precision))}</th>'
        if row.problem:
            rows.append(f'<tr>{title}<td class="reason" colspan="{len(MEASURES)}">{escape(row.problem)}</td></tr>')
            continue
        cells = "".join(_cell(measure, row, is_best=best[measure.name] == row.precision) for measure in MEASURES)
        rows.append(f"<tr>{title}{cells}</tr>")
    return f'<table><thead><tr><th scope="col">Precision</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _cell(measure: Measure, row: PrecisionMeasured, *, is_best: bool) -> str:
    kind = ' class="best"' if is_best else ""
    return f"<td{kind}>{escape(measure.words(row))}</td>"


def _notes(race: Race) -> str:
    trouble = [
        f"{title_of(row.precision)} was not trained: {row.training_problem}" for row in race.ran if row.training_problem
    ]
    said = "".join(f"<li>{escape(note)}</li>" for note in (*race.notes, *trouble))
    return f'<h2>To be read with it</h2><ul class="about">{said}</ul>' if said else ""


def _plots(race: Race) -> str:
    drawn = {MEASURE[name]: bars(race, MEASURE[name]) for name in PLOTTED}
    cards = [
        f'<div class="card"><h3>{measure.title}</h3><p class="about">{escape(measure.help)}</p>{plot}</div>'
        for measure, plot in drawn.items()
        if plot
    ]
    return f'<h2>Side by side</h2><div class="grid">{"".join(cards)}</div>' if cards else ""


def _losses(race: Race) -> str:
    drawn = loss_curves(race.ran)
    return f'<h2>A short training in each: loss by step</h2><div class="card">{drawn}</div>' if drawn else ""


def _answers(race: Race) -> str:
    cards = []
    for place, prompt in enumerate(race.prompts):
        answers = "".join(_answer(race, row, place) for row in race.ran if place < len(row.answers))
        if answers:
            cards.append(
                f'<div class="card"><p class="prompt" dir="auto">{escape(prompt)}</p>'
                f'<div class="answers">{answers}</div></div>'
            )
    if not cards:
        return ""
    reference = race.reference
    scope = f"The first word that differs from {title_of(reference.precision)}'s answer is marked." if reference else ""
    return f'<h2>Answers to the same prompts</h2><p class="about">{scope}</p>{"".join(cards)}'


def _answer(race: Race, row: PrecisionMeasured, place: int) -> str:
    parts = race.marked(row, place)
    word = f"<mark>{escape(parts.word)}</mark>" if parts.word else ""
    ending = "<mark>ends here</mark>" if parts.ends_sooner else ""
    rest = f'<span class="rest">{escape(parts.rest)}</span>' if parts.rest else ""
    is_compared = race.reference is not None and row is not race.reference
    verdict = " \u2014 the same" if is_compared and parts.is_same else ""
    return (
        f'<div class="answer" dir="auto"><b>{escape(title_of(row.precision))}{verdict}</b>'
        f"{escape(parts.same)}{word}{rest}{ending}</div>"
    )


def _facts(race: Race) -> str:
    facts = {
        "Model": race.model_name,
        "Text": race.text_name,
        "Seed": str(race.request.seed),
        "Date": f"{date.today()}",
    }
    first = race.ran[0] if race.ran else None
    if first:
        facts["Device"] = first.device
        facts["Text"] += f", {grouped(first.text_tokens)} tokens, read in windows of {grouped(first.context_tokens)}"
        facts["Compared at"] = f"{grouped(first.kl_positions)} places of the text"
    facts["Versions"] = ", ".join(f"{name} {version}" for name, version in race.versions.items() if version)
    helps = {measure.title: measure.help for measure in MEASURES}
    return facts_list({**facts, **helps})
