"""The names of the ledger's lines in files and on the command line, with the titles that people read."""

from collections.abc import Mapping

LINE_OF_PART = {
    "weights": "frozen_weights",
    "unquantized": "unquantized_weights",
    "adapters": "adapters",
    "gradients": "gradients",
    "optimizer": "optimizer",
    "activations": "activations",
    "logits": "logits",
    "workspace": "workspace",
    "overhead": "overhead",
}
LINES = tuple(LINE_OF_PART.values())
TITLES = {
    "frozen_weights": "Weights",
    "unquantized_weights": "Unquantized",
    "adapters": "Adapters",
    "gradients": "Gradients",
    "optimizer": "Optimizer",
    "activations": "Activations",
    "logits": "Logits",
    "workspace": "Workspace",
    "overhead": "Overhead",
}


def by_line(parts: Mapping[str, int]) -> dict[str, int]:
    """A ledger's parts under the names of its lines."""
    return {LINE_OF_PART[part]: parts[part] for part in LINE_OF_PART}
