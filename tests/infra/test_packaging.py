"""Zips: what is in them, what names them, and Lambda's limits."""

import os
import zipfile
from pathlib import Path

import pytest

from infra.constructs.function import LAYERS as LAYERS_OF
from infra.packaging import archive, layers
from infra.packaging.archive import UNZIPPED_LIMIT
from infra.packaging.assets import ROOT, Assets, core_files, function_files
from infra.packaging.target import LAMBDA, Target, compiler, host
from tests.infra.clouds import cloud

# Zips that nothing asked for in a week are deleted, by the times that the file system gives them.
pytestmark = pytest.mark.todays_clock

GROUPS = ("realstaging_api", "pipeline", "reactions")
MOST_LAYERS = 5


@pytest.fixture
def tree(tmp_path: Path) -> Assets:
    """A small repository with two groups."""
    for name in ("functions/__init__.py", "functions/reactions/a.py", "functions/pipeline/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / "layers/core/python/vitrine").mkdir(parents=True)
    (tmp_path / "layers/core/python/vitrine/__init__.py").write_text("")
    return Assets(host(), root=tmp_path, cache=tmp_path / "cache")


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


def test_a_groups_zip_keeps_its_name_when_another_group_changes(tree: Assets) -> None:
    before = {group: tree.functions_archive(group).key for group in ("pipeline", "reactions")}
    (tree.root / "functions/pipeline/b.py").write_text("changed = True\n")
    assert tree.functions_archive("reactions").key == before["reactions"]
    assert tree.functions_archive("pipeline").key != before["pipeline"]


def test_a_file_that_was_merely_touched_changes_nothing(tree: Assets) -> None:
    before = tree.functions_archive("pipeline").key
    (tree.root / "functions/pipeline/b.py").touch()
    (tree.root / "functions/pipeline/__pycache__").mkdir()
    (tree.root / "functions/pipeline/__pycache__/b.cpython-311.pyc").write_bytes(b"stale")
    assert tree.functions_archive("pipeline").key == before


def test_a_renamed_file_changes_the_name_of_the_zip(tree: Assets) -> None:
    before = tree.functions_archive("pipeline").key
    (tree.root / "functions/pipeline/b.py").rename(tree.root / "functions/pipeline/c.py")
    assert tree.functions_archive("pipeline").key != before


def test_what_is_cached_is_not_made_again(tree: Assets) -> None:
    made = tree.functions_archive("pipeline")
    inode = made.path.stat().st_ino
    assert tree.functions_archive("pipeline").path.stat().st_ino == inode


def test_zips_that_nothing_asked_for_in_a_week_go_and_others_stay(tree: Assets) -> None:
    old, used = tree.functions_archive("pipeline"), tree.layer_archive("core")
    for made in (old, used):
        os.utime(made.path, (0, 0))
    tree.layer_archive("core")
    tree.functions_archive("reactions")
    assert used.path.exists()
    assert not old.path.exists()


def test_the_build_says_which_code_of_ours_a_function_runs(tree: Assets) -> None:
    before = {group: tree.build_of(group) for group in ("pipeline", "reactions")}
    (tree.root / "functions/pipeline/b.py").write_text("changed = True\n")
    again = Assets(host(), root=tree.root, cache=tree.cache)
    assert again.build_of("pipeline") != before["pipeline"]
    assert again.build_of("reactions") == before["reactions"]
    (tree.root / "layers/core/python/vitrine/__init__.py").write_text("changed = True\n")
    assert Assets(host(), root=tree.root, cache=tree.cache).build_of("reactions") != before["reactions"]


def test_a_zip_carries_bytecode_that_its_interpreter_takes_without_looking_at_times(tree: Assets) -> None:
    made = tree.functions_archive("pipeline")
    (name,) = [name for name in names(made) if name.endswith(".pyc") and "/b." in name]
    flags = int.from_bytes(zipfile.ZipFile(made.path).read(name)[4:8], "little")
    assert flags == 0b01, "hash-based and unchecked (PEP 552)"


def test_two_targets_never_share_a_zip(tree: Assets) -> None:
    other = Assets(Target("3.14", "arm64", "aarch64-manylinux_2_28"), root=tree.root, cache=tree.cache)
    assert other.functions_archive("pipeline").key != tree.functions_archive("pipeline").key


def test_the_api_zip_has_the_openapi_document_at_its_place() -> None:
    assert "events/openapi/realstaging.json" in function_files("realstaging_api", ROOT)


@pytest.mark.parametrize("group", GROUPS)
def test_a_groups_zip_holds_that_group_and_no_other(group: str) -> None:
    modules = {name.split("/")[1] for name in function_files(group, ROOT) if name.startswith("functions/")}
    assert modules == {"__init__.py", group}


def test_the_core_layer_is_our_package_alone() -> None:
    assert {name.split("/")[0] for name in core_files(ROOT)} == {"python"}
    assert {name.split("/")[1] for name in core_files(ROOT)} == {"vitrine"}


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
    sizes = {name: layer(name) for name in ("core", *layers.LAYERS)}
    for name, made in sizes.items():
        print(f"{target.tag} {name}: {made.zipped / 1e6:.1f} MB zipped, {made.unzipped / 1e6:.1f} MB unzipped")
    code = {group: assets.functions_archive(group).unzipped for group in GROUPS}
    together = {group: ("core", *LAYERS_OF[group][1:]) for group in GROUPS}
    loads = [code[group] + sum(sizes[name].unzipped for name in used) for group, used in together.items()]
    loads.append(code["pipeline"] + sizes["core"].unzipped + sizes["imaging"].unzipped)
    loads.append(loads[0] + sizes["payments"].unzipped)
    assert max(loads) <= UNZIPPED_LIMIT
    assert sizes["core"].unzipped + max(code.values()) <= archive.OURS, "the room that third-party layers leave"


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
