"""The doctor: what it says of a well machine, and of each thing that can be wrong."""

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tests.packaging import torch_choice
from workbench.core import places
from workbench.core.machine import doctor, system_libraries
from workbench.core.machine.doctor import Card, Check, DeviceReport

CPU = DeviceReport(
    torch="2.13.0+cpu",
    cuda=None,
    kind="cpu",
    name="CPU",
    total_bytes=16 * 2**30,
    capability=None,
    has_bf16=False,
    dtype="BF16",
    product_error=0.003,
    weight_error=0.092,
    seconds=0.1,
)
ADA = Card("NVIDIA RTX 4090", 24 * 2**30, capability=(8, 9), driver="580.95.05", cuda_major=13)
VOLTA = Card("NVIDIA V100", 16 * 2**30, capability=(7, 0), driver="580.95.05", cuda_major=13)
ON_ADA = CPU.model_copy(
    update={"torch": "2.13.0+cu130", "cuda": "13.0", "kind": "cuda", "name": ADA.name, "capability": (8, 9)}
)
BLIND = CPU.model_copy(update={"torch": "2.13.0+cu130", "cuda": "13.0"})


def child(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def failure(command: list[str], seconds: float = 60) -> Check:
    """The one check that a failing child leaves, which has advice."""
    check = doctor.ask_child(command, seconds)
    assert isinstance(check, Check)
    assert not check.ok
    assert check.is_required
    assert check.advice
    assert "\n" not in check.found
    return check


def test_that_a_whole_examination_is_json_and_advises_wherever_it_fails() -> None:
    checks = doctor.examine(child(f"print({CPU.model_dump_json()!r})"))
    names = [check.name for check in checks]
    assert names == [
        "Python",
        "packages",
        "NVIDIA card",
        "PyTorch",
        "4-bit arithmetic",
        "BF16",
        "disk",
        "Qt",
        "starter model",
    ]
    assert json.loads(json.dumps([asdict(check) for check in checks]))[0]["ok"] is True
    assert all(check.ok or check.advice for check in checks)
    assert all(check.found and "\n" not in check.found for check in checks)


def test_that_a_failing_child_leaves_the_other_checks_standing() -> None:
    checks = doctor.examine(child("import sys; sys.exit(3)"))
    assert [check.name for check in checks].count("PyTorch") == 1
    assert "4-bit arithmetic" not in [check.name for check in checks]
    assert checks[-1].name == "starter model"


def test_that_the_child_is_asked_for_its_standard_output_alone() -> None:
    noisy = f"import sys; print('a warning', file=sys.stderr); print({CPU.model_dump_json()!r})"
    assert doctor.ask_child(child(noisy), 60) == CPU


def test_that_a_result_that_is_not_a_number_comes_through_and_is_not_ok() -> None:
    report = CPU.model_copy(update={"product_error": float("nan")})
    heard = doctor.ask_child(child(f"print({report.model_dump_json()!r})"), 60)
    assert isinstance(heard, DeviceReport)
    check = doctor.four_bit_check(heard, None)
    assert not check.ok
    assert check.advice


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGILL", "SIGKILL"])
def test_that_a_child_killed_by_a_signal_is_told_by_its_name(name: str) -> None:
    number = int(signal.Signals[name])
    # Without a limit of 0 the signal would leave a core file in the working directory.
    text = f"import os, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), {number})"
    check = failure(child(text))
    assert f"was killed by {name}" in check.found
    assert ("memory" in check.advice) == (name == "SIGKILL")


def test_that_a_child_that_hangs_is_ended() -> None:
    check = failure(child("import time; time.sleep(600)"), seconds=1)
    assert "no answer within 1 s" in check.found


@pytest.mark.parametrize("noise", ["Segmentation of 3 fruits", '{"torch": "2.13.0"}', "[]", "\\xff\\xfe" * 3000])
def test_that_noise_instead_of_an_answer_is_told(noise: str) -> None:
    check = failure(child(f"import sys; sys.stdout.buffer.write(b'{noise}')"))
    assert "cannot be read" in check.found
    assert len(check.found) < 400


def test_that_a_child_that_says_nothing_is_told() -> None:
    assert "without an answer" in failure(child("pass")).found


def test_that_the_last_line_of_a_traceback_is_told() -> None:
    check = failure(child("raise ImportError('libcudart.so.13: cannot open shared object file')"))
    assert "exit code 1: ImportError: libcudart.so.13" in check.found


def test_that_a_child_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    assert "cannot be started" in failure([str(tmp_path / "no-such-python")]).found


def test_that_the_packages_of_this_environment_are_as_asked() -> None:
    _, requirements = doctor.declared()
    check = doctor.packages_check(requirements, "cpu")
    assert check.ok, check.found


def test_that_missing_and_unfitting_packages_come_with_one_command() -> None:
    requirements = ["workbench-made-up>=2", "numpy<1", "rich>=1", "gone>=1; python_version<'3'", "x>=1; extra=='test'"]
    check = doctor.packages_check(requirements, "cpu")
    assert not check.ok
    assert "workbench-made-up is not installed (>=2 is needed)" in check.found
    assert f"numpy is {importlib.metadata.version('numpy')} (<1 is needed)" in check.found
    assert "pip install 'workbench-made-up>=2' 'numpy<1'`" in check.advice
    assert "rich" not in check.found
    assert "gone" not in check.found


def test_that_a_missing_torch_is_asked_for_in_the_build_that_fits_the_card() -> None:
    check = doctor.packages_check(["torch>=900"], "cu126")
    assert "pip install 'torch>=900' --extra-index-url https://download.pytorch.org/whl/cu126" in check.advice


def test_that_pyside_6_12_where_it_aborts_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    information = tmp_path / "PySide6_Essentials-6.12.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: PySide6-Essentials\nVersion: 6.12.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    check = doctor.packages_check(["PySide6-Essentials>=6.11,<6.12"], "cpu")
    assert not check.ok
    assert "corrupts reference counts" in check.advice
    assert "PySide6-Essentials<6.12,>=6.11" in check.advice


def test_that_an_interrupted_installation_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "peft-0.21.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "peft is not installed" in doctor.packages_check(["peft>=0.21"], "cpu").found


def test_that_a_python_out_of_range_is_told() -> None:
    assert doctor.python_check(">=3.11").ok
    check = doctor.python_check(">=4")
    assert not check.ok
    assert check.advice == "Install a Python >=4."


def test_that_a_cpu_build_beside_a_card_is_replaced_by_one_command() -> None:
    check = doctor.pytorch_check(CPU, ADA)
    assert not check.ok
    assert ADA.name in check.found
    expected = "torch==2.13.0+cu130 --extra-index-url https://download.pytorch.org/whl/cu130"
    assert f"-m pip install {expected}`" in check.advice


def test_that_a_cpu_build_is_right_without_a_card_or_with_one_that_no_build_serves() -> None:
    kepler = replace(VOLTA, capability=(3, 7), driver="470.256.02", cuda_major=11)
    assert doctor.pytorch_check(CPU, None).ok
    assert doctor.pytorch_check(CPU, kepler).ok


def test_that_a_driver_too_old_for_the_build_is_told_with_the_build_it_serves() -> None:
    check = doctor.pytorch_check(BLIND, replace(ADA, driver="550.54.14", cuda_major=12))
    assert not check.ok
    assert "driver 550.54.14 is too old" in check.found
    assert "torch==2.13.0+cu126" in check.advice


def test_that_a_driver_too_old_for_the_card_has_to_be_updated() -> None:
    blackwell = Card("NVIDIA RTX 5090", 32 * 2**30, capability=(12, 0), driver="570.10", cuda_major=12)
    assert "Update the NVIDIA driver to 580.65" in doctor.pytorch_check(BLIND, blackwell).advice


def test_that_a_card_hidden_by_a_variable_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert 'CUDA_VISIBLE_DEVICES is "-1"' in doctor.pytorch_check(BLIND, ADA).found
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert "Restart" in doctor.pytorch_check(BLIND, ADA).advice


def test_that_a_build_without_code_for_the_card_is_replaced() -> None:
    problem = "AcceleratorError: CUDA error: no kernel image is available for execution on the device"
    report = ON_ADA.model_copy(update={"name": VOLTA.name, "problem": problem})
    check = doctor.four_bit_check(report, VOLTA)
    assert not check.ok
    assert "torch==2.13.0+cu126" in check.advice


def test_that_a_wrong_product_is_not_ok() -> None:
    assert doctor.four_bit_check(ON_ADA, ADA).ok
    for wrong in ({"product_error": 0.2}, {"weight_error": 0.9}, {"problem": "RuntimeError: no library"}):
        check = doctor.four_bit_check(ON_ADA.model_copy(update=wrong), ADA)
        assert not check.ok
        assert check.advice


def test_that_bf16_is_told_for_every_kind_of_device() -> None:
    turing = ON_ADA.model_copy(update={"name": "NVIDIA T4", "has_bf16": False, "dtype": "FP16"})
    check = doctor.bf16_check(turing)
    assert not check.ok
    assert not check.is_required
    assert check.advice == "Set model.compute_dtype = fp16."
    assert "widened to FP32" in doctor.bf16_check(CPU).found
    assert doctor.bf16_check(CPU).ok
    assert doctor.bf16_check(ON_ADA.model_copy(update={"has_bf16": True})).ok


def test_that_the_build_for_a_card_is_the_one_the_first_start_installs() -> None:
    assert torch_choice.TORCH_INDEX == doctor.TORCH_INDEX
    for driver in ("470.256.02", "525.60.13", "525.60.11", "550.54.14", "580.65", "580.64.02", "595.10"):
        for capability in ((3, 7), (5, 0), (7, 0), (7, 5), (8, 9), (9, 0), (10, 0), (12, 0)):
            card = Card("", 0, capability, driver, 0)
            installed, _ = torch_choice.torch_build(driver, ".".join(map(str, capability)))
            assert doctor.torch_build(card) == installed, card


def test_that_a_home_on_a_file_is_not_ok(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for home in (file, file / "below"):
        monkeypatch.setenv("WORKBENCH_HOME", str(home))
        check = doctor.disk_check()
        assert not check.ok
        assert str(home) in check.found
        assert "WORKBENCH_HOME" in check.advice


def test_that_a_home_not_made_yet_is_judged_by_its_parent_and_nothing_is_left_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "a" / "b"))
    monkeypatch.setattr(doctor, "FREE_DISK_GB", 0.0)
    assert doctor.disk_check().ok
    assert list(tmp_path.iterdir()) == []


def test_that_a_full_disk_is_told_with_its_path(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_DISK_GB", 1e9)
    check = doctor.disk_check()
    assert not check.ok
    assert str(home) in check.found
    assert check.advice


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs")
def test_that_missing_libraries_count_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = system_libraries.Library("libworkbench-made-up.so.7", "libmadeup7")
    monkeypatch.setattr(system_libraries, "XCB", (made_up,))
    monkeypatch.setattr(system_libraries, "OFFSCREEN", ())
    monkeypatch.delenv("DISPLAY", raising=False)
    assert doctor.qt_check().ok
    monkeypatch.setenv("DISPLAY", ":9")
    check = doctor.qt_check()
    assert not check.ok
    assert check.is_required
    assert made_up.soname in check.found
    assert check.advice.endswith("libmadeup7`.") == system_libraries.is_debian()


def test_that_a_starter_model_kept_is_found(home: Path) -> None:
    folder = home / "models" / places.STARTER
    folder.mkdir(parents=True)
    (folder / "model.safetensors").touch()
    check = doctor.starter_check()
    assert check.ok
    assert str(folder) in check.found
    assert not check.is_required


def test_that_the_doctor_imports_neither_torch_nor_qt() -> None:
    text = (
        "import sys; from workbench.core.machine import doctor; doctor.examine([sys.executable, '-c', 'pass']); "
        "print({'torch', 'PySide6', 'bitsandbytes', 'transformers'} & set(sys.modules))"
    )
    environment = {**os.environ, "PYTHONPATH": str(doctor.ROOT)}
    done = subprocess.run(child(text), capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "set()"
