"""What the Hub view says in sentences: of what was found, of the chosen model, and of its download."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.bridge.arrival import Arrival
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.units import bytes_in_digits, counted, duration_in_words, grouped
from workbench.panes.model.hub.row import HubRow
from workbench.panes.parts.room import Room

if TYPE_CHECKING:
    from workbench.core.model.hub_details import HubDetails

HUB = "https://huggingface.co"


def page_of(model_id: str) -> str:
    """The address of a model's page on the Hub that is asked."""
    return f"{os.environ.get('HF_ENDPOINT', HUB).rstrip('/')}/{model_id}"


def terms_of(model_id: str, details: "HubDetails | None") -> str:
    """The address of a licence's text: what the card names where that is an address, else the model's page."""
    named = details.terms if details is not None else ""
    return named if named.startswith("https://") else page_of(model_id)


def what_memory_is(recipe: Recipe, room: Room) -> str:
    length = f"the peak of a QLoRA step at {grouped(recipe.training.max_length)} tokens, as in Data"
    return (
        f"memory is {length}" if room.is_card else f"memory is {length}, against this machine\u2019s: there is no card"
    )


def what_failed(error: UserError) -> str:
    """The line in the head of a list that the Hub does not fill."""
    return f"{error.what} {error.why} What is on this machine:".replace("  ", " ")


def what_was_found(shown: int, listed: int, *, has_more: bool, is_asking: bool) -> str:
    """How many rows there are, such as "50 found, more below" or "12 of 50"."""
    if is_asking and not listed:
        return "asking the Hub"
    found = f"{grouped(shown)} found" if shown == listed else f"{grouped(shown)} of {grouped(listed)}"
    return f"{found}, more below" if has_more else found


def files_of(row: HubRow, details: "HubDetails | None") -> str:
    """The first line of the details: what it is, and what a download takes."""
    if details is None:
        known = (f"{row.billions} billion" if row.parameters else "", row.download if row.download_bytes else "")
        here = " on this machine" if row.state == "here" else ""
        said = ", ".join(part for part in known if part)
        return f"{row.name}: {said}{here}" if said else row.name
    shape = details.shape
    family = f"{shape.family} family" if shape is not None and shape.family else ""
    billion = f"{row.billions} billion" if row.parameters else ""
    held = f"{counted(len(details.files), 'file')}, {bytes_in_digits(details.total_bytes)}"
    here = f"{bytes_in_digits(details.here_bytes)} of it here" if 0 < details.here_bytes < details.total_bytes else ""
    return f"{row.name}: {', '.join(part for part in (billion, family, held, here) if part)}"


def takes_of(row: HubRow, details: "HubDetails | None", problem: UserError | None) -> str:
    """The second line: what training it would take, or why that is not known, or why it cannot be had."""
    if row.not_loaded:
        why = "A pickle can run any code when it is read." if "pickles" in row.not_loaded else ""
        return f"{row.not_loaded[:1].upper()}{row.not_loaded[1:]}. {why}".rstrip()
    if row.access == "ask first":
        return "Its owner wants its terms accepted on the Hub\u2019s page first; a token then shows who asks."
    if row.access == "asked":
        return "Its owner was asked and has not answered yet."
    if row.access == "refused":
        return "Its owner has refused this account."
    if row.peak is not None:
        gb = [f"{part / 1e9:.1f}" for part in (row.peak.weights, row.peak.unquantized, row.peak.rest)]
        parts = f"{gb[0]} weights in NF4 + {gb[1]} not quantized + {gb[2]} all else"
        return f"{row.peak_figure} GB to train = {parts}; {row.limit_bytes / 1e9:.1f} GB are free"
    if details is not None and details.problem:
        return details.problem
    return str(problem) if problem is not None else ""


@dataclass(frozen=True)
class Plan:
    """What the primary button would do with the chosen model.

    Attributes:
        act: "download", "use", "ask" for access, "token", or nothing that can be done.
        facts: The line below it.
    """

    act: str
    words: str
    facts: str = ""
    icon: str = "download-simple"


@dataclass(frozen=True)
class Circumstances:
    """What decides it beside the row."""

    has_token: bool = False
    can_keep_token: bool = True
    is_offline: bool = False
    free_bytes: int = 0
    here_bytes: int = 0
    arrival: Arrival | None = None
    before: int = 0  # downloads that are on their way
    before_bytes: int = 0  # what is still to come of them
    bytes_per_second: float = 0.0


def plan_for(row: HubRow | None, how: Circumstances) -> Plan:
    """The primary's words for a row, None where none is chosen."""
    if row is None:
        return Plan("", "Download", "Choose a model.")
    if row.state == "here":
        return Plan("use", f"Use {row.name}", f"{row.download} on this machine", "arrow-right")
    if how.arrival is not None:
        return Plan(
            "", f"{row.name} {'waits' if row.state == 'waiting' else 'arrives'}", _arrival_in_words(how.arrival)
        )
    if row.not_loaded:
        return Plan("", f"Download {row.name}", row.not_loaded)
    if how.is_offline:
        return Plan("", f"Download {row.name}", "Offline: nobody is asked")
    if row.access == "ask first":
        if not how.has_token and how.can_keep_token:
            return Plan("token", "Enter a token", "of an account that has accepted its terms", "user")
        return Plan("ask", "Ask on the Hub\u2019s page", "then F5 looks again", "link")
    if row.access in ("asked", "refused"):
        return Plan("", f"Download {row.name}", {"asked": "not answered yet", "refused": "refused"}[row.access])
    return _download(row, how)


def _download(row: HubRow, how: Circumstances) -> Plan:
    to_come = max(0, row.download_bytes - how.here_bytes)
    missing = to_come + how.before_bytes - how.free_bytes
    if how.free_bytes and missing > 0:
        return Plan("", f"Download {row.name}", f"{bytes_in_digits(missing)} more room is needed on the disk")
    size = bytes_in_digits(to_come) if row.download_bytes else ""
    after = "" if not how.before else "after the other one" if how.before == 1 else f"after {how.before} others"
    takes = duration_in_words(to_come / how.bytes_per_second) if how.bytes_per_second and to_come else ""
    facts = ", ".join(part for part in (f"{size} {after}".strip(), takes) if part)
    return Plan("download", f"Download {row.name}", facts)


def _arrival_in_words(arrival: Arrival) -> str:
    if arrival.state == "waiting":
        size = f"{bytes_in_digits(arrival.total_bytes)}, " if arrival.total_bytes else ""
        return f"{size}when those before it are here"
    done, whole = arrival.of_bytes
    return ", ".join(part for part in (f"{done} {whole}".strip(), arrival.left) if part)
