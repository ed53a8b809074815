"""Which torch a machine gets."""

import os
import re
import sys

import pytest

from tests.packaging import torch_choice


@pytest.mark.parametrize(
    ("driver", "capability", "build"),
    [
        (None, None, "cpu"),
        ("470.256.02", "3.5", "cpu"),
        ("580.95.05", "3.7", "cpu"),
        ("580.95.05", "6.1", "cu126"),
        ("580.95.05", "7.0", "cu126"),
        ("580.65.06", "7.5", "cu130"),
        ("580.65.06", "8.9", "cu130"),
        ("580.65.06", "12.0", "cu130"),
        ("595.10", "9.0", "cu130"),
        ("580.64", "8.6", "cu126"),
        ("535.183.01", "9.0", "cu126"),
        ("525.60.13", "5.0", "cu126"),
        ("525.60.12", "8.0", None),
        ("470.82.01", "7.5", None),
        ("575.57.08", "10.0", None),
        ("570.124.06", "12.0", None),
        ("590.44", None, "cu130"),
        ("535.54.03", None, "cu126"),
        ("470.82.01", None, None),
    ],
)
def test_that_the_torch_build_follows_from_driver_and_card(
    driver: str | None, capability: str | None, build: str | None
) -> None:
    assert torch_choice.torch_build(driver, capability)[0] == build


@pytest.mark.parametrize(
    ("driver", "capability", "needed"), [("575.57", "12.0", "580.65"), ("470.82.01", "7.5", "525.60.13")]
)
def test_that_an_old_driver_is_named_with_the_one_it_takes(driver: str, capability: str, needed: str) -> None:
    reason = torch_choice.torch_build(driver, capability)[1]
    assert driver in reason
    assert needed in reason


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n", "535.183.01"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  Release Build\n", "580.82.07"),
        ("something else\n", None),
    ],
)
def test_that_the_kernel_names_the_driver(text: str, driver: str | None) -> None:
    assert torch_choice.kernel_driver(text) == driver


def pip_report(**versions: str) -> dict[str, object]:
    return {"install": [{"metadata": {"name": name, "version": version}} for name, version in versions.items()]}


@pytest.mark.parametrize(
    ("versions", "build"),
    [
        ({"torch": "2.13.0+cpu", "sympy": "1.14"}, "cpu"),
        ({"torch": "2.13.0+cu126", "nvidia-cudnn-cu12": "9"}, "cu126"),
        ({"torch": "2.13.0", "nvidia-cudnn-cu13": "9"}, "cu130"),
        ({"torch": "2.13.0", "sympy": "1.14"}, "cpu"),
        ({}, "installed"),
    ],
)
def test_that_the_build_is_read_from_what_pip_would_install(versions: dict[str, str], build: str) -> None:
    assert torch_choice.offered_build(pip_report(**versions)) == build


def test_that_an_unknown_torch_build_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TORCH", "cu999")
    with pytest.raises(torch_choice.SetupError, match=r"WORKBENCH_TORCH.*cpu, cu126, cu130"):
        torch_choice.choose_torch(["unused"], "torch")


def test_that_a_package_index_out_of_reach_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    nowhere = ["--index-url", "http://127.0.0.1:9/simple"]
    offer, failure = torch_choice.pip_offer([sys.executable, "-m", "pip"], "made-up-package", nowhere)
    assert offer == ""
    assert re.fullmatch(r"http://127\.0\.0\.1:9/simple could not be reached\.", failure)
