"""Training: one model with one training loop, whatever the objective; runs that continue where they were stopped."""
