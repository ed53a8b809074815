"""Tests ask what a person or another part may ask: no private attribute of what is tested is read, set or imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
OWN = {"self", "cls"}
# Of other libraries, each with what has no public name there.
ALLOWED = {
    "_attn_implementation": "transformers keeps there how a model's attention is computed",
    "_exit": "os._exit ends a process at once, as a crash does",
}
BY_NAME = {"setattr", "getattr", "hasattr", "delattr"}


def test_that_no_test_takes_hold_of_what_is_private() -> None:
    found = [line for path in sorted(TESTS.rglob("*.py")) for line in private(path)]
    assert not found, "\n".join(found)


def test_that_each_way_to_take_hold_of_it_is_found(tmp_path: Path) -> None:
    refused = (
        "from workbench.core.columns import _Place",
        "import workbench.core._columns",
        "page._take()",
        "page._turn = 3",
        "page.model()._rows[0]",
        'monkeypatch.setattr(page, "_take", None)',
        'monkeypatch.setattr("workbench.core.columns._Place", None)',
        'getattr(page, "_take")',
    )
    allowed = (
        "self._page.show()",
        "cls._made",
        "page.__class__",
        "model.config._attn_implementation",
        "from x import _y",
    )
    path = tmp_path / "test_it.py"
    path.write_text("\n".join((*refused, *allowed)), encoding="utf-8")
    assert sorted(int(line.split(":")[1]) for line in private(path)) == list(range(1, len(refused) + 1))


def private(path: Path) -> Iterator[str]:
    """Where a file takes hold of something private, as "file:line: what"."""
    name = path.relative_to(TESTS) if path.is_relative_to(TESTS) else path.name
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for held in names_in(node):
            if is_private(held) and held not in ALLOWED:
                yield f"{name}:{node.lineno}: {held}"  # type: ignore[attr-defined]


def names_in(node: ast.AST) -> list[str]:
    """The names that a piece of code takes of something that is not its own."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
            return [] if owner in OWN else [attribute]
        case ast.Attribute(attr=attribute):
            return [attribute]
        case ast.ImportFrom(module=module, names=names) if module and module.startswith("workbench"):
            return [*module.split("."), *(each.name for each in names)]
        case ast.Import(names=names):
            return [part for each in names if each.name.startswith("workbench") for part in each.name.split(".")]
        case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called), args=[ast.Constant(value=str(path)), *_]):
            return path.split(".")[1:] if called in BY_NAME else []
        case ast.Call(
            func=ast.Attribute(attr=called) | ast.Name(id=called), args=[_, ast.Constant(value=str(last)), *_]
        ):
            return [last] if called in BY_NAME else []
    return []


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")
