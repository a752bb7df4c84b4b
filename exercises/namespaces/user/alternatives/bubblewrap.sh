#!/usr/bin/env bash
# bubblewrap, the tool under many sandboxes: it is not root either, and makes the same namespaces.
set -euo pipefail

setsid bwrap --unshare-user --uid 0 --gid 0 --cap-add ALL --unshare-uts --hostname "$SEED_HOSTNAME" \
  --dev-bind / / sleep infinity </dev/null >/dev/null 2>&1 &

wait_until pgrep --session "$!" --exact sleep
