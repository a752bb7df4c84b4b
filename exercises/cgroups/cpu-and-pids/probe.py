"""Who was given nice or ulimit -u in place of a control group: only to say so in the message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bancada.onseat.seatside.probes import Seat


def probe(seat: Seat) -> Any:
    niced, limited = [], []
    for proc in seat.by_hand():
        stat = (seat.text(f"/proc/{proc['pid']}/stat") or "").rpartition(")")[2].split()
        if len(stat) > 16 and int(stat[16]) > 0:
            niced.append([proc["pid"], int(stat[16])])
        limit = re.search(r"(?m)^Max processes +(\d+) ", seat.text(f"/proc/{proc['pid']}/limits") or "")
        if limit and int(limit[1]) == seat.variant.pids:
            limited.append(proc["pid"])
    return {"niced": niced, "limited": limited}
