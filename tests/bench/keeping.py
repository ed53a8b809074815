"""What a bench ends with: its document kept by the day, shown, and an exit code that says whether it is good enough."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

RESULTS = Path(__file__).with_name("results")


def finish(name: str, document: dict[str, Any], show: Callable[[dict[str, Any]], None], *, as_json: bool) -> NoReturn:
    """Keeps the document of a bench as a result of today, prints or shows it, and exits."""
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{name}-{date.today()}.json"
    kept.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        show(document)
        print(f"Kept in {kept}")
    sys.exit(0 if document["meets"] else 1)
