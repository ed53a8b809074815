"""Exports: what can be made of a run to use elsewhere, how large, how long, and whether the disk holds it."""
