"""The style sheet of an HTML report: the window's own colours, light and dark, and on paper the light ones."""

import tomllib

from workbench.core import places

_COLOURS = {
    "page": ("surface", "page"),
    "card": ("surface", "card"),
    "inset": ("surface", "inset"),
    "text": ("text", "primary"),
    "second": ("text", "secondary"),
    "third": ("text", "tertiary"),
    "edge": ("border", "card"),
    "divider": ("border", "divider"),
    "axis": ("border", "control"),
    "accent": ("accent", "line"),
    "tint": ("accent", "tint"),
    "mark": ("status", "warn_tint"),
    "mark-line": ("status", "warn"),
    "danger": ("status", "danger"),
}

_RULES = """
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 Inter, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 48px; }
h1 { font-size: 24px; margin: 0 0 2px; } h2 { font-size: 16px; margin: 30px 0 10px; } h3 { font-size: 14px; margin: 0; }
p { margin: 0 0 8px; } .about { color: var(--second); }
.lead { font-size: 18px; line-height: 1.45; margin: 14px 0 16px; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 14px; overflow-x: auto; }
svg { display: block; width: 100%; height: auto; font: 13px Inter, system-ui, "DejaVu Sans", sans-serif; }
svg text { fill: var(--text); } svg .quiet { fill: var(--third); } svg .strong { font-weight: 600; }
svg .halo { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
svg .grid { stroke: var(--divider); } svg .axis { stroke: var(--axis); }
svg .arrow { stroke: var(--text); stroke-width: 2; fill: none; } svg .head { fill: var(--text); }
svg .leg { stroke: var(--second); stroke-dasharray: 4 4; fill: none; }
svg .leader { stroke: var(--axis); } svg .dashed { stroke-dasharray: 6 4; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 6px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--divider); }
th:first-child, td:first-child { text-align: left; padding-left: 0; } th { color: var(--second); font-weight: 500; }
tbody th { color: var(--text); font-weight: 600; } td.best { font-weight: 600; } td.best::after { content: " \\2713"; }
td.reason { text-align: left; white-space: normal; color: var(--danger); }
.grid { display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); }
.grid .card { display: flex; flex-direction: column; } .grid .card svg { margin-top: auto; }
.grid .about { font-size: 13px; }
.answers { display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); }
.answer { border-left: 3px solid var(--edge); padding: 2px 0 2px 10px; overflow-wrap: anywhere; white-space: pre-wrap; }
.answer b { display: block; white-space: normal; } .rest { color: var(--third); }
mark { background: var(--mark); color: var(--text); border-bottom: 2px solid var(--mark-line); padding: 0 2px; }
.prompt { margin: 0 0 10px; font-weight: 600; overflow-wrap: anywhere; white-space: pre-wrap; }
.card + .card { margin-top: 10px; } .grid .card + .card { margin-top: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
dt { color: var(--second); } dd { margin: 0; overflow-wrap: anywhere; } ul { margin: 0; padding-left: 20px; }
@media print { @page { margin: 14mm; } body { font-size: 12px; background: none; }
  main { max-width: none; padding: 0; } .lead { font-size: 15px; } .card { padding: 10px; }
  .card, .answer { break-inside: avoid; overflow: visible; } h2, h2 + .about, .prompt { break-after: avoid; }
  .card:has(.answers) { break-inside: auto; }
  table { font-size: 10px; } th, td { padding: 4px 3px; } .grid .about { font-size: 11px; }
  .grid, .answers { grid-template-columns: repeat(3, 1fr); } }
"""


def style_sheet() -> str:
    tokens = tomllib.loads((places.resources() / "themes" / "tokens.toml").read_text(encoding="utf-8"))
    light, dark = _variables(tokens["light"]), _variables(tokens["dark"])
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n{_RULES}"
    )


def _variables(theme: dict[str, dict[str, str]]) -> str:
    colours = {name: theme[section][key] for name, (section, key) in _COLOURS.items()}
    formats = {
        f"format-{name.lower()}": theme["formats"][name] for name in ("FP32", "FP16", "BF16", "INT8", "NF4", "FP4")
    }
    compared = {f"compare-{letter}": colour for letter, colour in theme["compare"].items()}
    return " ".join(f"--{name}: {value};" for name, value in {**colours, **formats, **compared}.items())
