"""Gaussians one after the other: q(z | x) = prod_i N(z_i; m_i, s_i^2), both functions of x and of z_1, ..., z_{i-1}.

An inverse autoregressive flow of one step (Kingma et al., 2016): a draw and its density are one pass.
"""

from tfflowgan.avb.encoders._encoder import Encoder
from tfflowgan.bijectors import Autoregressive
from tfflowgan.networks import masked_mlp

__all__ = ["AutoregressiveEncoder", "build"]


class AutoregressiveEncoder(Encoder):
    """Means and log-scales by a masked network."""

    has_terms = True

    def __init__(self, latents: int, features: int, width: int, dtype: str):
        """Makes the network."""
        super().__init__(latents, dtype, "autoregressive")
        self.network = masked_mlp(latents, features, 2, width, dtype=dtype, name="moments")

    def bijector(self, features):
        def moments(noise):
            both = self.network([noise, features])
            return both[..., 0], both[..., 1]

        return Autoregressive(moments, self.latents, self.dtype)


def build(latents: int, features: int, width: int, dtype: str) -> AutoregressiveEncoder:
    """Builds the encoder."""
    return AutoregressiveEncoder(latents, features, width, dtype)
