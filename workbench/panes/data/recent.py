"""The files that were read on the Data page before, kept among the window's settings."""

from workbench.bridge.settings import Settings
from workbench.core import places

MOST_RECENT = 10


class RecentData:
    """Kept among the window's settings; without those nothing is."""

    def __init__(self, settings: Settings | None) -> None:
        self._settings = settings
        self._latest = ""

    def paths(self) -> list[str]:
        """The files, the latest first."""
        return list(self._settings.load()[0].recent_data) if self._settings is not None else []

    def take(self, path: str) -> list[str] | None:
        """Keeps a file that could be read, and gives all; None where nothing has changed, or it is built in."""
        if self._settings is None or path == self._latest or path in places.built_in_datasets():
            return None
        self._latest = path
        known, _ = self._settings.load()  # anew: others keep settings there too
        recent = [path, *(other for other in known.recent_data if other != path)][:MOST_RECENT]
        if recent != known.recent_data:
            self._settings.change(recent_data=recent)
        return recent
