"""Choices are the files of a folder."""

import pytest

import tfflowgan
from tfflowgan import plugins
from tfflowgan.errors import UserError


def test_choices_are_the_files_without_an_underscore():
    assert plugins.names("flows") == ["nice", "nvp", "real_nvp"]
    assert plugins.names("datasets") == [
        "arrays",
        "celeb_a",
        "cifar10",
        "fashion_mnist",
        "image_folder",
        "mnist",
    ]


def test_an_unknown_choice_names_the_flag_and_the_choices():
    with pytest.raises(UserError, match="--dataset=mnits.*mnist.*celeb_a, cifar10"):
        plugins.load("datasets", "mnits", "dataset")


@pytest.mark.parametrize(
    "folder, part",
    [("flows", "build"), ("datasets", "load"), ("objectives", "build"), ("presets", "PRESET")],
)
def test_every_choice_has_its_entry_point(folder, part):
    for name in plugins.names(folder):
        module = plugins.load(folder, name, folder)
        assert hasattr(module, part), name
        assert module.__doc__, name


def test_the_packages_names_are_what_they_say():
    from tfflowgan import bijectors, errors, flows, objectives, units
    from tfflowgan.serving import load, saved_model
    from tfflowgan.training import from_python, model

    homes = {
        "CheckerboardCoupling": bijectors,
        "FDivergence": objectives,
        "Flow": flows,
        "FlowGAN": model,
        "Level": flows,
        "MultiScaleFlow": flows,
        "OnePassBijector": bijectors,
        "SplitCoupling": bijectors,
        "fit": from_python,
        "build": flows,
        "UserError": errors,
        "export": saved_model,
        "load": load,
    }
    assert set(tfflowgan.__all__) == {*homes, "units", "__version__"} == set(dir(tfflowgan))
    for name, home in homes.items():
        assert getattr(tfflowgan, name) is getattr(home, name)
    assert tfflowgan.units is units
    with pytest.raises(AttributeError, match="'sav'"):
        _ = tfflowgan.sav
