"""Every public function that takes or gives an array or a tensor says of what shape in its docstring."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.scratch import ROOT

ROOMS = ("numerics", "core", "engine")
ARRAYS = {"ndarray", "NDArray", "ArrayLike", "Tensor"}
# As in "of any shape", "of the same shape", "shape (blocks,)", "shapes (rows, columns) and (columns,)".
SHAPE = re.compile(r"\bshapes?\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A file of the package, read."""

    path: Path
    tree: ast.Module

    def functions(self) -> Iterator[tuple[ast.ClassDef | None, Function]]:
        """Its functions, and the methods of its classes with these; what begins with an underscore is left out."""
        for node in self.tree.body:
            if isinstance(node, Function):
                yield None, node
            elif isinstance(node, ast.ClassDef):
                yield from ((node, inner) for inner in node.body if isinstance(inner, Function))


def test_that_a_function_of_arrays_says_their_shape() -> None:
    modules = _modules()
    classes = _classes(modules)
    arrays = _aliases(modules) - classes.keys()  # a class Tensor may describe one that lies in a file
    silent = [
        f"{module.path.relative_to(ROOT)}:{function.lineno} {owner.name + '.' if owner else ''}{function.name}"
        for module in modules
        for owner, function in module.functions()
        if not function.name.startswith("_") and not (owner and owner.name.startswith("_"))
        if _names(_annotations(function)) & arrays and not SHAPE.search(_docstrings(owner, function, classes))
    ]
    assert not silent, "\n".join(silent)


def _modules() -> list[Module]:
    paths = sorted(path for room in ROOMS for path in (ROOT / "workbench" / room).rglob("*.py"))
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def _aliases(modules: list[Module]) -> set[str]:
    """The names of array types: numpy's and torch's, and what the package calls them, such as `Fp32`."""
    given = {
        target.id: _names([node.value])
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp | ast.Attribute)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    arrays = set(ARRAYS)
    while found := {name for name, parts in given.items() if parts & arrays} - arrays:
        arrays |= found
    return arrays


def _classes(modules: list[Module]) -> dict[str, ast.ClassDef]:
    return {node.name: node for module in modules for node in module.tree.body if isinstance(node, ast.ClassDef)}


def _annotations(function: Function) -> list[ast.expr]:
    """Of its parameters and its result."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = [argument.annotation for argument in every if argument and argument.annotation]
    return [*found, function.returns] if function.returns else found


def _names(annotations: list[ast.expr]) -> set[str]:
    nodes = [node for annotation in annotations for node in ast.walk(annotation)]
    quoted = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words = {word for text in quoted for word in re.findall(r"\w+", text)}
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    return words | plain | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _docstrings(owner: ast.ClassDef | None, function: Function, classes: dict[str, ast.ClassDef]) -> str:
    """Its own, and those of the methods which it overrides."""
    texts = [ast.get_docstring(function) or ""]
    for above in _bases(owner, classes):
        named = [inner for inner in above.body if isinstance(inner, Function) and inner.name == function.name]
        texts += [ast.get_docstring(inner) or "" for inner in named]
    return "\n".join(texts)


def _bases(owner: ast.ClassDef | None, classes: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The classes above one in the package, the nearest first."""
    for name in sorted(_names(owner.bases)) if owner else []:
        if name in classes:
            yield classes[name]
            yield from _bases(classes[name], classes)
