"""What a dataset may look like, shown where there is none to be read."""

from PySide6.QtWidgets import QPlainTextEdit

from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import label

EXAMPLES = (
    ("Prompt and completion", "one JSON object on each line", '{"prompt": "Two loaves, please.", "completion": "…"}'),
    (
        "Conversations",
        "the last turn is what is learned",
        '{"messages": [{"role": "user", "content": "…"},\n              {"role": "assistant", "content": "…"}]}',
    ),
    ("Plain text", "to be continued", '{"text": "Once upon a time…"}'),
    ("CSV", "with a header that names the columns", 'prompt,completion\n"Two loaves, please.","…"'),
)


class DataHelp(Card):
    """Four small examples of files that can be read; Parquet has the same columns."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "What a dataset looks like", "JSONL, JSON, CSV or Parquet")
        self._codes: list[QPlainTextEdit] = []
        for title, fact, example in EXAMPLES:
            self.body.addWidget(label(f"{title}: {fact}", "medium"))
            code = QPlainTextEdit(example)
            code.setReadOnly(True)
            code.setProperty("role", "code")
            code.setAccessibleName(f"Example: {title}")
            code.setTabChangesFocus(True)
            code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self._codes.append(code)
            self.body.addWidget(code)
        self.body.addWidget(label("Other names for the columns are told under Columns, at the left.", "fact"))
        self.body.addStretch(1)
        self._restyle()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        for code in self._codes:
            code.setFont(self.theme.font("small", mono=True))
            lines = code.document().blockCount()
            code.setFixedHeight(code.fontMetrics().lineSpacing() * lines + self.theme.px(18))
