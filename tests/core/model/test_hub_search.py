"""Models of a Hub of this machine, searched, and what is known of one before it is fetched."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest

from tests.hub_server import COMMIT, HubHandler, empty_cache_at, serving
from tests.hub_shelf import Shelf, Shelved, shelf_served, small_model
from tests.keyrings import MemoryKeyring
from workbench.core.hub import client
from workbench.core.hub import token as hub_token
from workbench.core.model.hub_details import details
from workbench.core.model.hub_search import search
from workbench.core.problems import UserError

MODEL = small_model(100)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    empty_cache_at(tmp_path / "hf", monkeypatch)
    made = Shelf()
    made.models = {
        "org/small": Shelved(dict(MODEL), downloads=5),
        "org/large": Shelved(small_model(9000), downloads=3),
        "other/small-chat": Shelved(dict(MODEL), downloads=900, licence="mit", gated="manual", given_to={"hf_granted"}),
        "org/pickles": Shelved({"config.json": b"{}", "pytorch_model.bin": b"x"}, downloads=1),
        "org/pictures": Shelved(dict(MODEL), task="text-to-image"),
        "org/secret": Shelved(dict(MODEL), is_private=True, given_to={"hf_granted"}),
    }
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    with shelf_served(made, monkeypatch):
        yield made
    keyring.set_keyring(before)


def ids(text: str = "", **asked: object) -> list[str]:
    return [model.id for model in search(text, **asked).models]  # type: ignore[arg-type]


def test_that_models_are_found_by_name_author_and_licence(shelf: Shelf) -> None:
    assert ids() == ["other/small-chat", "org/small", "org/large", "org/pickles"]
    assert ids("SMALL") == ["other/small-chat", "org/small"]
    assert ids("small", author="org") == ["org/small"]
    assert ids(licence="mit") == ["other/small-chat"]
    assert ids("nothing") == []
    assert "org/pictures" in ids(any_task=True)


def test_that_a_row_says_what_the_hub_says(shelf: Shelf) -> None:
    found = {model.id: model for model in search().models}
    chat = found["other/small-chat"]
    assert (chat.author, chat.name, chat.licence, chat.gated, chat.downloads) == (
        "other", "small-chat", "mit", "manual", 900,
    )  # fmt: skip
    assert (chat.weights, chat.parameters, chat.size_bytes, chat.model_type) == ("safetensors", 100, 400, "llama")
    assert (found["org/pickles"].weights, found["org/pickles"].size_bytes) == ("pickles", 0)
    assert chat.updated == "2026-01-02"


def test_that_rows_come_by_size_too_and_a_page_says_whether_there_are_more(shelf: Shelf) -> None:
    assert ids(sort="size")[:2] == ["other/small-chat", "org/small"]
    page = search(limit=2)
    assert (len(page.models), page.has_more) == (2, True)
    assert not search(limit=4).has_more


def test_that_an_id_is_looked_up_exactly_and_stands_first(shelf: Shelf) -> None:
    assert ids("org/pictures") == ["org/pictures"], "whatever it does"
    assert ids("org/small") == ["org/small"]
    assert ids("org/no-such-model") == []
    hub_token.keep("hf_granted")
    assert ids("org/secret") == ["org/secret"]


def test_that_a_hub_that_does_not_answer_is_a_sentence(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="The Hub cannot be reached") as caught:
        search("small")
    assert caught.value.remedy == "What is on this machine can be used."
    home.mkdir()
    (home / "settings.json").write_text('{"offline": true}')
    with pytest.raises(UserError) as caught:
        search("small")
    assert caught.value.why == "Offline mode is on in the settings."


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b'{"error": 1}', b"[1]"])
def test_that_a_log_in_page_is_not_taken_for_the_hub(
    body: bytes, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Page(HubHandler):
        def do_GET(self) -> None:
            self.send(200, "text/html", body)

    with serving(Page) as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        with pytest.raises(UserError, match="The Hub cannot be reached"):
            search("small")


def test_that_a_hub_asked_too_often_says_when_to_try_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(HubHandler):
        def do_GET(self) -> None:
            self.send_response(429)
            self.send_header("Retry-After", "17")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Busy) as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        with pytest.raises(UserError, match="asked too often") as caught:
            search("small")
    assert "in 17 s" in caught.value.remedy


def test_that_a_token_the_hub_does_not_know_is_said(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict(HubHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("X-Error-Message", "Invalid credentials in Authorization header")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with serving(Strict) as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        for ask in (lambda: search("small"), lambda: search("org/small"), lambda: details("org/small")):
            with pytest.raises(UserError, match="The Hub does not know this token") as caught:
                ask()
            assert "`workbench token set`" in caught.value.remedy


def test_that_details_say_what_would_be_fetched(shelf: Shelf) -> None:
    shelf.models["org/small"].files |= {"pytorch_model.bin": b"x", "modeling.py": b"", "original/a.json": b"{}"}
    found = details("org/small")
    assert {file.name: file.size_bytes for file in found.files} == {name: len(data) for name, data in MODEL.items()}
    assert found.total_bytes == sum(map(len, MODEL.values()))
    assert found.left_out == ("pytorch_model.bin", "modeling.py")
    assert (found.access, found.licence, found.commit, found.here_bytes) == ("open", "apache-2.0", COMMIT, 0)
    assert found.shape is not None
    assert (found.shape.hidden_size, found.shape.layers, found.problem) == (8, 1, "")


@pytest.mark.parametrize(
    ("token", "access", "has_shape"),
    [
        ("", "ask first", False),
        ("hf_stranger", "ask first", False),
        ("hf_waiting", "waiting", False),
        ("hf_refused", "refused", False),
        ("hf_granted", "granted", True),
    ],
)
def test_that_details_say_whether_this_token_may_have_it(
    token: str, access: str, has_shape: bool, shelf: Shelf
) -> None:
    gated = replace(shelf.models["other/small-chat"], waiting={"hf_waiting"}, refused={"hf_refused"})
    shelf.models["other/small-chat"] = gated
    if token:
        hub_token.keep(token)
    found = details("other/small-chat")
    assert (found.access, found.shape is not None) == (access, has_shape)
    assert has_shape or "is gated" in found.problem
    assert found.total_bytes, "of a gated model the Hub shows what it holds"


def test_that_of_a_model_with_pickles_alone_it_is_said(shelf: Shelf) -> None:
    found = details("org/pickles")
    assert (found.weights, found.shape) == ("pickles", None)
    assert "only as a pickle" in found.problem


def test_that_one_question_is_one_try(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Broken(HubHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.answer(503, {})

    with serving(Broken) as address:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
        with pytest.raises(UserError):
            search("small")
    assert len(asked) == 1
    assert client.ANSWER_SECONDS == 10


def test_that_a_row_says_what_its_weights_are_quantized_as(shelf: Shelf) -> None:
    said: dict[str, object] = {
        "org/gptq": {"quant_method": "gptq"},
        "org/bits": {"quant_method": "Bitsandbytes"},
        "org/new": {"quant_method": "unheard-of"},
        "org/odd": "odd",
    }
    for name, quantization in said.items():
        shelf.models[name] = Shelved(dict(MODEL), config={"quantization_config": quantization})
    found = {model.id: model.quantized for model in search().models}
    assert [found[name] for name in (*said, "org/small")] == ["GPTQ", "bitsandbytes", "unheard-of", "", ""]
