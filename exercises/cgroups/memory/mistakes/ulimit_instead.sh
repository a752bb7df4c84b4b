#!/usr/bin/env bash
# caught by: test_a_control_group_has_the_memory_limit
# ulimit is a limit of each process by itself, for its addresses; no group knows of it.
set -euo pipefail
ulimit -v "$((SEED_MIB * 1024))"
setsid sleep infinity </dev/null >/dev/null 2>&1 &
timeout 20 tail /dev/zero || true
