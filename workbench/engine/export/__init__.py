"""The export job: what is made of a run to use elsewhere, step by step, each checked before it takes its place."""
