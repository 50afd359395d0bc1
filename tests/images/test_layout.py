"""What sub-folders mean."""

import pathlib

import pytest

from tfflowgan.errors import UserError
from tfflowgan.images.layout import layout

TOP = pathlib.Path("photos")


def plan(*names):
    return layout(TOP, [TOP / name for name in names])


def parts(found):
    return {
        name: [str(path.relative_to(TOP)) for path in files] for name, files in found.parts.items()
    }


def test_folders_without_a_meaning_are_one_set():
    found = plan("b/1.png", "a/0.png", "2.png")
    assert parts(found) == {"train": ["2.png", "a/0.png", "b/1.png"]} and not found.split
    assert found.together == {"b/": 1, "a/": 1, "the folder itself": 1}
    assert not plan("a/0.png", "a/1.png").together


def test_splits_are_known_by_their_usual_names():
    found = plan("Training/a/0.png", "valid/1.png", "dev/2.png", "TEST/3.png")
    assert found.split and parts(found) == {
        "train": ["Training/a/0.png"],
        "validation": ["dev/2.png", "valid/1.png"],
        "test": ["TEST/3.png"],
    }


def test_a_single_folder_around_all_is_passed_through():
    assert plan("archive/v2/train/0.png", "archive/v2/test/1.png").split
    assert not plan("archive/train/0.png", "other/1.png").split  # not at the top


@pytest.mark.parametrize("other", ["extra/1.png", "1.png"])
def test_images_beside_splits_are_refused_with_their_counts(other):
    with pytest.raises(UserError, match=r"--data_dir=photos.*train/ \(1\).*1 in"):
        plan("train/0.png", other)


def test_splits_need_training_images():
    with pytest.raises(UserError, match=r"--data_dir=photos.*test/ \(2\).*train/"):
        plan("test/0.png", "test/1.png")


@pytest.mark.parametrize(
    ("names", "unusual"),
    [
        (["good/0.png", "defect/1.png", "defect/a/2.png"], {"defect/": 2}),
        (["OK/0.png", "NG/1.png", "Scratched/1.png"], {"NG/": 1, "Scratched/": 1}),
        (["0.png", "a/Defects/1.png"], {"a/Defects/": 1}),
        (["train/good/0.png", "train/bad/1.png", "test/good/2.png"], {"train/bad/": 1}),
        (["train/0.png", "test/good/1.png", "test/scratch/2.png"], {"test/scratch/": 1}),
        (["bad/0.png", "new/1.png"], {}),  # a word that may mean anything where no good/ is
    ],
)
def test_what_is_labelled_as_not_good_belongs_to_no_split(names, unusual):
    found = plan(*names)
    assert found.unusual == unusual
    kept = [name for names in parts(found).values() for name in names]
    assert not [name for name in kept if any(name.startswith(label) for label in unusual)]
    assert len(kept) + sum(unusual.values()) == len(names)


def test_splits_beside_good_images_are_no_labels():
    with pytest.raises(UserError, match="1 in good/"):
        plan("train/0.png", "good/1.png")
