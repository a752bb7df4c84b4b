"""Who was given ulimit -v, which looks like a limit of memory and is none: only to say so in the message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    limited = []
    for proc in seat.by_hand():
        limit = re.search(r"(?m)^Max address space +(\d+) ", seat.text(f"/proc/{proc['pid']}/limits") or "")
        if limit:
            limited.append([proc["pid"], int(limit[1])])
    return {"address_space": limited}
