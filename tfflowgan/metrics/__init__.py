"""Metrics: scores, distances, densities and their standard errors, each a function of arrays or of a model."""
