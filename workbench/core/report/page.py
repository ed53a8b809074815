"""An HTML page that stands alone: no script, nothing from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from workbench.core.problems import UserError, shown
from workbench.core.report.style import style_sheet


def page(title: str, sections: Iterable[str]) -> str:
    """The document of sections of HTML; those without anything are left out."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style_sheet()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(filter(None, sections))
        + "\n</main>\n</body>\n</html>\n"
    )


def facts_list(facts: Mapping[str, str]) -> str:
    """Titles and what is said of each; of what nothing is said, neither."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    return f"<dl>{rows}</dl>"


def check_place(path: Path) -> None:
    """Raises UserError where no report could be written: before the work, not after it."""
    if path.is_dir():
        raise UserError(f"{shown(str(path), 300)} is a folder.", remedy="Name a file, such as report.html.")
    if not path.absolute().parent.is_dir():
        raise UserError(f"There is no folder {shown(str(path.absolute().parent), 300)}.", remedy="Name another file.")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, the first of each row its heading."""
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(text)}</td>" for text in rest)}</tr>'
        for first, *rest in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
