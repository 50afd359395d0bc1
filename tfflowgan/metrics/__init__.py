"""Metrics: scores, distances and densities, and the standard errors of all of them."""
