"""Zips: what is in them, what names them, and Lambda's limits."""

import os
import shutil
import zipfile
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from infra.packaging import archive, layers
from infra.packaging.archive import UNZIPPED_LIMIT
from infra.packaging.assets import ROOT, Assets
from infra.packaging.closure import ClosureError
from infra.packaging.target import LAMBDA, Target, compiler, host
from tests.infra.clouds import cloud
from vitrine.kernel import documents

# Zips that nothing asked for in a week are deleted, by the times that the file system gives them.
pytestmark = pytest.mark.todays_clock

A, B = "functions.reactions.a", "functions.pipeline.b"
MOST_LAYERS = 5
HERE = Assets(host())


@pytest.fixture
def tree(tmp_path: Path) -> Assets:
    """A small repository with two functions: `a` imports the context `x`, `b` the context `y`, both the kernel."""
    write(tmp_path, "functions/reactions/a.py", "from vitrine.x import rules\n\nhandler = print\n")
    write(tmp_path, "functions/pipeline/b.py", "import vitrine.y.rules\n\nhandler = print\n")
    for context in ("x", "y"):
        write(tmp_path, f"layers/core/python/vitrine/{context}/rules.py", "from vitrine.kernel import ids\n")
    write(tmp_path, "layers/core/python/vitrine/kernel/ids.py", "import pydantic\n")
    for name in ("functions", "functions/reactions", "functions/pipeline", *(f"{VITRINE}{it}" for it in CONTEXTS)):
        write(tmp_path, f"{name}/__init__.py", "")
    return Assets(host(), root=tmp_path, cache=tmp_path / "cache")


VITRINE = "layers/core/python/vitrine"
CONTEXTS = ("", "/kernel", "/x", "/y")


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def again(tree: Assets) -> Assets:
    """The same tree, read anew."""
    return Assets(tree.target, root=tree.root, cache=tree.cache)


def keys(tree: Assets) -> dict[str, str]:
    assets = again(tree)
    return {function: assets.function_archive(function).key for function in assets.functions}


def changed_by(tree: Assets, name: str) -> set[str]:
    """The functions whose zip has another name after an edit of this file."""
    before = keys(tree)
    with (tree.root / name).open("a") as file:
        file.write("\n# An edit.\n")
    return {function for function, key in keys(tree).items() if key != before[function]}


def lambda_layer(name: str) -> archive.Archive:
    """For Lambda, whose wheels a machine without a network may not have."""
    try:
        return Assets(LAMBDA).layer_archive(name)
    except layers.PackagingError as error:
        if not any(sign in str(error) for sign in ("error sending request", "Network connectivity", "dns error")):
            raise
        pytest.skip("Lambda's wheels are neither in uv's cache nor within reach")


def names(made: archive.Archive) -> set[str]:
    return set(zipfile.ZipFile(made.path).namelist())


def test_an_edit_changes_the_zips_of_the_functions_that_import_it_and_no_other(tree: Assets) -> None:
    assert changed_by(tree, "functions/pipeline/b.py") == {B}
    assert changed_by(tree, f"{VITRINE}/x/rules.py") == {A}
    assert changed_by(tree, f"{VITRINE}/y/__init__.py") == {B}
    assert changed_by(tree, f"{VITRINE}/kernel/ids.py") == {A, B}


def test_a_file_that_was_merely_touched_changes_nothing(tree: Assets) -> None:
    before = keys(tree)
    (tree.root / "functions/pipeline/b.py").touch()
    write(tree.root, "functions/pipeline/__pycache__/b.cpython-311.pyc", "stale")
    assert keys(tree) == before


def test_a_file_that_nothing_imports_is_in_no_zip(tree: Assets) -> None:
    write(tree.root, f"{VITRINE}/x/unused.py", "")
    assert f"{VITRINE}/x/unused.py" not in names(tree.function_archive(A))
    assert changed_by(tree, f"{VITRINE}/x/unused.py") == set()


def test_what_is_cached_is_not_made_again(tree: Assets) -> None:
    made = tree.function_archive(A)
    inode = made.path.stat().st_ino
    assert again(tree).function_archive(A).path.stat().st_ino == inode


def test_a_file_is_compiled_once_however_many_zips_hold_it(tree: Assets) -> None:
    keys(tree)
    kept = {path.name: path.stat().st_ino for path in (tree.cache / "bytecode").rglob("*.pyc")}
    assert len([name for name in kept if name.startswith("vitrine.kernel.ids.py")]) == 1
    changed_by(tree, "functions/pipeline/b.py")
    after = {path.name: path.stat().st_ino for path in (tree.cache / "bytecode").rglob("*.pyc")}
    assert after | kept == after
    assert [name for name in after if name not in kept and not name.startswith("functions.pipeline.b.py")] == []


def test_zips_that_nothing_asked_for_in_a_week_go_and_others_stay(tree: Assets) -> None:
    old, used = tree.function_archive(A), tree.function_archive(B)
    for made in (old, used):
        os.utime(made.path, (0, 0))
    again(tree).function_archive(B)
    write(tree.root, "functions/reactions/a.py", "handler = repr\n")
    again(tree).function_archive(A)
    assert used.path.exists()
    assert not old.path.exists()


def test_the_build_says_which_code_of_ours_a_function_runs(tree: Assets) -> None:
    before = {function: tree.build_of(function) for function in (A, B)}
    write(tree.root, f"{VITRINE}/x/rules.py", "changed = True\n")
    assert again(tree).build_of(A) != before[A]
    assert again(tree).build_of(B) == before[B]


def test_a_zip_carries_bytecode_that_its_interpreter_takes_without_looking_at_times(tree: Assets) -> None:
    made = tree.function_archive(B)
    (name,) = [name for name in names(made) if name.endswith(".pyc") and "/b." in name]
    flags = int.from_bytes(zipfile.ZipFile(made.path).read(name)[4:8], "little")
    assert flags == 0b01, "hash-based and unchecked (PEP 552)"
    assert name == "functions/pipeline/__pycache__/" + Path(cache_from_source("b.py")).name


def test_two_targets_never_share_a_zip(tree: Assets) -> None:
    other = Assets(Target("3.14", "arm64", "aarch64-manylinux_2_28"), root=tree.root, cache=tree.cache)
    assert other.function_archive(A).key != tree.function_archive(A).key


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("import importlib\n", "uses importlib"),
        ("__import__('vitrine.x')\n", "uses __import__"),
        ("from pathlib import Path\n\nHERE = Path(__file__)\n", "says __file__"),
        ("import unheard_of\n", "imports unheard_of, which no layer holds"),
    ],
)
def test_a_function_whose_needs_its_source_does_not_tell_is_refused(tree: Assets, line: str, why: str) -> None:
    write(tree.root, f"{VITRINE}/x/rules.py", line)
    with pytest.raises(ClosureError, match=why):
        again(tree).layers_of(A)
    assert again(tree).layers_of(B) == ("base",)


def test_imports_within_functions_and_relative_ones_count_and_those_for_type_checkers_do_not(tree: Assets) -> None:
    write(
        tree.root,
        f"{VITRINE}/x/rules.py",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import vitrine.y.rules, stripe\n\n"
        "def late():\n    from ..kernel.ids import new\n    from . import beside\n    import jwt\n",
    )
    write(tree.root, f"{VITRINE}/x/beside.py", "")
    assets = again(tree)
    assert {name for name in assets.function_files(A) if name.endswith(("ids.py", "beside.py", "y/rules.py"))} == {
        "vitrine/kernel/ids.py",
        "vitrine/x/beside.py",
    }
    assert assets.layers_of(A) == ("base", "tokens")


@pytest.mark.parametrize("module", [name for name in HERE.functions if name.endswith(".reference")])
def test_what_serves_an_openapi_document_has_it_at_its_place(module: str) -> None:
    surface = module.split(".")[1].removesuffix("_api")
    files = HERE.function_files(module)
    assert {f"events/openapi/{surface}.json", "events/viewer/docs.html"} <= files.keys()
    assert {f"events/viewer/{name}" for name in documents.FILES} <= files.keys()


def test_the_pictures_of_the_styles_are_with_the_function_that_shows_them() -> None:
    found = [name for name in HERE.function_files("functions.stagecraft_api.styles") if name.endswith(".jpg")]
    assert len(found) == len(list((ROOT / "functions/stagecraft_api/previews").glob("*.jpg"))) > 0


@pytest.mark.parametrize("module", HERE.functions)
def test_a_functions_zip_holds_no_other_function_and_nothing_of_another_group(module: str) -> None:
    others = {name.replace(".", "/") + ".py" for name in HERE.functions} - {module.replace(".", "/") + ".py"}
    files = HERE.function_files(module)
    assert not others & set(files)
    groups = {name.split("/")[1] for name in files if name.startswith("functions/")}
    assert groups == {"__init__.py", module.split(".")[1]}


_DECODE = ("inspect_upload", "publish_picture", "inspect_frame", "judge_set", "make_frames", "make_frame")
DECODE = {f"functions.pipeline.{name}" for name in _DECODE}
"""What reads pixels."""


def test_only_what_decodes_pictures_carries_the_imaging_layer_and_only_what_knows_stripe_its_library() -> None:
    carried = {layer: {it for it in HERE.functions if layer in HERE.layers_of(it)} for layer in layers.LAYERS}
    assert carried["imaging"] == DECODE
    assert carried["payments"] == {"functions.realstaging_api.billing", "functions.realstaging_api.checkout"}
    assert carried["base"] == set(HERE.functions) - carried["imaging"]


def test_an_edit_of_the_real_tree_reaches_the_functions_of_its_context_alone(tmp_path: Path) -> None:
    for folder in ("functions", VITRINE, "events/openapi"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "inference"))
    copy = Assets(host(), root=tmp_path, cache=tmp_path / "cache")
    assert changed_by(copy, f"{VITRINE}/pictures/decoding.py") == DECODE
    assert changed_by(copy, f"{VITRINE}/billing/stripe/signature.py") == {"functions.realstaging_api.billing"}
    assert changed_by(copy, f"{VITRINE}/kernel/errors.py") == set(HERE.functions)
    tokens = changed_by(copy, f"{VITRINE}/identity/accounts/tokens.py")
    assert tokens
    assert {function.split(".")[1] for function in tokens} == {"stagecraft_api"}


def test_every_locked_package_of_a_layer_comes_with_a_hash() -> None:
    for layer in layers.LAYERS.values():
        for line in layers.requirements(layer, ROOT).splitlines():
            assert "--hash=sha256:" in line, line


def test_layers_of_one_function_carry_no_package_twice() -> None:
    def packages(name: str) -> set[str]:
        return {line.split("==")[0] for line in layers.requirements(layers.LAYERS[name], ROOT).splitlines()}

    assert not packages("base") & packages("tokens")
    assert not (packages("base") | packages("tokens")) & packages("payments")
    assert packages("base") < packages("imaging")
    assert packages("payments") >= {"stripe"}


@pytest.mark.parametrize("target", [host(), LAMBDA], ids=lambda target: target.tag)
def test_every_function_fits_into_lambda_with_all_its_layers(target: Target) -> None:
    assets = Assets(target)
    layer = assets.layer_archive if target.is_host else lambda_layer
    sizes = {name: layer(name) for name in layers.LAYERS}
    for name, made in sizes.items():
        print(f"{target.tag} {name}: {made.zipped / 1e6:.1f} MB zipped, {made.unzipped / 1e6:.1f} MB unzipped")
    for function in assets.functions:
        own = assets.function_archive(function)
        print(f"{target.tag} {function}: {own.zipped / 1e6:.2f} MB zipped, {own.unzipped / 1e6:.2f} MB unzipped")
        assert own.unzipped <= archive.OURS, "the room that third-party layers leave"
        assert own.unzipped + sum(sizes[name].unzipped for name in assets.layers_of(function)) <= UNZIPPED_LIMIT


def test_deployed_functions_carry_the_layers_that_their_code_imports_from() -> None:
    for environment in ("local", "prod"):
        for function in cloud(environment).all("AWS::Lambda::Function"):
            module = function.properties["Handler"].removesuffix(".handler")
            carried = sorted(layer["Ref"] for layer in function.properties["Layers"])
            needed = sorted(HERE.layers_of(module))
            assert [id_[: len(f"Layer{name}")] for id_, name in zip(carried, needed, strict=True)] == [
                f"Layer{name.title()}" for name in needed
            ]


def test_no_function_has_more_layers_than_lambda_takes() -> None:
    for function in cloud("prod").all("AWS::Lambda::Function"):
        assert len(function.properties["Layers"]) <= MOST_LAYERS


def test_layers_hold_no_tests_no_headers_and_only_the_aws_services_in_use() -> None:
    found = names(lambda_layer("imaging"))
    assert not [name for name in found if name.startswith("python/numpy/") and "/tests/" in name]
    services = {
        name.split("/")[3] for name in found if name.startswith("python/botocore/data/") and name.count("/") > 3
    }
    assert services == layers.AWS_SERVICES


def test_lambdas_zips_are_for_arm64() -> None:
    binaries = [name for name in names(lambda_layer("imaging")) if name.endswith(".so")]
    assert binaries
    assert not [name for name in binaries if "x86_64" in name]


def test_deployed_functions_run_what_their_zips_were_made_for() -> None:
    for environment, target in (("local", host()), ("prod", LAMBDA)):
        for function in cloud(environment).all("AWS::Lambda::Function"):
            assert function.properties["Runtime"] == f"python{target.python}"
            assert function.properties["Architectures"] == [target.architecture]


def test_a_package_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    impossible = Target("3.14", "arm64", "riscv64-unknown-linux-gnu")
    with pytest.raises(layers.PackagingError, match="uv pip failed"):
        Assets(impossible, cache=tmp_path).layer_archive("tokens")


def test_the_host_has_an_interpreter_of_its_own_version() -> None:
    assert compiler(host()) is not None


def test_only_what_reads_or_measures_pictures_carries_the_imaging_layer() -> None:
    """It is 250 MB, which each process of the embedded cloud unpacks, and costs a cold start half a second."""
    carried = {module for module in HERE.functions if "imaging" in HERE.layers_of(module)}
    assert {module.rpartition(".")[2] for module in carried if module.startswith("functions.pipeline.")} >= {
        "inspect_upload",
        "inspect_frame",
        "judge_set",
    }
    light = ("record_frame", "plan_set", "look_at_frames", "end_capture")
    assert not carried & {f"functions.pipeline.{name}" for name in light}
    assert not {module for module in carried if not module.startswith("functions.pipeline.")}
