"""What would make a recipe need less memory, ranked by how much it saves, as core/fitting.py reckons it."""

from workbench.core.fitting import Change as Remedy
from workbench.core.fitting import savings as ranked
from workbench.core.fitting import with_changes

__all__ = ["Remedy", "ranked", "with_changes"]
