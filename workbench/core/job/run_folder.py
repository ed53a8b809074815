"""A run folder: one job, from what was asked of it to what came of it."""

import os
import re
import shutil
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core import places
from workbench.core.job.question import Question
from workbench.core.job.scoring import Measurement, Scoring
from workbench.core.problems import UserError, nearest
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.whole_folder import free_place

if TYPE_CHECKING:
    from workbench.core.job.history import History
    from workbench.core.job.outline import Outline

# From the making of the folder until its engine holds the lock; a laptop waking up may need most of it.
STARTING_SECONDS = 30.0
# Asking whether the lock is held takes it for an instant, which an engine starting just then has to outwait.
LOCK_PATIENCE_SECONDS = 2.0
_NUMBERS = re.compile(r"(\d+)")


class RunState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    CRASHED = "crashed"

    @property
    def is_alive(self) -> bool:
        return self in (RunState.RUNNING, RunState.PAUSED)


class Order(BaseModel):
    """What a person asks of a run; `steps` is the new total of an "extend".

    "changed data" lets it go on from a checkpoint though what it learns from is no longer what it was. A chat is given
    its `question` by "ask", a `scoring` by "score" and a `measurement` by "measure", puts what has a `name` beside its
    sides by "beside", and ends all that it was asked so far by "interrupt". An export takes the item of a `name` into
    its plan by "add", and out of it by "remove".
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    order: Literal[
        "stop",
        "cancel",
        "pause",
        "continue",
        "extend",
        "changed data",
        "ask",
        "score",
        "measure",
        "beside",
        "interrupt",
        "add",
        "remove",
    ]
    steps: int = 0
    question: Question | None = None
    scoring: Scoring | None = None
    measurement: Measurement | None = None
    name: str = ""


class RunFolder:
    """The paths of a run folder, its lock, its orders and its state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.job = path / "job.toml"
        self.journal = path / "journal.jsonl"
        self.orders = path / "orders.jsonl"
        self.console = path / "console.log"
        self.checkpoints = path / "checkpoints"
        self.adapter = path / "adapter"
        self.model = path / "model"  # the result of full training
        self.lock = path / "engine.lock"

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def has_adapter(self) -> bool:
        """Whether an adapter is the result; a folder that is empty, or lacks what says how it is put on, is none."""
        return (self.adapter / "adapter_config.json").is_file()

    @property
    def has_model(self) -> bool:
        """Whether a whole model is the result, of a full training."""
        return (self.model / "config.json").is_file()

    def result(self, told: str) -> str:
        """Where its adapter or its model lies, by the path that its end states: the folder may have moved since."""
        return str(self.path / re.split(r"[/\\]", told)[-1]) if told else ""

    # -- making and finding -------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, recipe: Recipe, *, under: Path | None = None) -> "RunFolder":
        """Makes a new folder of a training with its job.toml, whole or not at all. Raises UserError."""
        stem = f"{datetime.now():%Y-%m-%d-%H%M}-{slug(recipe.model.source)}-{slug(recipe.data.path)}"
        text = '# What this run was asked to do, frozen when it began.\n\n[job]\nkind = "train"\n\n'
        return cls.make(under or places.runs(), stem, text + recipe_text.to_toml(recipe))

    @classmethod
    def make(cls, parent: Path, stem: str, text: str) -> "RunFolder":
        """Makes a new folder named `stem`, or like it, whose job.toml says `text`. Raises UserError."""
        try:
            parent.mkdir(parents=True, exist_ok=True)
            staging = parent / f".{stem}.{os.getpid()}.partial"
            staging.mkdir()
            try:
                (staging / "job.toml").write_text(text, encoding="utf-8")
                return cls(free_place(staging, parent / stem))
            finally:
                shutil.rmtree(staging, ignore_errors=True)
        except UnicodeEncodeError as error:
            line = error.object[error.object.rfind("\n", 0, error.start) + 1 :].split("\n", 1)[0]
            raise UserError(
                f"A run cannot keep {line!r:.200}: it is not text.",
                remedy="Rename the file to a name in UTF-8.",
            ) from None
        except OSError as error:
            raise UserError(
                f"No run can be made in {parent}: {error.strerror}.",
                remedy="Make room or grant writing there, or set WORKBENCH_HOME to another folder.",
            ) from None

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """The run in a folder. Raises UserError where there is none."""
        run = cls(path.resolve())
        if not run.job.is_file():
            raise UserError(f"{path} is not a run folder: it has no job.toml.")
        return run

    @classmethod
    def find(cls, name: str) -> "RunFolder":
        """The run that `name` says: a folder, a run's name or the beginning of exactly one, or the name it was given.

        Raises UserError.
        """
        with suppress(OSError, RuntimeError, ValueError):  # a name may not be a path at all
            path = Path(name).expanduser()
            if (path / "job.toml").is_file():
                return cls.open(path)
        known = [run.name for run in cls.all()]
        matches = [run for run in known if run == name] or (called := _called(name))
        matches = matches or [run for run in known if run.startswith(name)]
        if len(matches) == 1:
            return cls.open(places.runs() / matches[0])
        if matches:
            what = "name" if called else "beginning"
            raise UserError(f'"{name}" is the {what} of {len(matches)} runs.', remedy=f"Try {matches[0]}.")
        raise UserError(f'There is no run "{name}".{nearest(name, known)}', remedy="`workbench runs` lists them.")

    @classmethod
    def all(cls) -> list["RunFolder"]:
        """Every run kept at home, oldest first. Raises UserError."""
        return listed(places.runs())

    # -- what was asked -----------------------------------------------------------------------------------------------

    def recipe(self) -> Recipe:
        """The recipe frozen in job.toml. Raises UserError."""
        return recipe_text.read(self.job)

    def kind(self) -> str:
        """What kind of job this is, such as "train". Raises UserError."""
        try:
            return str(tomllib.loads(self.job.read_text(encoding="utf-8"))["job"]["kind"])
        except (OSError, KeyError, TypeError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            raise UserError(f"{self.job} does not say what kind of job it is.") from None

    def give(self, order: Order) -> None:
        """Appends an order for the engine to find. Raises UserError."""
        line = order.model_dump_json().encode() + b"\n"
        try:
            with self.orders.open("ab+", buffering=0) as file:
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    line = line if file.read(1) == b"\n" else b"\n" + line  # a torn order stays a line of its own
                file.write(line)
        except OSError as error:
            raise UserError(f"No order can be given to run {self.name}: {error.strerror}.") from None

    def orders_size(self) -> int:
        """Bytes of orders given so far."""
        return self.orders.stat().st_size if self.orders.exists() else 0

    def read_orders(self, offset: int = 0) -> tuple[list[Order], int]:
        """The whole orders from a byte offset on, and the offset after them; what is not an order is passed over."""
        try:
            with self.orders.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return [], offset
        end = data.rfind(b"\n") + 1
        orders = []
        for line in data[:end].splitlines():
            try:
                orders.append(Order.model_validate_json(line))
            except ValidationError:
                continue
        return orders, offset + end

    # -- the lock and the state ---------------------------------------------------------------------------------------

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Holds engine.lock; the system lets go of it however the process dies. Raises UserError where it is held."""
        from filelock import FileLock, Timeout  # here and below: 7 ms that the window's first paint need not wait for

        lock = FileLock(self.lock)
        try:
            lock.acquire(timeout=LOCK_PATIENCE_SECONDS)
        except Timeout:
            raise UserError(
                f"Run {self.name} is already being worked on by another process.",
                remedy=f"Follow it with `workbench watch {self.name}`.",
            ) from None
        except OSError as error:
            raise UserError(f"{self.path} cannot be written to: {error.strerror}.") from None
        try:
            yield
        finally:
            lock.release()

    def is_held(self) -> bool:
        """Whether a living process holds the lock."""
        if not self.lock.exists():
            return False
        from filelock import FileLock, Timeout

        lock = FileLock(self.lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False  # a folder that cannot be written to holds no running engine of ours
        lock.release()
        return False

    def history(self) -> "History":
        """All that the journal holds now. Raises UserError where it cannot be read."""
        # The events take 6 ms to declare: a window that follows no run does without them until it has painted.
        from workbench.core.job.history import History
        from workbench.core.job.journal import JournalReader

        try:
            return History(JournalReader(self.journal).read())
        except OSError as error:
            raise self.unreadable(error) from None

    def outline(self) -> "Outline":
        """How it stands now, from the end of the journal. Raises UserError where that cannot be read."""
        from workbench.core.job.outline import outline

        try:
            return outline(self.journal)
        except OSError as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: OSError) -> UserError:
        """What is said of a journal that cannot be read."""
        return UserError(f"Run {self.name} cannot be read: {error.strerror or error}.")

    def state(self, known: "History | Outline | None" = None) -> RunState:
        """The state now: alive by the lock, ended by the journal, crashed where neither says so.

        Whoever follows the journal anyway gives what it has read, as it was after the lock was last asked. Raises
        UserError where the journal has to be asked and cannot be read.
        """
        held = self.is_held()
        known = known or self.outline()
        if held:
            return RunState.PAUSED if known.is_paused else RunState.RUNNING
        if known.ended is not None:
            return RunState(known.ended.state)
        return RunState.RUNNING if known.started is None and self._was_made_just_now() else RunState.CRASHED

    def _was_made_just_now(self) -> bool:
        try:
            return 0 <= time.time() - self.job.stat().st_mtime < STARTING_SECONDS
        except OSError:  # what it was asked is gone
            return False

    def remove(self) -> None:
        """Deletes the folder and all in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def listed(parent: Path) -> list[RunFolder]:
    """The run folders in a folder, oldest first. Raises UserError."""
    try:
        folders = sorted(parent.iterdir(), key=lambda path: _in_words_and_numbers(path.name))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UserError(
            f"The runs in {parent} cannot be listed: {error.strerror}.",
            remedy="Grant reading there, or set WORKBENCH_HOME to another folder.",
        ) from None
    return [RunFolder(path) for path in folders if not path.name.startswith(".") and (path / "job.toml").is_file()]


def _called(name: str) -> list[str]:
    """The runs that a person has given this name, none where it is empty."""
    from workbench.core.job.label import read_label

    found = []
    for run in RunFolder.all():
        with suppress(UserError):  # its own name finds it
            if name.strip() and read_label(run.path).name == " ".join(name.split()):
                found.append(run.name)
    return found


def _in_words_and_numbers(name: str) -> list[tuple[bool, int, str]]:
    """A sort key in which "-10" comes after "-2"."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBERS.split(name)]


def slug(text: str) -> str:
    """The last part of a path as a piece of a folder's name."""
    last = (
        re.split(r"[/\\]", text.rstrip("/\\"))[-1].removesuffix(".jsonl").removesuffix(".csv").removesuffix(".parquet")
    )
    return re.sub(r"[^a-z0-9.]+", "-", last.lower()).strip("-.")[:40].strip("-.") or "model"
