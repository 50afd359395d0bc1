"""Numbers as text."""

from tfflowgan.report.format import interval


def test_an_interval_is_its_ends():
    assert interval({"interval": [0.1, 0.25]}) == "0.10 to 0.25"
    assert interval({"interval": [-0.1, 2e9]}, 3, signed=True) == "-0.100 to +2.000e+09"
    assert interval({"interval": [None, 1.0]}, signed=True) == "- to +1.00"
    assert interval({"value": 1.0}) == "- to -"
