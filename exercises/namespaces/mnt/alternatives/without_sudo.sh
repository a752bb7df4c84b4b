#!/usr/bin/env bash
# Whoever is root of a new user namespace may mount in the mount namespace that belongs to it: here another directory.
set -euo pipefail
mkdir -p mine
echo "$SEED_WORD" >mine/word

setsid unshare --user --map-root-user --mount sh -c 'mount --bind mine room && exec sleep 1d' </dev/null >/dev/null 2>&1 &

wait_until pgrep --full --exact 'sleep 1d'
