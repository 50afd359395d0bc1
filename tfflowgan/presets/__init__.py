"""Recipes: each file's `PRESET` is a dict of settings, every number with its source."""
