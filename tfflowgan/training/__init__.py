"""Training: one model and one training loop for every objective; runs resume where they stopped."""
