"""The Data page: a file with problems as tokens, chat and text, the sheet, rows that are written, no rows."""

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

from camera import spin_until
from editing_view import STATES as EDITING_STATES
from editing_view import take_editing
from mapping_view import STATES as MAPPING_STATES
from mapping_view import take_mapping

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.data.page import DataPage

STATES = ("problems", "chat", "text", "cut", *MAPPING_STATES, *EDITING_STATES, "broken", "choosing")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHATML = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)
SHOPS = ("bakery", "hardware store", "market", "pet shop")
THINGS = ("rye loaves", "rolls", "cans of tomatoes", "boxes of tea", "candles", "nails", "lamps", "bulbs")
TOKENS = 900


def take_data(camera: "Camera") -> None:
    """Every state of the page that is wanted."""
    from workbench.core import places
    from workbench.panes.data.page import DataPage

    if not camera.is_wanted("data", " ".join(STATES)):
        return
    window = camera.window
    window.show_page("data")
    page = window.pages["data"]
    assert isinstance(page, DataPage)
    before = window.store.recipe
    home = places.home()
    home.mkdir(parents=True, exist_ok=True)
    orders = _orders(home / "orders.jsonl")
    window.store.set("model.source", str(_model(home / "little-model", orders)))
    _open(page, orders, 96)
    for state, view in (("problems", "tokens"), ("chat", "chat"), ("text", "text")):
        if camera.is_wanted("data", state):
            page.seen.show_view(view)
            camera.take("data", state)
    page.seen.show_view("tokens")
    if camera.is_wanted("data", "cut"):
        page.rows.show_kind("cut at the end")
        camera.take("data", "cut")
        page.rows.show_all()
    take_mapping(camera, page, home, _open)
    take_editing(camera, page, home, _open)
    if camera.is_wanted("data", "broken"):
        _open(page, home / "there is no such file.jsonl", 256)
        camera.take("data", "broken")
    if camera.is_wanted("data", "choosing"):
        page.fields.take_paths([""])
        camera.take("data", "choosing")
    window.store.replace(before)


def _open(page: "DataPage", path: Path, longest: int) -> None:
    """Opens a file and waits until its rows are tokens, or cannot be."""
    page.open_file(path)
    page.fields.rows.rows["training.max_length"].field.setValue(longest)

    def is_read() -> bool:
        reading = page.reading
        look = reading.seen.look if reading.seen is not None else None
        is_of_it = look is not None and look.opened.source.files[0] == path and look.has_tokens
        return reading.error is not None or (is_of_it and look is not None and look.longest == longest)

    spin_until(is_read)


def _model(folder: Path, rows: Path) -> Path:
    """A folder with a tokenizer that was made of the rows, kept as the engine keeps one."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    from workbench.core.tokens import kept_tokenizer
    from workbench.core.tokens.tokenizer import TokenizerFacts

    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS, special_tokens=[*SPECIAL], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    backend.train_from_iterator(rows.read_text("utf-8").replace('\\"', '"').splitlines(), trainer)
    named = {"bos_token": SPECIAL[1], "eos_token": SPECIAL[2], "pad_token": SPECIAL[0]}
    kept_tokenizer.keep(folder, backend.to_str(), TokenizerFacts(named, templates={"default": CHATML}))
    return folder


def _orders(path: Path) -> Path:
    """600 shopping lists, some of them broken, empty, twice there, or long."""
    chance = random.Random(1)
    lines = []
    for number in range(600):
        count = 6 if number % 20 == 13 else chance.choice((1, 2, 2, 2, 3))
        what = [(chance.randint(1, 60), chance.choice(THINGS)) for _ in range(count)]
        shop = chance.choice(SHOPS)
        asked = f"Get {' and '.join(f'{many} {thing}' for many, thing in what)} from the {shop}."
        answer = json.dumps({"shop": shop, "items": [{"name": thing, "count": many} for many, thing in what]})
        turns = [("system", "Write the list as JSON."), ("user", asked), ("assistant", answer)]
        if number in (30, 31, 32):
            turns[2] = ("assistant", "")
        line = json.dumps({"messages": [{"role": role, "content": text} for role, text in turns]})
        lines += [line[:40]] if number == 387 else [line, line] if number in (100, 200) else [line]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
