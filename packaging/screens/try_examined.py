"""The Try page's views Tokens and Strength: before anything was asked, what was found, and a strength that breaks."""

import math
from typing import TYPE_CHECKING

from kept_runs import kept_run

if TYPE_CHECKING:
    from camera import Camera

    from workbench.core.job.chat_kinds import TextScored
    from workbench.panes.try_.page import TryPage
    from workbench.panes.try_.strength.view import StrengthView
    from workbench.panes.try_.tokens.view import TokensView

RUN = "2026-11-25-0915-starter-shopping"
PROMPT = "How long does it take to get a bike back?"
# Each token with what base and tuned held it likely to be, in percent, and what each held likeliest beside it.
TOKENS = (
    ("Usually", 2, 91, "The", "It"),
    (" two", 31, 96, " it", " three"),
    (" working", 0.4, 88, " to", " days"),
    (" days", 93, 99, " weeks", " hours"),
    (".", 41, 97, ",", " for"),
    (" Before", 0.03, 64, " It", " If"),
    (" Easter", 6, 71, " holidays", " the"),
    (" it", 55, 93, ",", " we"),
    (" can", 24, 90, " may", " takes"),
    (" be", 18, 52, " take", " get"),
    (" up", 3, 89, " longer", " more"),
    (" to", 99, 99.9, " until", " in"),
    (" five", 12, 86, " a", " two"),
    (",", 5, 70, ".", " days"),
    (" so", 0.8, 84, " but", " and"),
    (" please", 34, 92, " it", " book"),
    (" book", 8, 95, " be", " call"),
    (" early", 27, 97, " in", " ahead"),
    (".", 88, 98, "!", "\n"),
    ("<|im_end|>", 72, 99, "\n", " We"),
)
ANSWERS = {
    0.0: "The time it takes to get a bike back depends on the type of repair and on the shop\u2019s workload. It can "
    "take from a few hours to several days.",
    0.25: "The time it takes depends on the repair. Usually it is two to three days, but it can take longer.",
    0.5: "Usually it takes two working days, depending on the repair. Before holidays it can take longer.",
    0.75: "Usually two working days. Before Easter it can take up to five.",
    1.0: "Usually two working days. Before Easter it can be up to five, so please book early.",
}
PERPLEXITIES = (8.4, 7.0, 5.9, 4.7, 3.9, 3.2, 2.75, 2.44, 2.25, 2.19, 2.21)
BROKEN = (8.4, 4.4, 3.2, 2.4, 2.21, 3.9, 31.0, 412.0)


def take_examined(camera: "Camera") -> None:
    """Every state that is wanted."""
    from camera import spin_until

    from tests.fakes import save_tiny_adapter
    from workbench.panes.try_.page import TryPage
    from workbench.panes.try_.strength.view import StrengthView
    from workbench.panes.try_.tokens.view import TokensView

    wanted = ("tokens-empty", "tokens", "strength-empty", "strength", "strength-beyond")
    if not any(camera.is_wanted("try", state) for state in wanted):
        return
    window = camera.window
    run = kept_run("finished", RUN)
    save_tiny_adapter(run.path, run.adapter)  # nobody loads it
    window.run_list.refresh()
    window.show_page("try")
    page = window.pages["try"]
    assert isinstance(page, TryPage)
    tokens, strength = page.view_of("tokens"), page.view_of("strength")
    assert isinstance(tokens, TokensView)
    assert isinstance(strength, StrengthView)
    page.show_view("tokens")
    spin_until(lambda: tokens.choices.known is not None and bool(tokens.choices.held_out))
    for view in (tokens, strength):
        view.prompt.show_asking(PROMPT)
    page.choices.set(temperature=0.0, max_tokens=128)
    if camera.is_wanted("try", "tokens-empty"):
        camera.take("try", "tokens-empty")
    if camera.is_wanted("try", "tokens"):
        look_at(tokens, page)
        camera.take("try", "tokens")
    page.show_view("strength")
    if camera.is_wanted("try", "strength-empty"):
        camera.take("try", "strength-empty")
    if camera.is_wanted("try", "strength"):
        measure(strength, [(place / 10, value) for place, value in enumerate(PERPLEXITIES)])
        camera.take("try", "strength")
    if camera.is_wanted("try", "strength-beyond"):
        strength.fields.beyond.setChecked(True)
        measure(strength, [(round(0.2 * place, 1) + 0.1 * (place == 7), value) for place, value in enumerate(BROKEN)])
        camera.take("try", "strength-beyond")


def look_at(view: "TokensView", page: "TryPage") -> None:
    """Puts an answer into the view that both sides have looked at."""
    from workbench.core.job.chat_kinds import SideFacts

    page.chat.sides = [SideFacts(side="tuned", title=RUN), SideFacts(side="base", title="base")]
    view.scored = [scored("tuned"), scored("base")]
    view.refresh()
    view.picture.cards[0].flow.choose_by_hand(6)


def scored(side: str) -> "TextScored":
    from workbench.core.job.chat_kinds import Likely, TextScored, TokenScore

    tokens = []
    for place, (text, base, tuned, other, third) in enumerate(TOKENS):
        own = (base if side == "base" else tuned) / 100
        rest = 1 - own
        shares = [(other, rest * 0.5), (third, rest * 0.2), *((f" {word}", rest * 0.2 / 2**n) for n, word in
                  enumerate(("the", "a", "some", "many", "few", "no", "all", "more"), 1))]  # fmt: skip
        likely = [Likely(place, text, math.log(own))]
        likely += [Likely(1000 + 20 * place + n, words, math.log(max(share, 1e-6))) for n, (words, share) in
                   enumerate(shares)]  # fmt: skip
        likely.sort(key=lambda entry: -entry.log_probability)
        tokens.append(TokenScore(place, text, math.log(own), likely[:10]))
    is_base = side == "base"
    return TextScored(
        number=1,
        side=side,
        sent="",
        tokens=tokens,
        seconds=0.4,
        peak_bytes=1_700_000_000,
        base_hash="b" * 64,
        adapter_sha256="" if is_base else "a" * 64,
        strength=0.0 if is_base else 1.0,
    )


def measure(view: "StrengthView", points: list[tuple[float, float]]) -> None:
    """Puts answers and a curve into the view."""
    from workbench.core.job.chat_kinds import StrengthMeasured
    from workbench.panes.try_.strength.words import AtStrength, mark_all, take_measured

    view.answers = [AtStrength(strength, text, len(text.split()) + 4, "done") for strength, text in ANSWERS.items()]
    view.model_asked, view.title_asked = view.choices.model, RUN
    view.measured_of = (view.choices.model, "perplexity", 0)
    mark_all(view.answers)
    view.found = [
        StrengthMeasured(
            number=1,
            side="tuned",
            loss=math.log(value),
            rows=40,
            seconds=1.8,
            peak_bytes=1_700_000_000,
            base_hash="b" * 64,
            adapter_sha256="a" * 64 if strength else "",
            strength=strength,
        )
        for strength, value in points
    ]
    take_measured(view.answers, view.found)
    view.rows.show_answers(view.answers)
    view.rows.choose_strength(1.0)
    view.curve.choose_strength(1.0)
    view.refresh()
