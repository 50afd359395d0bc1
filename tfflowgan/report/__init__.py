"""Figures drawn from the JSON that runs and evaluations write. Imports no TensorFlow."""
