"""Names of the Hub: what may be one, and what it is of."""

import pytest
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id

from workbench.core.hub.repo import Repo
from workbench.core.problems import UserError


@pytest.mark.parametrize(
    ("name", "kind", "repo_id", "folder"),
    [
        ("org/name", "model", "org/name", "models--org--name"),
        ("gpt2", "model", "gpt2", "models--gpt2"),
        ("datasets/org/my.rows_2", "dataset", "org/my.rows_2", "datasets--org--my.rows_2"),
    ],
)
def test_that_a_name_says_what_it_is_of(name: str, kind: str, repo_id: str, folder: str) -> None:
    repo = Repo.of(name)
    assert (repo.kind, repo.id, repo.folder_name, repo.name) == (kind, repo_id, folder, name)


@pytest.mark.parametrize(
    "name", ["", "a/b/c", "../x", "a b/c", "a/", "/a", "a--b", "org/" + "x" * 97, "a/b\n", "a/..b"]
)
def test_that_what_the_library_refuses_is_refused_here(name: str) -> None:
    with pytest.raises(UserError, match="is not a name of the Hub"):
        Repo.of(name)
    with pytest.raises(HFValidationError):
        validate_repo_id(name)
