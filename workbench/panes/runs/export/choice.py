"""What a person has chosen to export, and the request that says it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core import places
from workbench.core.export.item import item_of
from workbench.core.export.measured import ITEMS
from workbench.core.export.offered import Offered
from workbench.core.export.targets.hub import SENDS
from workbench.core.job.export_kinds import LARGEST_FILE_BYTES, ExportRequest, Way

MERGED = "merged"  # the line for both ways to merge

LONGEST_NAME = 80


def clean_name(text: str) -> str:
    """A name as files, shells and other programs take it: letters, digits, dots and hyphens."""
    return re.sub(r"[^A-Za-z0-9._]+", "-", text).strip("-._")[:LONGEST_NAME].strip("-._")


@dataclass(frozen=True)
class Choice:
    """Frozen: each change makes another.

    Attributes:
        run: The folder of a run or of one of its checkpoints.
        name: What files and models are called.
        folder: Where they go; nothing for the usual place, which follows the name.
        targets: The lines that are ticked.
        way: Into what the adapter is merged; nothing for the closer one.
        types: Those that a target is made as, by its name.
    """

    run: Path
    name: str
    folder: str = ""
    targets: tuple[str, ...] = ("adapter",)
    way: Way | None = None
    types: tuple[str, ...] = ("q8_0",)
    largest_file_bytes: int = LARGEST_FILE_BYTES
    hub_name: str = ""
    hub_private: bool = True
    hub_sends: tuple[str, ...] = ("adapter",)

    @property
    def out(self) -> Path:
        return Path(self.folder) if self.folder else places.exports() / self.name

    def with_target(self, name: str, *, is_wanted: bool) -> "Choice":
        """Ollama reads a GGUF file: the one brings the other along."""
        beside = {("ollama", True): "gguf", ("gguf", False): "ollama"}.get((name, is_wanted), "")
        kept = [target for target in self.targets if target not in (name, beside)]
        return replace(self, targets=(*kept, *([name, *filter(None, [beside])] if is_wanted else [])))

    def with_type(self, name: str, *, is_wanted: bool) -> "Choice":
        """A type that is chosen first chooses GGUF as well, and with the last one it goes."""
        types = tuple(each for each in self.types if each != name) + ((name,) if is_wanted else ())
        if not types:
            return replace(self.with_target("gguf", is_wanted=False), types=())
        return replace(self.with_target("gguf", is_wanted=True), types=types)

    def way_of(self, offered: Offered) -> Way:
        """Into what it is merged: what was chosen where that is possible, else the closer one."""
        return self.way if self.way in offered.ways and self.way is not None else offered.way

    def items_of(self, target: str, offered: Offered) -> tuple[str, ...]:
        """The items that a line stands for."""
        if target == MERGED:
            return (ITEMS[self.way_of(offered)],)
        if target == "gguf":
            return tuple(f"gguf:{name}" for name in self.types)
        return (target,)

    def items(self, offered: Offered) -> tuple[str, ...]:
        """All that is wanted and can be made."""
        found: list[str] = []
        for target in self.targets:
            known = offered.target(target)
            if known is not None and not known.why_not:
                found += self.items_of(target, offered)
        return tuple(found)

    def sendable(self, offered: Offered) -> tuple[str, ...]:
        """What can be sent to the Hub: the adapter, and what else is made that others can load."""
        made = (item for item in self.items(offered) if item_of(item).to in SENDS)
        return tuple(dict.fromkeys((*(("adapter",) if offered.has_adapter else ()), *made)))

    def sent(self, offered: Offered) -> tuple[str, ...]:
        """What is to be sent: what was chosen of that, else the first of it."""
        can = self.sendable(offered)
        return tuple(item for item in can if item in self.hub_sends) or can[:1]

    def request(self, offered: Offered, without: Collection[str] = ()) -> ExportRequest | None:
        """What is to be asked for, less the items that are there already; None where that is nothing."""
        items = tuple(item for item in self.items(offered) if item not in without)
        return self._request(items, str(self.out), offered) if items else None

    def measuring(self, item: str, offered: Offered) -> ExportRequest:
        """What measures an item and keeps no file of it."""
        return self._request((item,), "", offered)

    def _request(self, items: tuple[str, ...], out: str, offered: Offered) -> ExportRequest:
        return ExportRequest(
            run=str(self.run),
            items=items,
            out=out,
            name=self.name,
            into=self.way_of(offered),
            largest_file_bytes=self.largest_file_bytes,
            hub_name=self.hub_name,
            hub_private=self.hub_private,
            hub_sends=self.sent(offered) or self.hub_sends,
        )


def choice_of(request: ExportRequest, items: Collection[str]) -> Choice:
    """What was chosen for an export that goes on with these items."""
    targets = dict.fromkeys(MERGED if item in ITEMS.values() else item_of(item).to for item in items)
    ways: list[Way] = [way for way, item in ITEMS.items() if item in items]
    return Choice(
        run=Path(request.run),
        name=request.name,
        folder=request.out,
        targets=tuple(targets),
        way=ways[0] if ways else request.into or None,
        types=tuple(item_of(item).type for item in items if item_of(item).to == "gguf") or ("q8_0",),
        largest_file_bytes=request.largest_file_bytes,
        hub_name=request.hub_name,
        hub_private=request.hub_private,
        hub_sends=request.hub_sends,
    )
