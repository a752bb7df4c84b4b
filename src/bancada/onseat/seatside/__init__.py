"""What runs on a seat, as root, in one SSH round trip; stdlib only, Python 3.11 or newer.

    python3 - COMMAND [ARGUMENT…] < program

A first line `ARGV = ["COMMAND", "ARGUMENT"]` before the program does the same for an argument that is too long for a
command line. `stage` and `reset` also take a list of their argument, and tell of each.

collect JSON    {"exercises_root": …, "exercises": […], "capabilities": {name: how it is seen}, "docker": bool,
                "probes": {…}}: read by bancada.evidence.model
baseline NAME…  remember what the seat was like before the first staging of these exercises
stage JSON      {"name": …, "folder": …, "user": …, "claims": [...], "texts": {file: text}, "marker": …}:
                folder, texts, then marker
reset JSON      {"name": …, "folder": …, "claims": […]}: end what the exercise left behind
snapshot [JSON] everything that must be equal before staging and after reset, without pids and times

Each prints one JSON document; a refusal is {"error": {"message": …}} and exit code 1.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
ORDER = ["base", "processes", "files", "namespaces", "cgroups", "engine", "layers", "networking", "guests", "probes",
         "collect", "ownership", "snapshot", "removal", "pristine", "main"]  # fmt: skip
"""The modules, each after those that it imports."""

LOADER = """
import sys, types
for path in ("bancada", "bancada.onseat", "bancada.onseat.seatside"):
    sys.modules[path] = types.ModuleType(path)
for name, source in SOURCES.items():
    module = types.ModuleType(f"bancada.onseat.seatside.{name}")
    sys.modules[module.__name__] = module
    setattr(sys.modules["bancada.onseat.seatside"], name, module)
    exec(compile(source, f"{name}.py", "exec"), module.__dict__)
sys.exit(sys.modules["bancada.onseat.seatside.main"].main(*globals().get("ARGV", sys.argv[1:])))
"""


def program() -> str:
    """All modules as one program for the standard input of a Python that knows nothing of Bancada."""
    sources = {name: (FOLDER / f"{name}.py").read_text(encoding="utf-8") for name in ORDER}
    return f"SOURCES = {sources!r}\n{LOADER}"
