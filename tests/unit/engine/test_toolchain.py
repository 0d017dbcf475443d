from pathlib import Path

import pytest

from functions.inference.engines.render.render import toolchain


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("libLLVM-19.so", 19),
        ("libLLVM-19.so.1", 19),
        ("libLLVM.so.19.1", 19),
        ("libLLVM-14.0.6.so.1", 14),
        ("libLLVM-17t64.so", 17),
        ("libLLVMLibDriver.a", None),
        ("libclang-19.so", None),
        ("libLLVM.so", None),
    ],
)
def test_the_version_is_read_from_the_file_name(name: str, version: int | None) -> None:
    assert toolchain.major_version(Path("/usr/lib") / name) == version


def test_the_tested_version_comes_first_and_old_ones_not_at_all(tmp_path: Path) -> None:
    paths = [tmp_path / f"libLLVM-{v}.so" for v in (15, 22, 18, 19, 17)]
    for path in paths:
        path.write_bytes(path.name.encode())
    found = toolchain._usable(iter(paths))
    assert [toolchain.major_version(p) for p in found] == [19, 18, 17, 22]


def test_a_file_that_is_no_library_does_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITRINE_CACHE", str(tmp_path / "cache"))
    fake = tmp_path / "libLLVM-19.so"
    fake.write_bytes(b"not a library")
    assert not toolchain.works(fake)


@pytest.mark.engine
def test_a_working_library_is_found_and_remembered() -> None:
    library = toolchain.ensure_llvm()
    assert library is not None
    assert toolchain.works(library)
    assert toolchain._passed_marker(library).exists()


def test_the_library_named_by_the_environment_is_tried_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "libLLVM-20.so"
    named.write_bytes(b"x")
    monkeypatch.setenv("VITRINE_LIBLLVM", str(named))
    assert toolchain._explicit() == [named]
    monkeypatch.setenv("VITRINE_LIBLLVM", str(tmp_path / "missing.so"))
    assert toolchain._explicit() == []


def test_the_cache_moves_when_home_cannot_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VITRINE_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/proc/nowhere")
    assert toolchain.cache_folder().is_dir()
    assert not str(toolchain.cache_folder()).startswith("/proc")
