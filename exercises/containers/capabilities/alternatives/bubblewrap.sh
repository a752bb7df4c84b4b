#!/usr/bin/env bash
# What Flatpak does: bwrap loads a filter that libseccomp wrote, and always sets no_new_privs. When root calls it, it
# leaves the bounding set alone; so it keeps one capability more, with which setpriv empties that set at the end.
set -euo pipefail

python3 - <<'PYTHON'
import seccomp

rules = seccomp.SyscallFilter(seccomp.ALLOW)
for call in ("mount", "umount2", "reboot", "swapon"):
    rules.add_rule(seccomp.ERRNO(1), call)
with open("filter.bpf", "wb") as file:
    rules.export_bpf(file)
PYTHON

# The filter comes by its standard input: sudo closes all other files.
# shellcheck disable=SC2016 # the inner shell expands it
setsid sudo bwrap --dev-bind / / --chdir / --cap-drop ALL --cap-add cap_setpcap --cap-add "$SEED_CAP" --seccomp 0 \
  setpriv --bounding-set="-all,+${SEED_CAP#cap_}" --inh-caps=-all --ambient-caps=-all \
  bash -c 'exec -a "$1" sleep infinity' - "$SEED_NAME" <filter.bpf >/dev/null 2>&1 &
wait_until pgrep --full --exact "$SEED_NAME infinity"
