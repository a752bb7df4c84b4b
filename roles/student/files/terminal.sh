# shellcheck shell=sh
# A terminal that this machine has never heard of is taken for the usual one: else less, tmux and nano refuse to work.
if [ -n "${TERM:-}" ] && ! infocmp "$TERM" >/dev/null 2>&1; then
    export TERM=xterm-256color
fi
