"""The steps of an export, a file each by its target's name, with - as _; each declares its STEP."""
