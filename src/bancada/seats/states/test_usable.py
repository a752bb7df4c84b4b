"""What the class needs of a seat that its student has worked on. The rest of the ready state is the student's.

That it answers, and admits us, is shown by its being asked.
"""

from __future__ import annotations

from typing import Any


def test_student_can_use_docker(host: Any) -> None:
    done = host.run("su - student -c 'docker version'")
    assert done.rc == 0, f"Docker cannot be used: {(done.stderr.strip().splitlines() or ['it says nothing'])[-1]}"
