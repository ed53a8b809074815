"""Whether the system asks for less motion."""

from pathlib import Path

from workbench.panes.look.motion import kde_has_none


def test_that_kde_without_animations_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "kdeglobals"
    assert not kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=0\n")
    assert kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=much\n")
    assert not kde_has_none(file)
