"""A table as an HTML page that stands alone: its settings, its scores, then each prompt with all answers."""

from datetime import datetime
from html import escape

from workbench.core.chat.table.settings_words import facts_of, verdict_in_words
from workbench.core.chat.table.table import PromptTable
from workbench.core.chat.words import marks
from workbench.core.report.page import facts_list, page
from workbench.core.units import counted, grouped

# A browser lays out as many in a moment; a table of all is what the CSV is for.
MOST_PROMPTS = 2000


def html_of(table: PromptTable) -> str:
    names = " beside ".join(column.title for column in reversed(table.columns))
    title = f"Answers of {names}"
    scores = table.scores()
    lead = f"{counted(scores.rows, 'prompt')}, {grouped(scores.answered)} answered by all"
    lead += f", {grouped(scores.differ)} differently." if len(table.columns) > 1 else "."
    shown = table.prompts[:MOST_PROMPTS]
    left = len(table.prompts) - len(shown)
    sections = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="about">{datetime.now():%Y-%m-%d %H:%M}</p>',
        f'<p class="lead">{escape(lead)}</p>',
        _scores(table),
        f'<h2>How they answered</h2><div class="card">{facts_list(_how(table))}</div>',
        "<h2>Prompts</h2>",
        *(_row(table, row) for row in range(len(shown))),
        f'<p class="about">{grouped(left)} more are in the CSV file.</p>' if left else "",
    ]
    return page(title, sections)


def _how(table: PromptTable) -> dict[str, str]:
    """Of the facts those that the table of scores does not tell."""
    counted_there = (" right", " token F1", " valid JSON")
    return {title: value for title, value in facts_of(table).items() if not title.endswith(counted_there)}


def _scores(table: PromptTable) -> str:
    scores = table.scores()
    columns = {
        "Right": [f"{right} of {scores.rated}" for right in scores.right] if scores.rated else [],
        "Token F1": ["" if f1 is None else f"{f1:.3f}" for f1 in scores.f1],
        "Valid JSON": [f"{there} of {said}" for there, said in zip(scores.json, scores.said, strict=True)],
    }
    shown = {title: cells for title, cells in columns.items() if any(cells)}
    head = "".join(f'<th scope="col">{title}</th>' for title in shown)
    body = ""
    for place, column in enumerate(table.columns):
        cells = "".join(f"<td>{escape(cells[place])}</td>" for cells in shown.values())
        body += f'<tr><th scope="row">{escape(f"{column.head}: {column.title}")}</th>{cells}</tr>'
    return (
        f'<h2>Scores</h2><div class="card"><table><thead><tr><th scope="col">Answers</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(table: PromptTable, row: int) -> str:
    asking = table.prompts[row]
    before = "".join(
        f'<p class="about" dir="auto">{escape(str(turn.get("role", "")))}: {escape(str(turn.get("content", "")))}</p>'
        for turn in asking.before
    )
    blocks = [_answer(table, row, place) for place in range(len(table.columns))]
    if asking.expected is not None:
        blocks.append(f'<div class="answer" dir="auto"><b>Expected</b>{escape(asking.expected)}</div>')
    return (
        f'<div class="card">{before}<p class="prompt" dir="auto">{row + 1}. {escape(asking.text)}</p>'
        f'<div class="answers">{"".join(blocks)}</div></div>'
    )


def _answer(table: PromptTable, row: int, place: int) -> str:
    answer, name = table.answer(row, place), table.columns[place].head
    if answer is None:
        problem = table.problem(row, place) or "not answered"
        return f'<div class="answer"><b>{escape(name)}</b><span class="rest">{escape(problem)}</span></div>'
    said = verdict_in_words(table.verdict(row, place))
    head = f"{name} \u2014 {said}" if said else name
    against = reference_of(table, row, place)
    found = marks(answer.text, against) if against is not None else None
    rest = '<span class="rest"> wholly different</span>' if found is not None and found.is_wholly_different else ""
    text, inside, reached = answer.text, "", 0
    for start, end in found.runs if found is not None else ():
        inside += f"{escape(text[reached:start])}<mark>{escape(text[start:end])}</mark>"
        reached = end
    inside += escape(text[reached:])
    return f'<div class="answer" dir="auto"><b>{escape(head)}{rest}</b>{inside}</div>'


def reference_of(table: PromptTable, row: int, place: int) -> str | None:
    """The text whose missing words are marked in an answer: the expected one, else the base's; None where none is."""
    expected = table.prompts[row].expected
    if expected is not None:
        return expected
    base = next((n for n, column in enumerate(table.columns) if column.role == "base"), None)
    if base is None or base == place:
        return None
    answer = table.answer(row, base)
    return answer.text if answer is not None else None
