"""Whether the Hugging Face Hub may be asked: by the environment, and by the window's setting, for every process."""

import json
import os

from workbench.core import places

BY_SETTINGS = "Offline mode is on in the settings."
_TRUE = ("1", "ON", "YES", "TRUE")  # huggingface_hub 2.4, constants.py


def is_offline() -> bool:
    return bool(why_offline())


def why_offline() -> str:
    """The sentence for why the Hub is not asked; nothing where it may be."""
    # The setting first: where it is on, an engine has the environment too (core/job/launch.py).
    return BY_SETTINGS if is_offline_mode() else why_environment()


def why_environment() -> str:
    """The sentence for what keeps it offline whatever the settings say; nothing where they decide."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in _TRUE:
            return f"{name} is set."
    return ""


def is_offline_mode() -> bool:
    """What the window's settings say: verbs and engines obey them too, and ask no package registry either."""
    try:
        settings = json.loads((places.home() / "settings.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(settings, dict) and settings.get("offline") is True
