"""Serving: SavedModels, their signatures and model cards, and what TF Serving needs beside them."""
