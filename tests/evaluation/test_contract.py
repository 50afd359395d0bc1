"""What holds for every evaluation."""

import inspect

import pytest

from tfflowgan import evaluation, plugins, report
from tfflowgan.cli.evaluate import OPTIONS


@pytest.mark.parametrize("name", evaluation.names())
class TestEvaluation:
    def test_its_options_are_flags_and_shared_ones_have_one_default(self, name):
        flags = {flag.name for flag in OPTIONS}
        for option, default in evaluation.options(name).items():
            assert option in flags, option
            others = [evaluation.options(other) for other in evaluation.names()]
            assert {str(options.get(option, default)) for options in others} == {str(default)}

    def test_it_judges_something_and_is_documented(self, name):
        assert set(evaluation.inputs(name)) & {"flow", "generator", "run"}
        document = inspect.getdoc(plugins.load("evaluation", name, "evaluations").evaluate)
        assert "Returns:" in document and all(
            f"{option}:" in document for option in evaluation.options(name)
        )

    def test_its_results_can_be_shown(self, name):
        for function in ("table", "figure", "notes"):
            assert list(inspect.signature(getattr(report.show(name), function)).parameters) == [
                "results"
            ]


def test_every_flag_is_some_evaluations_option():
    known = set().union(*(evaluation.options(name) for name in evaluation.names()))
    assert {flag.name for flag in OPTIONS} == known
