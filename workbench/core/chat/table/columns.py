"""Who answers in a table: the base, the tuned model and a further run, what is loaded for each, and whose they are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from workbench.core.chat.speakers import BASE, Speaker, speaker
from workbench.core.job import checkpoints
from workbench.core.job.chat_kinds import SideFacts
from workbench.core.job.run_folder import RunFolder
from workbench.core.model import fingerprint
from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.problems import UserError

Role = Literal["base", "tuned", "second"]
TITLES: dict[Role, str] = {"base": "Base", "tuned": "Tuned", "second": "Second run"}


class Load(NamedTuple):
    """What is loaded together, as a ChatRequest names it."""

    model: str
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One who answers.

    Attributes:
        title: A run's name, with its checkpoint, or a model's folder.
        load: What has to be loaded for it to be asked.
        adapter: The folder of what is put on the base; empty where nothing is.
        folder: Of the run that its answers and marks are kept with; None of a model that no run has made.
        whose: Among those that are kept there: "base", a checkpoint's name, or empty for the run's own result.
        weights: Hashes of all weights that answer; empty where they are not known before they are loaded.
    """

    role: Role
    title: str
    load: Load
    adapter: str = ""
    folder: Path | None = None
    whose: str = ""
    weights: str = ""

    @property
    def head(self) -> str:
        return TITLES[self.role]

    @property
    def is_result(self) -> bool:
        """Whether what it answers is what its run has learned in the end."""
        return self.folder is not None and not self.whose

    def is_of(self, base_hash: str, adapter_sha256: str, strength: float) -> bool:
        """Whether an answer of these weights is one of this column; true where its own are not known."""
        if not self.weights:
            return True
        if not self.adapter:
            return (base_hash, adapter_sha256) == (self.weights, "")
        base, _, adapter = self.weights.partition("+")
        return base_hash == base and adapter_sha256 == (adapter if strength else "")

    def is_side(self, facts: SideFacts) -> bool:
        """Whether it is this side of a chat that was loaded for it."""
        return facts.adapter == self.adapter


def columns_of(model: str, second: str = "") -> tuple[Column, ...]:
    """The base and the tuned model, then a second run where one is named; a model without an adapter stands alone.

    Weights are read for their hashes. Raises UserError where a name means nothing that can be talked to.
    """
    first = speaker(model)
    found: list[Column] = []
    if first.adapter is not None:
        together = Load(model, (BASE,))
        tuned = _column("tuned", first, together)
        whose = BASE if tuned.folder is not None else ""
        found += [Column("base", _base_title(first), together, "", tuned.folder, whose, first.base_hash), tuned]
    else:
        found.append(_column("tuned" if first.recipe is not None else "base", first, Load(model)))
    if second:
        found.append(_second(second, first, found[-1]))
    return tuple(found)


def _second(name: str, first: Speaker, tuned: Column) -> Column:
    other = speaker(name)
    if other.title == first.title:
        raise UserError(f"{other.title} would stand beside itself.", remedy="Choose another run, or none.")
    stands_beside = (
        first.adapter is not None
        and other.adapter is not None
        and first.base_hash
        and other.base_hash == first.base_hash
        and _is_stored_alike(first, other)
    )
    load = Load(tuned.load.model, (*tuned.load.beside, name)) if stands_beside else Load(name)
    return _column("second", other, load)


def _is_stored_alike(first: Speaker, other: Speaker) -> bool:
    """Whether both were trained on the base in the same precision: a rounded one answers otherwise."""
    if first.recipe is None or other.recipe is None:
        return first.recipe is other.recipe
    kept = {"source", "revision"}
    return first.recipe.model.model_dump(exclude=kept) == other.recipe.model.model_dump(exclude=kept)


def _column(role: Role, found: Speaker, load: Load) -> Column:
    if found.adapter is None:
        model = Path(found.model.source)
        is_result = found.recipe is not None  # a full training has made it
        weights = fingerprint.of_model(model) if is_result else ""
        return Column(role, found.title, load, "", model.parent if is_result else None, "", weights)
    path = found.adapter.path
    run = next((RunFolder(each) for each in path.parents[:2] if (each / "job.toml").is_file()), None)
    whose = "" if run is None or path == run.adapter else path.name
    try:
        digest = checkpoints.sha256(path / WEIGHTS)
    except OSError as error:
        raise UserError(f"{path / WEIGHTS} cannot be read: {error.strerror or error}.") from None
    weights = f"{found.base_hash}+{digest}" if found.base_hash else ""
    return Column(role, found.title, load, str(path), run.path if run is not None else None, whose, weights)


def _base_title(first: Speaker) -> str:
    return Path(first.model.source).name or first.model.source
