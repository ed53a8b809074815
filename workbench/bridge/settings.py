"""What the window remembers from one time to the next."""

import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core import places
from workbench.core.whole_file import write_whole


class WindowSettings(BaseModel):
    """Frozen: a changed copy is made with `model_copy` and saved; what a newer version wrote beside it is passed over.

    `geometry` is Qt's own, in base64; `column_choices` are settings of recipes, by what stands for a file's columns;
    `runs_left_out` are columns of the table of runs, `runs_share` is what it takes of its page's height, 0 until a
    person has said so.
    """

    model_config = ConfigDict(frozen=True)

    theme: Literal["system", "light", "dark"] = "system"
    projector: bool = False
    page: str = "model"
    geometry: str = ""
    last_run: str = ""
    recent_models: list[str] = []
    recent_data: list[str] = []
    column_choices: dict[str, dict[str, str]] = {}
    runs_left_out: list[str] = ["started", "notes"]
    runs_share: float = 0.0
    offline: bool = False  # read by every process: core/hub/offline.py


class Settings:
    """The file of the window's settings."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or places.home() / "settings.json"
        self._has_complained = False

    def load(self) -> tuple[WindowSettings, str]:
        """The settings, and a sentence where the file was not used; such a file is kept aside."""
        try:
            return WindowSettings.model_validate_json(self.path.read_bytes()), ""
        except FileNotFoundError:
            return WindowSettings(), ""
        except OSError as error:
            return WindowSettings(), f"{self.path} cannot be read: {error.strerror}. The window begins as new."
        except ValidationError:
            return WindowSettings(), self._set_aside()

    def save(self, settings: WindowSettings) -> None:
        """Writes the settings; where that fails they are lost, which is said once, on standard error."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, settings.model_dump_json(indent=2) + "\n")
        except (OSError, ValueError) as error:  # a file name that is not UTF-8 cannot be kept
            if not self._has_complained:
                print(f"The window's settings cannot be kept in {self.path}: {error}", file=sys.stderr)
            self._has_complained = True

    def change(self, **values: Any) -> None:
        """Writes some of the settings, the others as the file has them now: several parts of a window keep theirs."""
        self.save(self.load()[0].model_copy(update=values))

    def _set_aside(self) -> str:
        kept = self.path.with_name(self.path.name + ".bad")
        try:
            self.path.replace(kept)
        except OSError:
            return f"{self.path} holds no settings that this version can read. The window begins as new."
        return (
            f"{self.path.name} held no settings that this version can read and is kept as {kept}. "
            "The window begins as new."
        )
