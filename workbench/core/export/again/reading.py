"""How the code reads rows: the chat template, the tokens and which of them are learned, the sequences."""

from workbench.core.export.again.training import HELD_OUT, ROWS, TEMPLATE, Training, quoted
from workbench.core.export.cells import Cell, code, words


def tokenizer_words(training: Training) -> Cell:
    learned = {
        "answers": "every answer of the assistant",
        "last": "only the last answer of a row",
        "all": "everything",
    }[training.recipe.data.train_on]
    told = "The chat template writes a conversation as one text. " if training.is_turns else ""
    return words(
        "## Rows become tokens",
        f"{told}Of each row, {learned} is learned: a label is the token that is to be said, or -100 where "
        "the loss does not look.",
    )


def tokenizer_cell(training: Training) -> Cell:
    """What loads the tokenizer, from the folder BASE, and declares `tokens_of`: a row's ids and labels."""
    source = quoted(training.tokenizer) if training.tokenizer else "BASE"
    revision = ", revision=REVISION" if training.revision and not training.tokenizer else ""
    return code(
        f"tokenizer = AutoTokenizer.from_pretrained({source}{revision})",
        *(f"tokenizer.{name} = {quoted(value)}" for name, value in training.tokens.items()),
        f'tokenizer.chat_template = (HERE / "{TEMPLATE}").read_text(encoding="utf-8")' if training.has_template else "",
        _turns_code(training) if training.is_turns else "",
        _plain_code(training) if training.is_plain else "",
        _tokens_code(training),
    )


def _turns_code(training: Training) -> str:
    """How a conversation becomes a text, and where in it stands what is learned."""
    rendered = '''

def text_of(turns, tools=None, **more):
    """A conversation as the chat template writes it."""
    return tokenizer.apply_chat_template(turns, tools=tools, tokenize=False, **more)

'''
    if training.recipe.data.train_on == "all":
        return f'''{rendered}
def conversation(row):
    """The text of a row, and where in it stands what is learned: all of it."""
    text = text_of(row["messages"], row.get("tools"))
    return text, [(0, len(text))]
'''
    last = training.recipe.data.train_on == "last"
    chosen = "answers[-1:]" if last else "answers"
    return f'''{rendered}
def conversation(row):
    """The text of a row, and where in it stands what is learned: from where an answer is asked for to its end."""
    turns, tools = row["messages"], row.get("tools")
    answers = [place for place, turn in enumerate(turns) if turn["role"] == "assistant"]
    learned = [place for place in {chosen} if turns[place].get("weight", 1)]
    asked = {{place: text_of(turns[:place], tools, add_generation_prompt=True) for place in learned}}
    answered = {{place: text_of(turns[: place + 1], tools) for place in learned}}
    return text_of(turns, tools), [(len(asked[place]), len(answered[place])) for place in learned]
'''


def _plain_code(training: Training) -> str:
    start = "0" if training.recipe.data.train_on == "all" else 'len(row["prompt"])'
    return f'''

def plain(row):
    """The text of a row without a template, and where in it stands what is learned."""
    text = row["prompt"] + row["completion"]
    return text, [({start}, len(text))]
'''


def _tokens_code(training: Training) -> str:
    recipe = training.recipe
    whole = (
        '    if "input_ids" in row:\n        return row["input_ids"], row["labels"]\n' if training.as_tokens[0] else ""
    )
    if training.is_turns and training.is_plain:
        found = 'plain(row) if "completion" in row else conversation(row)'
    else:
        found = "plain(row)" if training.is_plain else "conversation(row)"
    around = ""
    if training.is_plain:
        guard = 'if "completion" in row:\n        ' if training.is_turns else ""
        before = (
            f"ids, labels = [*{list(training.before)}, *ids], [*{_before_labels(training)}, *labels]"
            if training.before
            else ""
        )
        lines = [before] if before else []
        lines += ["ids, labels = [*ids, tokenizer.eos_token_id], [*labels, tokenizer.eos_token_id]"]
        around = f"    {guard}" + ("\n        " if guard else "\n    ").join(lines) + "\n"
    cut = "[-MAX_LENGTH:]" if recipe.data.too_long == "cut_start" else "[:MAX_LENGTH]"
    return f'''

def tokens_of(row):
    """The tokens of a row, and its labels."""
{whole}    text, learned = {found}
    split = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = split["input_ids"]
    labels = [
        number if any(start < last and first < end for start, end in learned) else -100
        for number, (first, last) in zip(ids, split["offset_mapping"], strict=True)
    ]
{around}    ids, labels = ids{cut}, labels{cut}
    return ids, [-100, *labels[1:]]  # nothing stands before the first token that could tell it
'''


def _before_labels(training: Training) -> str:
    if training.recipe.data.train_on == "all":
        return str(list(training.before))
    return str([-100] * len(training.before))


def sequences_words(training: Training) -> Cell:
    if not training.recipe.training.packing:
        return words("## The rows in their order", "Each row is a sequence of its own.")
    return words(
        "## Rows fill sequences",
        f"Several rows share a sequence of at most {training.recipe.training.max_length} tokens, so that none is "
        "wasted on padding. Which rows go together was decided by best fit; each row says which sequence it stands in. "
        "`seq_lengths` tells the trainer where rows begin: their positions start anew, and no row sees another.",
    )


def sequences_cell(training: Training) -> Cell:
    held_out = f'held_out = sequences("{HELD_OUT}")' if training.held_out else ""
    if training.recipe.training.packing:
        body = '''def sequences(name):
    """The rows of a file as the trainer takes them: several in a sequence."""
    made = []
    with (HERE / name).open(encoding="utf-8") as lines:
        for _, rows in groupby(map(json.loads, lines), key=lambda row: row["sequence"]):
            pairs = [tokens_of(row) for row in rows]
            made.append(
                {
                    "input_ids": [number for ids, _ in pairs for number in ids],
                    "labels": [number for _, labels in pairs for number in labels],
                    "seq_lengths": [len(ids) for ids, _ in pairs],
                }
            )
    return Dataset.from_list(made)
'''
    else:
        body = '''def sequences(name):
    """The rows of a file as the trainer takes them."""
    with (HERE / name).open(encoding="utf-8") as lines:
        pairs = [tokens_of(json.loads(line)) for line in lines]
    return Dataset.from_list([{"input_ids": ids, "labels": labels} for ids, labels in pairs])
'''
    return code(body, f'\n\ntrained = sequences("{ROWS}")', held_out)
