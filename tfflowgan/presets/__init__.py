"""Presets: `PRESET` in each file is a dict of settings, each number with its source."""
