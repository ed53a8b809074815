"""What is looked at before a run starts: beside the window, since a file may be large and a disk slow."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.job.run_folder import RunFolder
from workbench.core.plan import preflight
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.core.job.outline import Outline

Found = TypeVar("Found")


class StartCheck(QObject):
    """One look at a time, which can be taken back until it is over.

    Signals:
        changed: `is_under_way` has changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._turn: object = None

    @property
    def is_under_way(self) -> bool:
        return self._turn is not None

    def begin(
        self, look: Callable[[], Found], on_passed: Callable[[Found], None], on_refused: Callable[[UserError], None]
    ) -> None:
        """Calls `look` in a task, then one of the two here; neither where it was taken back meanwhile.

        What `on_passed` raises as a UserError is handed to `on_refused` too.
        """
        turn = self._turn = object()

        def pass_on(found: Found) -> None:
            if self._turn is turn:
                self._turn = None
                try:
                    on_passed(found)
                except UserError as error:
                    self.changed.emit()
                    on_refused(error)
                else:
                    self.changed.emit()

        def refuse(error: UserError) -> None:
            if self._turn is turn:
                self.withdraw()
                on_refused(error)

        run_task(look, pass_on, refuse, parent=self)
        self.changed.emit()

    def withdraw(self) -> None:
        if self.is_under_way:
            self._turn = None
            self.changed.emit()


def checked(recipe: Recipe) -> Recipe:
    """The recipe as a run keeps it. Raises UserError."""
    preflight.check(recipe)
    return preflight.with_absolute_paths(recipe)


def resumable(run: RunFolder, extra_steps: int) -> "tuple[Recipe, Outline]":
    """The recipe of a run that can go on, and where it stands. Raises UserError."""
    recipe = run.recipe()
    outline = preflight.check_resume(run, extra_steps, if_alive="Follow it.", if_finished="Add steps to go on for.")
    return recipe, outline
