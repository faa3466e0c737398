"""Imports go one way: a module imports only from lower floors of its own package's list."""

import ast
from pathlib import Path

import pytest

import pipeline
import pipeline.changes
import pipeline.formats
import pipeline.mentions
import pipeline.report
import pipeline.store

ROOT = Path(pipeline.__file__).parent
LISTS = {
    "pipeline": pipeline.FLOORS,
    "pipeline.changes": pipeline.changes.FLOORS,
    "pipeline.formats": pipeline.formats.FLOORS,
    "pipeline.mentions": pipeline.mentions.FLOORS,
    "pipeline.report": pipeline.report.FLOORS,
    "pipeline.store": pipeline.store.FLOORS,
}


def module_name(path: Path) -> str:
    parts = ("pipeline", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """The name of every module that `path` imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it goes"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part(package: str, module: str) -> str | None:
    """The name right below `package` in `module`'s; None where `module` is not inside it."""
    head, _, rest = module.partition(package + ".")
    return rest.split(".")[0] if not head and rest else None


def floor(package: str, name: str) -> int | None:
    return next((i for i, names in enumerate(LISTS[package]) if name in names), None)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


@pytest.mark.parametrize("module", [name for name in MODULES if name not in LISTS])
def test_imports_go_down(module: str) -> None:
    for package in LISTS:
        own = part(package, module)
        if own is None:
            continue
        height = floor(package, own)
        assert height is not None, f"{module} is on no floor of {package}.FLOORS"
        for target in imports(MODULES[module]):
            other = part(package, target)
            if other in (None, own) or f"{package}.{other}" not in MODULES:
                continue  # not inside, its own, or no module but a name of the package's
            below = floor(package, other)
            assert below is not None, f"{module} imports {target}, which is on no floor"
            assert below < height, f"{module} imports {target}, which is not below it"


@pytest.mark.parametrize("module", MODULES)
def test_only_the_flow_knows_prefect(module: str) -> None:
    assert not any(name.split(".")[0] == "prefect" for name in imports(MODULES[module]))
