"""What was chosen for columns of these names, to be taken again for the next file that has them."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from workbench.bridge.settings import Settings

MOST_KEPT = 100


class KeptChoices:
    """Kept among the window's settings; without those nothing is."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings

    def find(self, names: Sequence[str]) -> dict[str, str]:
        """The recipe's settings that were chosen for these columns; none where nothing was."""
        if self._settings is None:
            return {}
        return self._settings.load()[0].column_choices.get(hash_of(names), {})

    def keep(self, names: Sequence[str], chosen: Mapping[str, str]) -> None:
        """Keeps a choice, the latest last."""
        if self._settings is None:
            return
        known = self._settings.load()[0]
        name = hash_of(names)
        kept = {other: values for other, values in known.column_choices.items() if other != name}
        latest = dict([*kept.items(), (name, dict(chosen))][-MOST_KEPT:])
        self._settings.change(column_choices=latest)


def hash_of(names: Sequence[str]) -> str:
    """Stands for the names of a file's columns, in their order."""
    return hashlib.sha256(json.dumps(list(names)).encode("utf-8", "surrogatepass")).hexdigest()[:24]
