"""Published scores and densities to compare ours with: Flow-GAN's tables, Danihelka et al."""

__all__ = ["rows"]

_MLE, _ADVERSARY, _HYBRID = "mle", "adversary", "hybrid"

# dataset -> (source, model, objective, test NLL in nats, bits/dim, own samples in bits/dim, score)
_TABLE = {
    "mnist": [
        ("Flow-GAN table 1", "NICE", _MLE, "-3334.56", "1.864", "-", "MODE 7.42"),
        ("Flow-GAN table 1", "NICE", _ADVERSARY, "-1604.09", "5.05", "-", "MODE 9.24"),
        (
            "Flow-GAN table 1",
            "NICE",
            f"{_HYBRID}, weight 0.1",
            "-3342.95",
            "1.848",
            "-",
            "MODE 9.37",
        ),
    ],
    "cifar10": [
        ("Flow-GAN table 2", "real NVP", _MLE, "-", "3.54", "-", "Inception 2.92"),
        ("Flow-GAN table 2", "real NVP", _ADVERSARY, "-", "8.53", "-", "Inception 5.76"),
        (
            "Flow-GAN table 2",
            "real NVP",
            f"{_HYBRID}, weight 1",
            "-",
            "4.21",
            "-",
            "Inception 3.90",
        ),
        ("Dinh et al., 2017", "real NVP", _MLE, "-", "3.49", "-", "-"),
    ],
    "celeb_a": [
        ("Danihelka et al., 3.2", "NVP3", _MLE, "-", "4.27 (validation)", "4.35", "-"),
        ("Danihelka et al., 3.2", "NVP3", _ADVERSARY, "-", "far above 8", "-1.12", "-"),
    ],
}


def rows(dataset: str) -> list[tuple[str, ...]]:
    """(source, model, objective, nats, bits/dim, own samples, score) per result of a dataset."""
    return _TABLE.get(dataset, [])
