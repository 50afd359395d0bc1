"""A run on disk: its files, checkpoints, weights and provenance."""
