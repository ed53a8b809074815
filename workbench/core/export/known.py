"""What a run can become: each is the TARGET of a file in targets/, which is found by itself."""

import importlib
import pkgutil
from functools import cache

from workbench.core.export import targets as folder
from workbench.core.export.target import Target
from workbench.core.problems import UserError, nearest, shown


@cache
def targets() -> tuple[Target, ...]:
    """Every target that is declared, in the order in which they are shown."""
    names = [entry.name for entry in pkgutil.iter_modules(folder.__path__)]
    modules = [importlib.import_module(f"{folder.__name__}.{name}") for name in names]
    return tuple(sorted((module.TARGET for module in modules), key=lambda target: target.place))


def target_of(name: str) -> Target:
    """The target of a name. Raises UserError."""
    known = {target.name: target for target in targets()}
    if name not in known:
        raise UserError(
            f'Nothing can be exported to "{shown(name)}".{nearest(name, list(known))}',
            remedy=f"A run can become {', '.join(known)}.",
        )
    return known[name]
