"""Where something can be put on the Hub: who may write there, and what may be written over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub_shelf import Shelved
from tests.hub_uploads import TOKEN, Desk, desk_open, person
from workbench.core.hub import token as hub_token
from workbench.core.hub.uploads import Destination, create, destination
from workbench.core.problems import UserError

CARD = b"---\ntags:\n- qlora-workbench\n---\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk_open(tmp_path / "hf", monkeypatch) as made:
        yield made


def test_that_a_new_name_is_the_token_s_owner_s_and_is_made_private(desk: Desk) -> None:
    place = destination("answers", private=True)
    assert (place.id, place.is_there, place.is_private) == ("somebody/answers", False, True)
    create(place)
    assert desk.models["somebody/answers"].is_private
    assert destination("somebody/answers", private=True).is_there


def test_that_what_this_program_has_made_is_written_to_again_and_stays_private(desk: Desk) -> None:
    files = {"README.md": CARD, ".gitattributes": b"", "model.safetensors": b""}
    desk.models["somebody/ours"] = Shelved({**files}, is_private=True, given_to={TOKEN})
    desk.models["somebody/ours"].files.pop("model.safetensors")
    assert destination("ours", private=False) == Destination("somebody/ours", True, True, ("README.md",))


def test_that_a_token_with_rights_of_its_own_is_believed_until_the_hub_refuses(desk: Desk) -> None:
    desk.people[TOKEN] = person(role="fineGrained")
    place = destination("team/answers", private=True)
    with pytest.raises(UserError, match="This token may not write to team/answers"):
        create(place)


def has(name: str, **facts: object) -> Callable[[Desk], object]:
    return lambda desk: desk.models.update({name: Shelved(**{"files": {}, "given_to": {TOKEN}, **facts})})  # type: ignore[arg-type]


def is_known_as(**facts: str) -> Callable[[Desk], object]:
    return lambda desk: desk.people.update({TOKEN: person(**facts)})


@pytest.mark.parametrize(
    ("before", "name", "wanted"),
    [
        (lambda _: hub_token.forget(), "a", "There is no token of the Hub to upload with."),
        (lambda desk: desk.people.clear(), "a", "The Hub does not know this token."),
        (is_known_as(role="read"), "a", "This token of the Hub may only read."),
        (lambda _: None, "others/a", "somebody has no right to write in others on the Hub."),
        (is_known_as(team="read"), "team/a", "somebody has no right to write in team on the Hub."),
        (
            has("somebody/taken", files={"README.md": b"# Mine"}),
            "taken",
            "somebody/taken is there already, and holds something else.",
        ),
        (has("somebody/open"), "open", "somebody/open is there already, and is open to all."),
        (lambda _: None, "datasets/somebody/a", '"datasets/somebody/a" is the name of a dataset.'),
        (lambda _: None, "no such/na me", '"no such/na me" is not a name of the Hub.'),
    ],
)
def test_that_nothing_is_written_where_it_may_not_be(
    before: Callable[[Desk], object], name: str, wanted: str, desk: Desk
) -> None:
    before(desk)
    with pytest.raises(UserError) as raised:
        destination(name, private=True)
    assert raised.value.what == wanted
    assert raised.value.remedy
    assert TOKEN not in str(raised.value)


def test_that_offline_the_hub_is_not_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="Nothing can be uploaded to the Hub now"):
        destination("a", private=True)
    assert desk.asked == []


def test_that_a_hub_that_does_not_answer_is_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UserError, match=r"The upload to a broke off\."):
        destination("a", private=True)
