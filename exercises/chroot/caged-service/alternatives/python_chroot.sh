#!/usr/bin/env bash
# As daemons do it themselves: take the port first, then chroot and chdir, then give up being root. The site is the root.
set -euo pipefail

setsid sudo python3 -c '
import encodings.idna, functools, http.server, os, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/")
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler)
os.chroot("site")
os.chdir("/")
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
server.serve_forever()
' "$SEED_PORT" </dev/null >/dev/null 2>&1 &

wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
