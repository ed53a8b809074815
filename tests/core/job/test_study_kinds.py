"""Each kind of study: a request of its own name, a job that the engine finds by it, words for what it finds."""

from importlib.util import find_spec
from typing import get_args

import pytest

from workbench.core.job.study_base import Finding
from workbench.core.job.study_kinds import REQUESTS, AnyFinding, Request, StudyKind


def test_that_every_request_stands_under_the_kind_that_it_names() -> None:
    assert {kind: request.model_fields["kind"].default for kind, request in REQUESTS.items()} == {
        kind: kind for kind in get_args(StudyKind)
    }
    assert set(REQUESTS.values()) == set(get_args(Request))


@pytest.mark.parametrize("kind", REQUESTS)
def test_that_the_engine_has_a_job_of_every_kind(kind: str) -> None:
    assert find_spec(f"workbench.engine.{REQUESTS[kind].room}.{kind}") is not None


@pytest.mark.parametrize("finding", get_args(AnyFinding))
def test_that_every_finding_has_words_for_a_log(finding: type[Finding]) -> None:
    assert finding.in_words is not Finding.in_words
