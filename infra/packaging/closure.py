"""What a function needs, read from the source: our modules that it imports, however indirectly, the files that they
read, and the packages that they import from layers. Nothing is run, since a module asks for its variables when it is.
"""

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

ROOTS = {"functions": "", "vitrine": "layers/core/python/"}
"""Our packages, and the folders that they lie in. Both come to lie at the top of a zip."""
NOT_LAMBDA = frozenset({"inference"})
DYNAMIC = frozenset({"importlib", "pkgutil", "runpy", "__import__"})
DATA = {
    "functions.*_api.reference": ("events/openapi/{surface}.json", "events/viewer/*.*"),
    "functions.imaging360_api.reference": ("events/viewer/imaging360/*",),
    "functions.stagecraft_api.styles": ("functions/stagecraft_api/previews/*.jpg",),
}
"""Files that a module reads, for modules by pattern; whatever says `__file__` must stand here."""
SWAGGER_UI = "aws_lambda_powertools/event_handler/openapi/swagger_ui"
FROM_PACKAGES = {"functions.*_api.reference": {"events/viewer": (f"{SWAGGER_UI}/*.js", f"{SWAGGER_UI}/*.css")}}
"""Files of installed packages that a module reads but layers leave out, and the folder of the zip that they go to."""
SITE = Path(sysconfig.get_path("purelib"))


class ClosureError(Exception):
    """What a function needs cannot be read from its source. The message says which module, and why."""


@dataclass(frozen=True)
class Module:
    """`imports` are full names: `a.b.c` of `from a.b import c` may be a module or a thing in `a.b`."""

    name: str
    path: Path
    imports: frozenset[str]
    has_handler: bool


@dataclass(frozen=True)
class Closure:
    """`files` by their names in the zip; `packages` are imports that are neither ours nor Python's, by first name."""

    files: Mapping[str, Path]
    packages: frozenset[str]


class Sources:
    """The source tree at one moment: what was read once is not read again, so after an edit make another one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules: dict[str, Module | None] = {}
        self._digests: dict[Path, str] = {}

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The modules with a `handler`: what may be deployed as a function."""
        folders = (path.parent for path in (self.root / "functions").glob("*/__init__.py"))
        paths = (path for folder in folders if folder.name not in NOT_LAMBDA for path in folder.glob("*.py"))
        names = sorted(f"functions.{path.parent.name}.{path.stem}" for path in paths if path.stem != "__init__")
        return tuple(name for name in names if self._known(name).has_handler)

    def closure(self, module: str) -> Closure:
        """Raises `ClosureError`."""
        found: dict[str, Module] = {}
        packages: set[str] = set()
        wanted = list(_with_parents(module))
        while wanted:
            name = wanted.pop()
            if name not in found and (known := self._module(name)):
                found[name] = known
                ours, others = _split(known.imports)
                packages |= others
                wanted += (part for name in ours for part in _with_parents(name))
        code = {_place(each): each.path for each in found.values()}
        data = {path.relative_to(self.root).as_posix(): path for name in found for path in self._data(name)}
        foreign = {place: path for name in found for place, path in _of_packages(name)}
        return Closure({**code, **data, **foreign}, frozenset(packages))

    def key(self, files: Mapping[str, Path]) -> str:
        """A hash of names and contents, whatever the order, owner or age of the files."""
        listed = "".join(f"{name}\0{self.digest(files[name])}\0" for name in sorted(files))
        return hashlib.sha256(listed.encode()).hexdigest()

    def digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self._digests[path]

    def _known(self, name: str) -> Module:
        module = self._module(name)
        if module is None:
            raise ClosureError(f"there is no module {name}")
        return module

    def _module(self, name: str) -> Module | None:
        if name not in self._modules:
            base = self.root / ROOTS[name.split(".")[0]] / name.replace(".", "/")
            path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
            self._modules[name] = _read(name, path) if path.exists() else None
        return self._modules[name]

    def _data(self, name: str) -> Iterator[Path]:
        for pattern, files in DATA.items():
            if fnmatchcase(name, pattern):
                surface = name.split(".")[1].removesuffix("_api")
                for each in files:
                    yield from self.root.glob(each.format(surface=surface))


def _of_packages(name: str) -> Iterator[tuple[str, Path]]:
    """Of the versions that uv.lock has, since packaging runs with what it installed."""
    for pattern, folders in FROM_PACKAGES.items():
        if fnmatchcase(name, pattern):
            for folder, files in folders.items():
                found = (path for each in files for path in SITE.glob(each))
                yield from ((f"{folder}/{path.name}", path) for path in found)


def _read(name: str, path: Path) -> Module:
    tree = ast.parse(path.read_bytes(), str(path))
    is_package = path.name == "__init__.py"
    imports = frozenset(found for node in _run(tree) for found in _imported(node, name, is_package))
    _refuse_what_hides(name, tree, imports)
    return Module(name, path, imports, has_handler="handler" in _bound(tree))


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes under this one, without what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            yield from (each for part in child.orelse for each in (part, *_run(part)))
        else:
            yield child
            yield from _run(child)


def _imported(node: ast.AST, name: str, is_package: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = _absolute(node, name, is_package)
        yield start
        yield from (f"{start}.{alias.name}" for alias in node.names)


def _absolute(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    up = node.level - 1 if is_package else node.level
    package = name.split(".")[: len(name.split(".")) - up]
    return ".".join((*package, *(node.module or "").split("."))).rstrip(".")


def _refuse_what_hides(name: str, tree: ast.AST, imports: frozenset[str]) -> None:
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if hidden := sorted(DYNAMIC & (used | {found.split(".")[0] for found in imports})):
        raise ClosureError(f"{name} uses {hidden[0]}: what it imports cannot be read from its source")
    if "__file__" in used and not any(fnmatchcase(name, pattern) for pattern in DATA):
        raise ClosureError(f"{name} says __file__: declare the files that it reads in infra/packaging/closure.py")


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _with_parents(name: str) -> Iterator[str]:
    """`a.b.c` runs `a` and `a.b` first."""
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _split(imports: frozenset[str]) -> tuple[set[str], set[str]]:
    ours = {name for name in imports if name.split(".")[0] in ROOTS}
    others = {name.split(".")[0] for name in imports - ours}
    return ours, others - sys.stdlib_module_names


def _place(module: Module) -> str:
    name = module.name.replace(".", "/")
    return f"{name}/__init__.py" if module.path.name == "__init__.py" else f"{name}.py"
