from importlib import metadata
from pathlib import Path

import pytest

from workbench.core.installed import version_of


def test_that_what_is_installed_has_its_version_and_what_is_not_has_none() -> None:
    assert version_of("numpy") == metadata.version("numpy")
    assert version_of("no-such-package-anywhere") == ""


def test_that_an_interrupted_installation_has_none_also_beside_other_finders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("importlib_metadata")  # its finder answers for importlib.metadata too
    (tmp_path / "half_there-1.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert version_of("half-there") == ""
