#!/usr/bin/env bash
# What a student would type. Runs as the student, in the exercise's folder on the seat.
set -euo pipefail
echo "TODO: solve it" >&2
exit 1
