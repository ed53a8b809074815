"""Writes the starter dataset: everyday sentences and the strict JSON a shopping list should become.

500 rows to train on and 100 that are held out: 50 new lists in wordings that were trained on, 50 in wordings that never
were. `python3 resources/datasets/make_shopping.py` writes the same bytes each time.
"""

import json
import random
from pathlib import Path

SEED = 20_261
SHOPS = [
    "bakery", "market", "corner shop", "chemist", "florist", "bookshop", "butcher", "hardware store", "greengrocer",
    "supermarket", "stationer", "garden centre", "fishmonger", "toy shop", "delicatessen", "pet shop", "kiosk",
    "farm shop", "tea house", "craft store",
]  # fmt: skip
# As one and as several: the list keeps the form that was written.
THINGS = [
    ("apple", "apples"), ("lemon", "lemons"), ("onion", "onions"), ("carrot", "carrots"), ("egg", "eggs"),
    ("candle", "candles"), ("notebook", "notebooks"), ("pencil", "pencils"), ("battery", "batteries"),
    ("light bulb", "light bulbs"), ("towel", "towels"), ("bread roll", "bread rolls"), ("pie", "pies"),
    ("cabbage", "cabbages"), ("pumpkin", "pumpkins"), ("orange", "oranges"), ("brush", "brushes"),
    ("stamp", "stamps"), ("envelope", "envelopes"), ("rose", "roses"), ("tomato", "tomatoes"), ("plum", "plums"),
    ("sausage", "sausages"), ("pear", "pears"), ("jar of honey", "jars of honey"), ("bag of rice", "bags of rice"),
    ("bottle of milk", "bottles of milk"), ("box of tea", "boxes of tea"), ("loaf of bread", "loaves of bread"),
    ("bar of soap", "bars of soap"), ("ball of wool", "balls of wool"),
]  # fmt: skip
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
KNOWN_WORDINGS = [
    "Please get {list} from the {shop}.",
    "We need {list}; the {shop} has them.",
    "Can you stop at the {shop} for {list}?",
    "On your way home, buy {list} at the {shop}.",
    "From the {shop} I would like {list}.",
    "Go to the {shop} and bring back {list}.",
    "I am out of everything: {list}, all from the {shop}.",
    "Shopping at the {shop} today: {list}.",
    "Don't forget {list} when you pass the {shop}.",
    "Could someone fetch {list} from the {shop} this afternoon?",
]
NEW_WORDINGS = [
    "If you happen to be near the {shop}, grab {list}.",
    "My list for the {shop} says {list}.",
    "Order {list} from the {shop}, please.",
    "Tomorrow I must not leave the {shop} without {list}.",
    "They promised to keep {list} for us at the {shop}.",
]


def completion(shop: str, items: list[tuple[str, int]]) -> str:
    return json.dumps(
        {"shop": shop, "items": [{"name": name, "count": count} for name, count in items]}, separators=(",", ":")
    )


def spoken(items: list[tuple[str, int]]) -> str:
    parts = [f"{COUNTS[count - 1]} {name}" for name, count in items]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def rows() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """The rows to train on and the rows held out; no shopping list stands twice."""
    generator = random.Random(SEED)
    seen: set[str] = set()

    def row(wordings: list[str], group: str) -> dict[str, str]:
        while True:
            shop = generator.choice(SHOPS)
            chosen = generator.sample(THINGS, generator.choice([1, 2, 2, 3]))
            counts = [generator.randint(1, 12) for _ in chosen]
            items = [(thing[min(count, 2) - 1], count) for thing, count in zip(chosen, counts, strict=True)]
            answer = completion(shop, items)
            if answer not in seen:
                seen.add(answer)
                prompt = generator.choice(wordings).format(list=spoken(items), shop=shop)
                return {"prompt": prompt, "completion": answer, "wording": group}

    train = [row(KNOWN_WORDINGS, "known") for _ in range(500)]
    held_out = [row(KNOWN_WORDINGS, "known") for _ in range(50)] + [row(NEW_WORDINGS, "new") for _ in range(50)]
    return train, held_out


def write(folder: Path) -> None:
    for name, part in zip(("shopping-train", "shopping-heldout"), rows(), strict=True):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in part)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(__file__).parent)
