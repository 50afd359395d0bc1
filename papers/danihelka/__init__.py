"""Danihelka et al. (2017): Comparison of maximum likelihood and GAN-based training of real NVPs."""
