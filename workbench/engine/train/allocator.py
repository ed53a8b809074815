"""A step's memory on a card, attributed to the ledger's lines by the snapshot of torch's allocator.

The allocator records each allocation with the Python frames that asked for it: _record_memory_history of
torch.cuda.memory, which is private and the one way there is. What outlives the step is known by its address, the rest
by its frames.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import torch

# Allocations and frees that are kept, some kB each while they are read: a step of 32 blocks has about 20 000.
MOST_ENTRIES = 60_000
OTHER = "other"
_LOSS = ("chunked_logprob", "logprob_entropy", "chunked_divergence")
_LOSS_FUNCTIONS = ("cross_entropy", "log_softmax", "ForCausalLMLoss")


def start() -> None:
    torch.cuda.memory._record_memory_history(
        "all", context="alloc", stacks="python", max_entries=MOST_ENTRIES, clear_history=True
    )


def stop(index: int, known: Mapping[int, str]) -> tuple[dict[str, int], int]:
    """Ends recording and gives the lines at the recorded peak, OTHER among them, and that peak. See `attribute`."""
    try:
        snapshot = torch.cuda.memory._snapshot()
    finally:
        torch.cuda.memory._record_memory_history(None)
    return attribute(snapshot, index, known)


def attribute(snapshot: Mapping[str, Any], index: int, known: Mapping[int, str]) -> tuple[dict[str, int], int]:
    """Bytes by line when most was allocated on card `index`, and their sum; pure.

    `known` is the line of each tensor that lives when the snapshot is taken, by its address. Sizes are what was asked
    for, before the allocator rounds them up.
    """
    trace = [entry for entry in snapshot["device_traces"][index] if entry["action"] in ("alloc", "free_requested")]
    held = {
        block["address"]: (block.get("requested_size", block["size"]), block.get("frames", ()))
        for segment in snapshot["segments"]
        if segment.get("device", index) == index
        for block in _blocks(segment)
        if block["state"] == "active_allocated"
    }
    # What lives at the end: of those addresses that were handed out more than once, the last time.
    last = {entry["addr"]: place for place, entry in enumerate(trace) if entry["action"] == "alloc"}
    lasting = {place for address, place in last.items() if address in held}
    before = {address: size for address, (size, _) in held.items() if address not in last}
    allocated: set[int] = set()
    for entry in trace:  # freed in the window, and handed out before it
        if entry["action"] == "alloc":
            allocated.add(entry["addr"])
        elif entry["addr"] not in allocated:
            before.setdefault(entry["addr"], entry["size"])
            allocated.add(entry["addr"])
    lines: Counter[str] = Counter()
    owners: dict[int, tuple[str, int]] = {}
    for address, size in before.items():
        owners[address] = (known.get(address, OTHER) if address in held and address not in last else OTHER, size)
        lines[owners[address][0]] += size
    total = peak = sum(lines.values())
    at_peak = dict(lines)
    for place, entry in enumerate(trace):
        address = entry["addr"]
        if entry["action"] == "alloc":
            line = known.get(address) if place in lasting else None
            owners[address] = (line or line_of(entry.get("frames", ())), entry["size"])
            lines[owners[address][0]] += entry["size"]
            total += entry["size"]
        elif address in owners:
            line, size = owners.pop(address)
            lines[line] -= size
            total -= size
        if total > peak:
            peak, at_peak = total, dict(lines)
    return {line: size for line, size in at_peak.items() if size}, peak


def line_of(frames: Iterable[Mapping[str, Any]]) -> str:
    """The line of a passing allocation: by the innermost frames that show it, the innermost first.

    The backward pass runs in C++ and has no Python frames, save those of functions written in Python.
    """
    for frame in frames:
        name, file = str(frame["name"]), str(frame["filename"])
        if name in _LOSS_FUNCTIONS or any(part in file for part in _LOSS):
            return "logits"
        if "dequantize" in name or "/optim/" in file.replace("\\", "/") or name == "backward":
            return "workspace"
        if name == "forward":  # what a checkpoint recomputes too
            return "activations"
    return "workspace"


def _blocks(segment: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """A segment's blocks with their addresses, which older versions of torch leave to be counted."""
    address = segment["address"]
    for block in segment["blocks"]:
        yield {"address": address, **block}
        address += block["size"]
