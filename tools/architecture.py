"""The rooms of the package and who imports whom, read from its sources; and the picture in docs/architecture.md.

A room is a package or module that lies in `src/bancada`. The page's table names them all, and its order is the rule: a
room imports only from rooms below it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from bancada.reach.paths import ROOT

PAGE = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "src" / "bancada"
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
PICTURE = re.compile(r"```mermaid\n.*?```\n", re.DOTALL)


@dataclass(frozen=True)
class Import:
    """One line that imports a module, whole or names of it, also under `if TYPE_CHECKING`."""

    where: str
    """As src/bancada/cli/main.py:12."""
    importer: str
    imported: str


def ours(package: Path = PACKAGE) -> dict[str, Path]:
    """The package's modules by name. What `bancada new` copies is an author's, and none of them."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        words = path.relative_to(package.parent).with_suffix("").parts
        if "template" not in words:
            found[".".join(words[:-1] if words[-1] == "__init__" else words)] = path
    return found


def imports(modules: Mapping[str, Path]) -> Iterator[Import]:
    """All imports that these modules have, of whatever."""
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(where, name, alias.name)
            elif isinstance(node, ast.ImportFrom):
                base = _base(name, path, node)
                for alias in node.names:  # a module, or a name of one
                    yield Import(where, name, f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base)


def _base(name: str, path: Path, node: ast.ImportFrom) -> str:
    """What the names come from; a dot is the package that the module lies in."""
    if not node.level:
        return node.module or ""
    words = name.split(".") if path.stem == "__init__" else name.split(".")[:-1]
    return ".".join([*words[: len(words) - node.level + 1], *([node.module] if node.module else [])])


def room(module: str) -> str:
    """The room that a module of ours lies in; empty for the package itself, and for what is not ours."""
    package, _, rest = module.partition(".")
    return rest.split(".")[0] if package == PACKAGE.name else ""


def edges(found: Iterator[Import] | Sequence[Import]) -> dict[tuple[str, str], list[Import]]:
    """The imports that lead from one room to another one, by the two."""
    between: dict[tuple[str, str], list[Import]] = {}
    for one in found:
        pair = room(one.importer), room(one.imported)
        if all(pair) and pair[0] != pair[1]:
            between.setdefault(pair, []).append(one)
    return between


def order(page: str) -> list[str]:
    """The rooms as the page's table lists them, from above."""
    return ROW.findall(page)


def arrows(rooms: Sequence[str], pairs: Set[tuple[str, str]]) -> list[tuple[str, str]]:
    """The imports that go down, without what the rest says anyway: where a leads to b and b to c, a to c goes without
    saying. So all that can be reached by arrows may be imported, and nothing else is."""
    reached: dict[str, set[str]] = {}
    left = []
    for place, above in reversed(list(enumerate(rooms))):
        direct = [below for below in rooms[place + 1 :] if (above, below) in pairs]
        reached[above] = set(direct).union(*(reached[below] for below in direct))
        left += [(above, below) for below in reversed(direct) if not any(below in reached[via] for via in direct)]
    return left[::-1]


def picture(rooms: Sequence[str], pairs: Set[tuple[str, str]]) -> str:
    """A flowchart in Mermaid's words."""
    drawn = [f"    {above} --> {below}\n" for above, below in arrows(rooms, pairs)]
    return f"```mermaid\nflowchart TD\n{''.join(drawn)}```\n"


def render(page: str) -> str:
    """The page with its picture as the imports are now."""
    return PICTURE.sub(lambda _: picture(order(page), edges(imports(ours())).keys()), page)


def write() -> None:
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
