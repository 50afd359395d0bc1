"""Evaluations: each takes a flow and splits and returns a plain dict with values, errors and what they rest on."""
