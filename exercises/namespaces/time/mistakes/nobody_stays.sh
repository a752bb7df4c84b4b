#!/usr/bin/env bash
# caught by: test_a_process_lives_in_a_time_namespace_of_its_own
# uptime shows the right thing, once; then it ends, and the namespace with it.
set -euo pipefail
sudo unshare --time --boottime "$((SEED_DAYS * 86400))" --fork uptime --pretty
