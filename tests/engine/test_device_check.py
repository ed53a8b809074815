"""The trial of PyTorch: the real child process on the device of this machine."""

import os
import subprocess
from pathlib import Path

from workbench.core.job import launch
from workbench.core.machine import doctor
from workbench.core.machine.doctor import DeviceReport


def test_that_the_child_prints_one_document_and_its_4_bit_product_is_right() -> None:
    environment = {**launch.environment(), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        doctor.DEVICE_CHECK, capture_output=True, text=True, env=environment, timeout=doctor.DEVICE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    report = DeviceReport.model_validate_json(done.stdout)
    assert report.problem == ""
    assert report.kind == "cpu"
    assert report.total_bytes > 2**30
    # Not zero: both sides would be the same computation.
    assert 0 < report.product_error < doctor.PRODUCT_ERROR_BOUND
    assert 0.08 < report.weight_error < doctor.WEIGHT_ERROR_BOUND
    assert report.seconds > 0
    assert doctor.four_bit_check(report, None).ok


def test_that_a_library_that_prints_and_fails_is_told_in_the_document(tmp_path: Path) -> None:
    folder = tmp_path / "bitsandbytes"
    folder.mkdir()
    (folder / "__init__.py").write_text("import os\nprint('from Python', flush=True)\nos.write(1, b'from C')\n")
    environment = launch.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]])
    done = subprocess.run(doctor.DEVICE_CHECK, capture_output=True, text=True, env=environment, check=True)
    report = DeviceReport.model_validate_json(done.stdout)
    assert report.torch
    assert "cannot import name 'functional'" in report.problem
    assert not doctor.four_bit_check(report, None).ok
    assert "from Python" in done.stderr
    assert "from C" in done.stderr
