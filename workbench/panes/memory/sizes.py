"""A model's sizes typed in by hand, for one that is in no place."""

from PySide6.QtCore import Signal

from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError
from workbench.core.units import count_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Switch, breakable, label
from workbench.panes.parts.fields import IntegerField
from workbench.panes.parts.page import FormGroup

# A field of config.json, its words, and what is typed in at most.
FIELDS = {
    "num_hidden_layers": ("Layers", 10_000),
    "hidden_size": ("Hidden size", 1_000_000),
    "intermediate_size": ("MLP width", 10_000_000),
    "num_attention_heads": ("Heads", 100_000),
    "num_key_value_heads": ("KV heads", 100_000),
    "vocab_size": ("Vocabulary", 100_000_000),
}


class SizesGroup(FormGroup):
    """Rows for the sizes of a model made like Llama, and what is wrong with them.

    Signals:
        read: The shape they come to.
    """

    read = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Sizes", "blocks as Llama's")
        self.fields: dict[str, IntegerField] = {}
        for name, (words, most) in FIELDS.items():
            field = IntegerField()
            field.setRange(1, most)
            field.setAccessibleName(words)
            field.setToolTip(f"{name} of config.json")
            field.valueChanged.connect(lambda _value: self.read_fields())
            self.fields[name] = field
            self.add_row(label(words, "label"), field)
        self.tied = Switch(theme)
        self.tied.setAccessibleName("Tied head")
        self.tied.setToolTip("The head uses the embeddings' weights")
        self.tied.clicked.connect(lambda _checked: self.read_fields())
        self.add_row(label("Tied head", "label"), self.tied)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        self.add_wide(self.problem)

    def fill(self, shape: ModelShape) -> None:
        """Begins with the sizes of another model."""
        sizes = {
            "num_hidden_layers": shape.layers,
            "hidden_size": shape.hidden_size,
            "intermediate_size": shape.intermediate_size,
            "num_attention_heads": shape.attention_heads,
            "num_key_value_heads": shape.key_value_heads,
            "vocab_size": shape.vocab_size,
        }
        for name, field in self.fields.items():
            field.blockSignals(True)
            field.setValue(max(1, sizes[name]))
            field.blockSignals(False)
        self.tied.setChecked(shape.is_tied)
        self.read_fields()

    def read_fields(self) -> None:
        """Reads them, and says what is wrong where that is not a model."""
        config = {
            "model_type": "llama",
            "max_position_embeddings": 1_048_576,
            "tie_word_embeddings": self.tied.isChecked(),
            **{name: field.value() for name, field in self.fields.items()},
        }
        try:
            shape = model_shape.checked(config, "What is typed in")
        except UserError as error:
            self.problem.setText(breakable(str(error)))
            self.problem.show()
            return
        self.problem.hide()
        self.read.emit(shape)


def sizes_title(shape: ModelShape) -> str:
    return f"a model of {count_in_words(shape.parameters)}"
