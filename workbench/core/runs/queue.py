"""The queue: recipes that wait for the run at work, kept in a file from one start to the next."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.core import places
from workbench.core.job.label import change_label, tidy_tag
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, shown
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.whole_file import write_whole

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Waiting:
    """A run that waits.

    Attributes:
        number: What it is called in the queue: its own, whatever is taken out before it.
        recipe: What it is asked, None where this version cannot read it, as `problem` says.
        tags: What the run is tagged with once it is made.
        run: The name of its folder, nothing as long as it has none.
    """

    number: int
    recipe: Recipe | None
    tags: tuple[str, ...] = ()
    run: str = ""
    problem: str = ""
    tables: Any = None  # the recipe as the file has it


@dataclass(frozen=True)
class _Content:
    following: int = 1  # the number that is given next
    entries: tuple[Waiting, ...] = ()


class RunQueue:
    """The queue at home, the same for each process that asks; its file is read with every question."""

    @property
    def path(self) -> Path:
        return places.home() / "queue.json"

    def entries(self) -> tuple[Waiting, ...]:
        """Those that wait, in their order. Raises UserError where the file cannot be read."""
        return self._read().entries

    def add(self, recipes: Sequence[Recipe], tags: Sequence[str] = ()) -> tuple[Waiting, ...]:
        """Puts them at the end. Raises UserError."""
        tidy = tuple(map(tidy_tag, tags))

        def change(content: _Content) -> _Content:
            added = [
                Waiting(content.following + place, recipe, tidy, tables=recipe.model_dump(mode="json"))
                for place, recipe in enumerate(recipes)
            ]
            return _Content(content.following + len(added), (*content.entries, *added))

        return self._changed(change).entries[-len(recipes) :]

    def remove(self, number: int) -> Waiting:
        """Takes one out. Raises UserError where it does not wait, or its run is at work."""
        entry = self._entry(number, self._read())
        run = RunFolder(places.runs() / entry.run)
        if entry.run and run.job.is_file() and run.state().is_alive:
            raise UserError(f"Run {entry.run} is at work.", remedy=f"`workbench stop {entry.run}` stops it.")
        self.drop(number)
        return entry

    def drop(self, number: int) -> None:
        """The same of one that may be gone already, such as one whose run is over."""
        self._changed(lambda content: replace(content, entries=_without(content.entries, number)))

    def move(self, number: int, place: int) -> None:
        """Puts one at a place, counted from 1. Raises UserError where it does not wait, or there is no such place."""

        def change(content: _Content) -> _Content:
            entry, others = self._entry(number, content), list(_without(content.entries, number))
            if not 1 <= place <= len(content.entries):
                raise UserError(f"There is no place {place} in the queue.", remedy=f"It has {len(content.entries)}.")
            others.insert(place - 1, entry)
            return replace(content, entries=tuple(others))

        self._changed(change)

    def begin(self, entry: Waiting) -> RunFolder:
        """The folder of its run, made where it has none. Raises UserError."""
        if entry.run:
            return RunFolder.open(places.runs() / entry.run)
        if entry.recipe is None:
            raise UserError(entry.problem)
        run = RunFolder.create(entry.recipe)
        if entry.tags:
            change_label(run.path, lambda label: label.tagged(*entry.tags))
        made = replace(entry, run=run.name)
        self._changed(
            lambda content: replace(
                content, entries=tuple(made if other.number == entry.number else other for other in content.entries)
            )
        )
        return run

    @contextmanager
    def working(self) -> Iterator[None]:
        """Held by the one process that works the queue off. Raises UserError where another does."""
        from filelock import FileLock, Timeout

        lock = FileLock(places.home() / "queue.work.lock")
        try:
            places.home().mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError("The queue is being worked off by another process already.") from None
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            yield
        finally:
            lock.release()

    # -- the file -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _entry(number: int, content: _Content) -> Waiting:
        found = next((entry for entry in content.entries if entry.number == number), None)
        if found is None:
            raise UserError(
                f"Nothing in the queue has the number {number}.", remedy="`workbench queue list` tells them."
            )
        return found

    def _changed(self, change: Callable[[_Content], _Content]) -> _Content:
        from filelock import FileLock, Timeout

        try:
            places.home().mkdir(parents=True, exist_ok=True)
            with FileLock(places.home() / "queue.lock", timeout=_PATIENCE_SECONDS):
                content = change(self._read())
                write_whole(self.path, _as_json(content))
                return content
        except (OSError, Timeout) as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: Exception) -> UserError:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return UserError(f"The queue cannot be kept in {self.path}: {why}.", remedy="Make room or grant writing there.")

    def _read(self) -> _Content:
        try:
            found = json.loads(self.path.read_bytes())
            entries = tuple(map(_waiting, found["entries"]))
            return _Content(max([int(found["following"]), *(entry.number + 1 for entry in entries)]), entries)
        except FileNotFoundError:
            return _Content()
        except OSError as error:
            raise UserError(f"The queue in {self.path} cannot be read: {error.strerror or error}.") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UserError(
                f"{self.path} does not hold a queue.", remedy="Mend it or delete it: what waits is in it alone."
            ) from None


def _without(entries: Sequence[Waiting], number: int) -> tuple[Waiting, ...]:
    return tuple(entry for entry in entries if entry.number != number)


def _as_json(content: _Content) -> str:
    entries = [
        {"number": entry.number, "run": entry.run, "tags": list(entry.tags), "recipe": entry.tables}
        for entry in content.entries
    ]
    return json.dumps({"following": content.following, "entries": entries}, indent=1) + "\n"


def _waiting(found: dict[str, Any]) -> Waiting:
    """One entry of the file. Raises what reading another shape raises."""
    number, run, tables = int(found["number"]), found["run"], found["recipe"]
    tags = tuple(map(str, found["tags"]))
    is_name = isinstance(run, str) and Path(run).name == run and not run.startswith(".")
    if not (is_name and isinstance(tables, dict)):
        raise ValueError("not an entry")
    name = f"Number {number} of the queue"
    try:
        return Waiting(number, recipe_text.from_tables(tables, name=name), tags, run, tables=tables)
    except UserError as error:
        return Waiting(number, None, tags, run, problem=shown(str(error), 300), tables=tables)
