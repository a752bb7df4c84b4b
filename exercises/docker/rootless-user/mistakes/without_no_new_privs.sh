#!/usr/bin/env bash
# caught by: test_no_program_can_gain_privileges
# User and capabilities are right; a setuid program could still make it another user.
set -euo pipefail
docker run --detach --name "$SEED_NAME" --user "$SEED_UID" --cap-drop ALL --read-only \
  busybox:local sleep infinity >/dev/null
