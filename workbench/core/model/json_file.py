"""A JSON file of a model folder, read whole as long as it is no longer than any real one."""

import json
from pathlib import Path
from typing import Any

LARGEST_JSON_BYTES = 100_000_000


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises OSError, and ValueError for what is not JSON."""
    with path.open("rb") as file:
        data = file.read(LARGEST_JSON_BYTES + 1)
    if len(data) > LARGEST_JSON_BYTES:
        raise ValueError(f"it is longer than {LARGEST_JSON_BYTES // 1_000_000} MB")
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
