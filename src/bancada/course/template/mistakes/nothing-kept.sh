#!/usr/bin/env bash
# caught by: test_the_effect
# TODO: what the student got wrong
set -euo pipefail
