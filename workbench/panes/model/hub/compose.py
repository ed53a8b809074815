"""From what the Hub and this machine say of models to the rows of the table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.bridge.arrival import Arrival
from workbench.core.model import catalogue
from workbench.core.model.licences import licence_in_words
from workbench.core.model.shape import ModelShape
from workbench.panes.model.hub.kept import KeptRow
from workbench.panes.model.hub.row import NOT_LOADED, NOT_READ, Access, HubRow, State, StepPeak

if TYPE_CHECKING:
    from workbench.core.model.hub_details import HubDetails
    from workbench.core.model.hub_search import HubModel

# Its weights are loaded and trained as they are.
BITSANDBYTES = "bitsandbytes"
BEHIND_TERMS = "config behind its terms"
TOO_LITTLE = "config says too little"
NO_ANSWER = "no answer yet: F5 asks again"


@dataclass(frozen=True)
class Known:
    """What is known of one model beside what the Hub lists.

    Attributes:
        failed: Why its details were asked for in vain: "refused", or "no answer" for now.
        has_peak: Whether its peak was worked out; one that is None then cannot be known.
    """

    details: "HubDetails | None" = None
    failed: Literal["", "refused", "no answer"] = ""
    peak: StepPeak | None = None
    has_peak: bool = False
    arrival: Arrival | None = None
    is_here: bool = False


def row_of(model: "HubModel", known: Known, limit_bytes: int) -> HubRow:
    """The row of a model that the Hub lists."""
    details = known.details
    shape = details.shape if details is not None else None
    state, share = state_of(known)
    return HubRow(
        id=model.id,
        parameters=shape.parameters if shape is not None and shape.parameters else model.parameters,
        download_bytes=details.total_bytes if details is not None else model.size_bytes,
        licence=licence_in_words(model.licence or (details.licence if details is not None else "")),
        downloads=model.downloads,
        access=access_of(model, details),
        not_loaded=NOT_LOADED.get(model.weights, "") or _not_trained(model.quantized),
        state=state,
        share=share,
        peak=known.peak,
        why_no_peak=_why_no_peak(model, known),
        limit_bytes=limit_bytes,
    )


def _not_trained(quantized: str) -> str:
    """Why weights of this kind are not trained; nothing where they are."""
    return f"already {quantized}: not trained" if quantized not in ("", BITSANDBYTES) else ""


def state_of(known: Known) -> tuple[State, float]:
    """How far a model is on its way to this machine, and which share of it has come."""
    if known.arrival is not None:
        state: State = {"waiting": "waiting", "paused": "paused"}.get(known.arrival.state, "arriving")  # type: ignore[assignment]
        return state, known.arrival.share
    return ("here", 1.0) if known.is_here else ("", 0.0)


def access_of(model: "HubModel", details: "HubDetails | None") -> Access:
    """Whether it may be had: as the listing says, until the Hub was asked for this token."""
    if details is None:
        return "ask first" if model.gated else "granted" if model.is_private else "open"
    return "asked" if details.access == "waiting" else details.access


def _why_no_peak(model: "HubModel", known: Known) -> str:
    if known.has_peak or (known.details is not None and known.details.shape is not None):
        return TOO_LITTLE if known.has_peak else NOT_READ
    if known.details is None and not known.failed:
        return NOT_READ
    if known.failed == "no answer":
        return NO_ANSWER
    return BEHIND_TERMS if model.gated else TOO_LITTLE


def shape_of(model_id: str, details: "HubDetails | None") -> ModelShape | None:
    """The shape by config.json, else by what comes with the program; None where neither says it."""
    shape = details.shape if details is not None else None
    return shape if shape is not None else catalogue.shape_of(model_id)


def kept_as_rows(
    kept: Iterable[KeptRow],
    shapes: Mapping[str, ModelShape | None],
    peaks: Mapping[str, StepPeak | None],
    limit_bytes: int,
) -> list[HubRow]:
    """The models of this machine as rows of the Hub's table; shapes and peaks by their ids, None where unknown."""
    return [
        HubRow(
            id=row.id,
            parameters=shape.parameters if (shape := shapes.get(row.id)) is not None else 0,
            download_bytes=row.size_bytes,
            licence=row.licence,
            access="",
            not_loaded="cannot be loaded" if row.problem else "",
            state="" if row.problem else "here",
            share=1.0,
            peak=peaks.get(row.id),
            why_no_peak=TOO_LITTLE if row.id in peaks or (row.id in shapes and shape is None) else NOT_READ,
            limit_bytes=limit_bytes,
        )
        for row in kept
    ]
