"""What a run can become: a name, and how that is planned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.job.export_kinds import PlannedStep


@dataclass(frozen=True)
class Offer:
    """A type that a target can be made as; `why_not` says why this subject cannot."""

    type: str
    title: str
    bits: float
    size_bytes: int
    why_not: str = ""


def _no_offers(_subject: Subject) -> Sequence[Offer]:
    return ()


@dataclass(frozen=True)
class Target:
    """Each is the TARGET of a file in targets/; the engine makes it in engine/export/steps/ by a file of its name.

    Attributes:
        name: As the command line has it; a file of that name, with _ for -, declares it.
        place: Where it stands among the others, and its turn where nothing else decides.
        plan: What making it takes. Raises UserError where it cannot be made, which says what can instead.
        offers: Its types.
    """

    name: str
    title: str
    place: int
    plan: Callable[[Subject, Item], PlannedStep]
    offers: Callable[[Subject], Sequence[Offer]] = _no_offers

    @property
    def has_types(self) -> bool:
        return self.offers is not _no_offers
