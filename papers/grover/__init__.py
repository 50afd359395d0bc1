"""Grover, Dhar and Ermon (2018): Flow-GAN: combining maximum likelihood and adversarial learning in generative models."""
