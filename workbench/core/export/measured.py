"""What was measured of a run's exports, kept in its folder for as long as the adapter's weights stay as they are."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench.core.chat.speakers import Speaker
from workbench.core.job.export_kinds import Way, WeightsMeasured
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.whole_file import write_whole

FILE = "measured.json"
REFERENCE = "reference"
_LARGEST_BYTES = 1_000_000
ITEMS: dict[Way, str] = {"original": "merged", "nf4": "merged-nf4"}


def read(speaker: Speaker) -> dict[str, WeightsMeasured]:
    """What is known, by item; nothing where the adapter is another one now."""
    place = _place(speaker)
    kept = _read(place[0]).get(place[1]) if place is not None else None
    found: dict[str, WeightsMeasured] = {}
    if isinstance(kept, dict) and kept.get("stamp") == _stamp(speaker) and isinstance(kept.get("found"), list):
        for each in kept["found"]:
            with suppress(ValidationError):  # of another version
                event = WeightsMeasured.model_validate(each)
                found[event.item] = event
    return found


def keep(speaker: Speaker, events: Sequence[WeightsMeasured]) -> None:
    """Adds to what is known. Raises OSError."""
    place = _place(speaker)
    if place is None or not events:
        return
    found = read(speaker) | {event.item: event for event in events}
    kept = _read(place[0])
    kept[place[1]] = {
        "stamp": _stamp(speaker),
        "found": [event.model_dump(mode="json") for event in found.values()],
    }
    write_whole(place[0], json.dumps(kept, indent=1))


def closer_way(speaker: Speaker, ways: Sequence[Way]) -> Way | None:
    """Into what to merge for the smallest divergence from the run as it was trained; None where it was not measured."""
    found = read(speaker)
    divergences = [(event.kl, way) for way in ways if (event := found.get(ITEMS[way])) and event.kl is not None]
    return min(divergences)[1] if len(divergences) == len(ways) else None


def run_of(speaker: Speaker) -> RunFolder | None:
    """The run that has made the adapter, or the model; None where none has."""
    path = speaker.adapter.path if speaker.adapter is not None else Path(speaker.model.source)
    return next((RunFolder(each) for each in path.parents[:2] if (each / "job.toml").is_file()), None)


def _place(speaker: Speaker) -> tuple[Path, str] | None:
    """The file, and the name in it of this adapter; None where there is none, or it belongs to no run."""
    run = run_of(speaker)
    return (run.path / FILE, speaker.adapter.path.name) if run is not None and speaker.adapter is not None else None


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            return {}
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _stamp(speaker: Speaker) -> list[int]:
    assert speaker.adapter is not None
    status = (speaker.adapter.path / WEIGHTS).stat()
    return [status.st_size, status.st_mtime_ns]
