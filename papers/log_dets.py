"""The mean log-determinant of a generator, from a result of `likelihood`."""

from tfflowgan.statistics import Mean

__all__ = ["mean_log_det"]


def mean_log_det(result: dict) -> Mean:
    """E log |det dG/dz| over own samples, in nats, with its standard error.

    Results of earlier versions lack the error; that of the own samples' NLL, which also has what
    the prior's densities differ by, stands for it.
    """
    identity = result["identity"]
    before = result["own_samples"]["nll"] | {"value": identity["mean_log_det"]}
    return identity.get("log_det", before)
