#!/usr/bin/env bash
# caught by: test_no_file_outside_is_given_away
# chroot(2) without chdir(2): the root is the cage, but the service keeps serving the directory that it stood in.
set -euo pipefail
cp --archive site cage
setsid sudo python3 -c '
import encodings.idna, functools, http.server, os, sys
os.chdir("site")
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=".")
server = http.server.ThreadingHTTPServer(("", int(sys.argv[1])), handler)
os.chroot("../cage")
server.serve_forever()
' "$SEED_PORT" </dev/null >/dev/null 2>&1 &
wait_until curl --fail --silent "http://127.0.0.1:$SEED_PORT/"
