"""What a bench ends with: its document kept by the day, shown, and an exit code that says whether it is good enough."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

RESULTS = Path(__file__).with_name("results")


def finish(
    name: str,
    document: dict[str, Any],
    show: Callable[[dict[str, Any]], None],
    *,
    as_json: bool,
    is_whole: bool = True,
) -> NoReturn:
    """Keeps the document of a whole bench as a result of today, prints or shows it, and exits."""
    kept = RESULTS / f"{name}-{date.today()}.json"
    if is_whole:
        RESULTS.mkdir(exist_ok=True)
        kept.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        show(document)
        print(f"Kept in {kept}" if is_whole else "Not kept: it was a smaller one.")
    sys.exit(0 if document["meets"] else 1)
