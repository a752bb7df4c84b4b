"""`.venv/bin/python tools` writes all that is generated: role READMEs, lists of exercises, schemas, the picture."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import architecture
import exercise_pages
import role_readme
import schemas
from bancada.reach.paths import Project

if __name__ == "__main__":
    project = Project.here()
    exercise_pages.write(project)
    schemas.write()
    architecture.write()
    sys.exit(role_readme.write(project.roles))
