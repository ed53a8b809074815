"""What a person reads is in today's words and the field's: the worst of the others are barred."""

import ast
from collections.abc import Iterable, Iterator
from re import IGNORECASE, compile
from token import COMMENT
from tokenize import tokenize

from tests.house.scratch import ROOT

# Each with what to write in its place.
BARRED = {
    compile(r"\bforet(?:ell(?:s|ing)?|old)\b", IGNORECASE): "predict",
    compile(r"\breckon\w*", IGNORECASE): "compute, or estimate",
    compile(r"\bwant of\b", IGNORECASE): "out of, or lack of",
    compile(r"(?<!\bthere )\bis no\b(?! longer\b)", IGNORECASE): "is not a",
    compile(r"\bso many\b", IGNORECASE): "this many",
}
# What is read and is not code; the texts that a model is measured on are literature.
PAGES = ("*.md", "*.toml", "*.qss", "*.json")

Text = tuple[str, str]  # where it stands, and what it says


def test_that_a_text_that_a_person_reads_has_no_barred_word() -> None:
    found = [*barred(literals()), *barred(pages())]
    assert not found, "\n".join(found)


def test_that_a_docstring_and_a_comment_have_no_barred_word() -> None:
    found = [*barred(docstrings()), *barred(comments())]
    assert not found, "\n".join(found)


def test_that_a_barred_word_is_found_as_a_word() -> None:
    refused = ["It is foretold.", "Foretelling", "as reckoned", "for want of memory", '" is no number', "so many rows"]
    allowed = ["There is no number.", "It is no longer here.", "It is not a number.", "predicted", "want offered"]
    found = barred((text, text) for text in [*refused, *allowed])
    assert [line.partition(": ")[0] for line in found] == refused


def barred(texts: Iterable[Text]) -> Iterator[str]:
    for place, text in texts:
        for word, instead in BARRED.items():
            if found := word.search(text):
                yield f"{place}: \u201c{found.group()}\u201d; write \u201c{instead}\u201d"


def literals() -> Iterator[Text]:
    """The strings of a module that are not docstrings, and what stands around the braces of others."""
    for name, tree in modules():
        documented = {id(node) for node in described(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                yield f"{name}:{node.lineno}", node.value


def docstrings() -> Iterator[Text]:
    for name, tree in modules():
        for node in described(tree):
            yield f"{name}:{node.lineno}", str(node.value)


def comments() -> Iterator[Text]:
    for name in sources():
        with (ROOT / name).open("rb") as file:
            for token in tokenize(file.readline):
                if token.type == COMMENT:
                    yield f"{name}:{token.start[0]}", token.string


def pages() -> Iterator[Text]:
    found = [ROOT / "README.md", ROOT / "workbench" / "README.md"]
    for path in [*found, *sorted(path for name in PAGES for path in (ROOT / "resources").rglob(name))]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def modules() -> Iterator[tuple[str, ast.Module]]:
    for name in sources():
        yield name, ast.parse((ROOT / name).read_text(encoding="utf-8"))


def sources() -> list[str]:
    """Each module of the program and of its packaging."""
    found = [path for folder in ("packaging", "workbench") for path in sorted((ROOT / folder).rglob("*.py"))]
    return ["main.py", *(str(path.relative_to(ROOT)) for path in found)]


def described(tree: ast.Module) -> Iterator[ast.Constant]:
    """The docstrings of a module, its classes and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value
