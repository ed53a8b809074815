"""Secrets in what is written: tokens by their look or because they are known, logins of a proxy."""

import io
import sys
from contextlib import closing
from pathlib import Path

import pytest

from workbench.core.job.events import Notice
from workbench.core.job.journal import JournalReader, JournalWriter
from workbench.core.scrubbed import hide, scrub_streams, scrubbed

SECRET = "hf_" + "a1B2" * 8


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"Bearer {SECRET}", "Bearer [token]"),
        (f'{{"token":"{SECRET}"}}', '{"token":"[token]"}'),
        (f"cut off: {SECRET[:14]}", "cut off: [token]"),
        ("http://me:pass@proxy:8080/x", "http://[login]@proxy:8080/x"),
        ("hf_hub_download and my_hf_model stay", "hf_hub_download and my_hf_model stay"),
        ("http://proxy:8080/a@b", "http://proxy:8080/a@b"),
    ],
)
def test_that_what_looks_like_a_secret_is_left_out(text: str, left: str) -> None:
    assert scrubbed(text) == left


def test_that_a_secret_that_is_known_is_left_out_whatever_it_looks_like() -> None:
    hide("correct horse battery")
    assert scrubbed("it is correct horse battery.") == "it is [token]."


def test_that_streams_and_journals_hold_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    scrub_streams()
    scrub_streams()
    print("out", SECRET)
    print("err", SECRET, file=sys.stderr)
    assert (sys.stdout.getvalue(), sys.stderr.getvalue()) == ("out [token]\n", "err [token]\n")  # type: ignore[attr-defined]
    with closing(JournalWriter(tmp_path / "journal.jsonl")) as writer:
        writer.write(Notice(text=f"the header was {SECRET}"))
    event = JournalReader(tmp_path / "journal.jsonl").read()[0]
    assert isinstance(event, Notice)
    assert event.text == "the header was [token]"


def test_that_a_report_of_a_fault_holds_no_secret() -> None:
    from workbench.window.crash_dialog import report

    error = ValueError(f"Bearer {SECRET}")
    text = report(ValueError, error, None)
    assert SECRET not in text
    assert "ValueError: Bearer [token]" in text
