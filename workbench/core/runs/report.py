"""A run that is over as an HTML page that stands alone: what was asked, what was learned, what it took."""

from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.evaluation.kept import kept_evaluations
from workbench.core.figures import measured_text, setting_text
from workbench.core.job.event_words import healed_in_words
from workbench.core.job.events import Sample
from workbench.core.job.label import read_notes
from workbench.core.job.smoothing import Smoothed
from workbench.core.memory import reconcile
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe, settings, stored_as
from workbench.core.report.curves import Curve, Point, curves
from workbench.core.report.page import facts_list, page, table
from workbench.core.runs.result import RunResult
from workbench.core.runs.result_words import value_in_words
from workbench.core.ticks import clock
from workbench.core.units import bytes_in_words, count_in_words, counted, grouped
from workbench.core.whole_file import save_whole

MOST_SAMPLES = 50


def write_report(path: Path, result: RunResult) -> None:
    """The file is whole or not there. Raises UserError, of a run at work too."""
    if result.state.is_alive:
        raise UserError(
            f"Run {result.run.name} is {result.state}: a report is of what is over.",
            remedy=f"Wait for its end, or stop it with `workbench stop {result.run.name}`.",
        )
    save_whole(path, report_html(result))


def report_html(result: RunResult) -> str:
    sections = [
        f"<h1>{escape(result.called)}</h1>",
        f'<p class="about">{escape(_about(result))}</p>',
        f'<p class="lead">{escape(_lead(result))}</p>',
        _said(result),
        _curves(result),
        _memory(result),
        _scores(result),
        _evaluations(result),
        _samples(result),
        _data(result),
        _settings(result.recipe),
        _events(result),
        "<h2>Versions</h2>",
        f'<div class="card">{facts_list(_versions(result))}</div>',
    ]
    return page(result.called, sections)


def _card(title: str, inside: str) -> str:
    return f'<h2>{escape(title)}</h2><div class="card">{inside}</div>' if inside else ""


# -- at its head -------------------------------------------------------------------------------------------------------


def _about(result: RunResult) -> str:
    planned, parts = result.history.planned, [f"run {result.run.name}"] if result.label.name else []
    parts.append(result.recipe.model.source)
    parts.append(planned.stored_as if planned and planned.stored_as else stored_as(result.recipe))
    if planned:
        parts.append(f"{count_in_words(planned.trainable_parameters)} of {count_in_words(planned.parameters)} trained")
        parts.append(f"on {planned.device}")
    started = result.history.started
    if started and started.at:
        parts.append(f"{datetime.fromtimestamp(started.at):%Y-%m-%d %H:%M}")
    return ", ".join(parts)


def _lead(result: RunResult) -> str:
    steps = counted(result.history.step, "step")
    time = f" in {clock(result.seconds)}" if result.seconds else ""
    sentences = [f"{str(result.state).capitalize()} after {steps}{time}."]
    if result.loss_first is not None and result.loss_last is not None:
        sentences.append(
            f"Loss {measured_text(result.loss_first)} at first, {measured_text(result.loss_last)} at last."
        )
    if result.evaluation_loss is not None:
        sentences.append(f"On held-out rows {measured_text(result.evaluation_loss)}.")
    before, after = result.scored("before"), result.scored("after")
    if after:
        earlier = f", {before.right} before" if before else ""
        sentences.append(f"{after.right} of {after.rows} answers as expected{earlier}.")
    if judged := result.judged:
        beside = "" if judged.base_right is None else f", the base {judged.base_right} of them"
        whom = "A person" if judged.judge == "person" else "An exact match"
        sentences.append(f"{whom} found {judged.right} of {judged.rows} answers right{beside}.")
    if result.peak_bytes:
        sentences.append(f"It took {bytes_in_words(result.peak_bytes)} of memory at most.")
    return " ".join(sentences)


def _said(result: RunResult) -> str:
    """Tags and notes, and how it ended where that takes words."""
    ended = result.history.ended
    try:
        notes = read_notes(result.run.path)
    except UserError as error:
        notes = str(error)
    facts = {"Tags": ", ".join(result.label.tags)}
    if ended and ended.what:
        facts["Its end"] = " ".join(filter(None, (ended.what, ended.why, ended.remedy)))
    inside = facts_list(facts) if any(facts.values()) else ""
    if notes.strip():
        inside += f'<p class="answer" dir="auto">{escape(notes.strip())}</p>'
    return f'<div class="card">{inside}</div>' if inside else ""


# -- figures -----------------------------------------------------------------------------------------------------------


def _curves(result: RunResult) -> str:
    history = result.history
    steps = history.column("step") if history.steps else np.empty(0)
    if not len(steps):
        return ""
    raw = history.column("loss")
    evaluations = [(float(entry.step), entry.loss) for entry in history.evaluations]
    losses = [
        Curve("", _points(steps, raw), "var(--accent)", is_faint=True),
        Curve("training", _points(steps, Smoothed().of(raw)), "var(--accent)"),
        Curve("held out", evaluations, "var(--mark-line)", is_rings=True),
    ]
    drawn = {
        "Loss by step": curves(losses, "Loss by step"),
        "Learning rate by step": curves(
            [Curve("", _points(steps, history.column("learning_rate")), "var(--accent)")],
            "Learning rate by step",
            y_words=setting_text,
        ),
        "Peak memory by step": curves(
            [Curve("", _points(steps, history.column("peak_bytes")), "var(--accent)")],
            "Peak memory by step",
            y_words=bytes_in_words,
        ),
        "Tokens a second by step": curves(
            [Curve("", _points(steps, history.column("tokens_per_second")), "var(--accent)")],
            "Tokens a second by step",
        ),
    }
    return "".join(_card(title, plot) for title, plot in drawn.items())


def _points(steps: Any, values: Any) -> list[Point]:
    """Both of the shape (steps,)."""
    return list(zip(steps.tolist(), values.tolist(), strict=True))


def _memory(result: RunResult) -> str:
    rows = reconcile.lines(result.history)[:-1] + reconcile.milestones(result.history)
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{escape(row.title)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in reconcile.row_in_words(row))
        + "</tr>"
        for row in rows
    )
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Predicted", "Measured", "Difference", ""))
    table = f'<table><thead><tr><th scope="col">Part or moment</th>{head}</tr></thead><tbody>{body}</tbody></table>'
    return _card("Memory", table)


def _evaluations(result: RunResult) -> str:
    """What lm-eval has measured of the run and its base, each figure with its interval."""
    evaluations, told = kept_evaluations(result.run)
    tables = "".join(f"<p>{escape(sentence)}</p>" for sentence in told)
    for evaluation in evaluations:
        rows = [
            (
                f"{task.task}, {task.metric}",
                grouped(task.rows),
                *(side.figure.in_words() for side in task.sides),
                f"{task.comparison} {task.apart.in_words()}" if task.apart else "",
                task.verdict,
            )
            for task in evaluation.tasks
        ]
        titles = ("measured", "rows", *(side.side for side in evaluation.tasks[0].sides), "between them, 95 %", "")
        caption = f"{evaluation.title}, {evaluation.made_at:%Y-%m-%d %H:%M}, lm-eval {evaluation.versions['lm-eval']}"
        tables += f"<p>{escape(caption)}</p>{table(titles, rows)}"
    return _card("Evaluations", tables)


def _scores(result: RunResult) -> str:
    before, after = result.scored("before"), result.scored("after")
    if after is None:
        return ""
    groups = {"All": (after.right, after.rows), **after.groups}
    earlier = {"All": (before.right, before.rows), **before.groups} if before else {}
    rows = [
        (
            name,
            f"{earlier[name][0]} of {earlier[name][1]}" if name in earlier else reconcile.NOT_KNOWN,
            f"{right} of {count}",
        )
        for name, (right, count) in groups.items()
    ]
    return _card("Exact match", table(("Rows", "Before", "After"), rows))


def _samples(result: RunResult) -> str:
    prompts: dict[str, dict[str, Sample]] = {}
    for sample in result.history.samples:
        if sample.when in ("before", "after"):
            prompts.setdefault(sample.prompt, {})[sample.when] = sample
    cards = []
    for prompt, answers in list(prompts.items())[:MOST_SAMPLES]:
        blocks = [_answer(when.capitalize(), answers[when]) for when in ("before", "after") if when in answers]
        expected = next((sample.expected for sample in answers.values() if sample.expected is not None), None)
        if expected is not None:
            blocks.append(f'<div class="answer" dir="auto"><b>Expected</b>{escape(expected)}</div>')
        cards.append(
            f'<div class="card"><p class="prompt" dir="auto">{escape(prompt)}</p>'
            f'<div class="answers">{"".join(blocks)}</div></div>'
        )
    if not cards:
        return ""
    left = len(prompts) - len(cards)
    more = f'<p class="about">{grouped(left)} more are in the journal.</p>' if left else ""
    return f"<h2>Answers before and after</h2>{''.join(cards)}{more}"


def _answer(title: str, sample: Sample) -> str:
    verdict = {None: "", True: " \u2014 as expected", False: " \u2014 not as expected"}[sample.is_right]
    return f'<div class="answer" dir="auto"><b>{title}{verdict}</b>{escape(sample.answer)}</div>'


# -- what it learned from, and how -------------------------------------------------------------------------------------


def _data(result: RunResult) -> str:
    planned, prepared, data = result.history.planned, result.prepared, result.recipe.data
    facts = {"Dataset": ", ".join([data.path, *data.also])}
    if planned:
        facts["Rows"] = f"{grouped(planned.rows)}, as {counted(planned.sequences, 'sequence')}"
        facts["Tokens"] = f"{grouped(planned.trained_tokens)} of {grouped(planned.tokens)} are trained on"
        facts["SHA-256"] = planned.data_sha256
    found = ""
    if prepared:
        facts["Files"] = ", ".join(Path(name).name for name in prepared.files)
        facts["Held out"] = counted(prepared.held_out, "row") if prepared.held_out else ""
        facts |= {"Shape": prepared.shape, "Columns": prepared.mapping, "Template": prepared.template}
        facts["Longest row"] = counted(prepared.longest_tokens, "token")
        found = "".join(
            f"<li>{escape(entry.title)}: {grouped(entry.count)}, {entry.done}</li>" for entry in prepared.found
        )
        found += "".join(f"<li>{escape(note)}</li>" for note in prepared.notes)
    return _card("Data", facts_list(facts) + (f"<ul>{found}</ul>" if found else ""))


def _settings(recipe: Recipe) -> str:
    """Those that are not as they come, then the others that mean something, folded."""
    usual = Recipe()
    chosen: dict[str, str] = {}
    others: dict[str, str] = {}
    for path, declared in settings().items():
        if recipe.applies(path):
            value = recipe.value(path)
            kept = others if value == usual.value(path) else chosen
            kept[f"{declared.title} ({path})"] = value_in_words(value)
    folded = f"<details><summary>{counted(len(others), 'setting')} as they come</summary>{facts_list(others)}</details>"
    return f'<h2>Settings</h2><div class="card">{facts_list(chosen) if chosen else ""}{folded}</div>'


def _events(result: RunResult) -> str:
    history = result.history
    told = [(event.at, event.text) for event in history.notices]
    told += [(event.at, healed_in_words(event)) for event in history.heals]
    told += [(event.at, f"Went on from step {event.step}.") for event in history.resumes if event.folder]
    lines = "".join(f"<li>{escape(text)}</li>" for _, text in sorted(told))
    return _card("What was told on the way", f"<ul>{lines}</ul>" if lines else "")


def _versions(result: RunResult) -> dict[str, str]:
    started = result.history.started
    return dict(started.versions) if started else {}
