"""Grover, Dhar and Ermon (2018): Flow-GAN.

Combining maximum likelihood and adversarial learning in generative models.
"""
