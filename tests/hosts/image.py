"""The disk of a stock Debian computer, as its installer leaves it for a person who asked for no desktop.

Each is made once and kept: in BANCADA_HOSTS_CACHE, or else with what else may be thrown away.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from carried import apt_options, carry

from bancada.reach.paths import Project
from bancada.reach.run import as_root

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASES = ("bookworm", "trixie")
PACKAGES = (
    # the system
    "linux-image-cloud-amd64,systemd,systemd-sysv,systemd-resolved,dbus,libpam-systemd,udev,apparmor,nftables,cron,locales,"
    # what a person meets
    "openssh-server,openssh-client,sudo,git,python3,python3-venv,ca-certificates,iproute2,iputils-ping,procps,kmod,less"
)
DISK = 20 * 2**30
WANTED = re.compile(r"<<'LIST'\n(.*?)^LIST$", re.DOTALL | re.MULTILINE)
"""The programs that ./bancada installs, as it lists them: what else changes in it makes no other image."""


@dataclass(frozen=True)
class Image:
    """A disk that is never written to, the kernel and initrd that boot it, and maria's key."""

    folder: Path

    @property
    def disk(self) -> Path:
        return self.folder / "disk.img"

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd"

    @property
    def key(self) -> Path:
        return self.folder / "key"


def cache() -> Path:
    """Where images lie."""
    return Path(os.environ.get("BANCADA_HOSTS_CACHE") or Project.here().cache / "hosts").resolve()


def ensure_image(release: str, *, ready: bool = False) -> Image:
    """The image of this release, made where there is none of this content: some minutes, and 2 GiB.

    With `ready`, what `./bancada` itself installs there is in it: its packages, and the .venv of the checkout.
    """
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="making-") as name:
        scratch = Path(name)
        scratch.chmod(0o755)
        carry(scratch / "carried")
        folder = cache() / f"{release}{'-ready' if ready else ''}-{_digest(scratch / 'carried', ready)}"
        if not folder.exists():
            made = Image(scratch / "image")
            made.folder.mkdir()
            _make(release, ready, scratch, made)
            with contextlib.suppress(OSError):  # another process was quicker, and its image is as good
                made.folder.rename(folder)
    return Image(folder)


def _make(release: str, ready: bool, scratch: Path, image: Image) -> None:
    root = scratch / "root"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "maria", "-f", str(image.key)], check=True)
    public = image.key.with_suffix(".pub").read_text().strip()
    argv = [
        "mmdebstrap", "--quiet", "--variant=apt", "--dpkgopt=force-unsafe-io", f"--include={PACKAGES}",
        *[f"--aptopt={option}" for option in apt_options()],
        f'--customize-hook=cp -r --no-preserve=ownership {shlex.quote(str(scratch / "carried"))}/. "$1"',
        f'--customize-hook=sh {shlex.quote(str(HERE / "customize.sh"))} "$1" {shlex.quote(public)}',
        *(_ready_hook(scratch) if ready else ()), release, str(root),
    ]  # fmt: skip
    try:
        subprocess.run(as_root(["env", f"TMPDIR={scratch}", *argv]), check=True, timeout=3600)
        for name, kept in (("vmlinuz", image.kernel), ("initrd.img", image.initrd)):
            subprocess.run(as_root(["sh", "-c", 'cat "$1"/boot/"$2"-*', "sh", str(root), name]),
                           check=True, stdout=kept.open("wb"))  # fmt: skip
        with image.disk.open("wb") as disk:
            disk.truncate(DISK)
        subprocess.run(as_root(["mke2fs", "-q", "-t", "ext4", "-F", "-d", str(root), str(image.disk)]), check=True)
    finally:
        subprocess.run(as_root(["rm", "-rf", "--one-file-system", str(root)]), check=True)


def _ready_hook(scratch: Path) -> list[str]:
    bundle = scratch / "bundle"
    bundle_checkout(bundle)
    return [f'--customize-hook=sh {shlex.quote(str(HERE / "ready.sh"))} "$1" {shlex.quote(str(bundle))}']


def bundle_checkout(file: Path) -> None:
    """What is committed here, as a git bundle."""
    subprocess.run(["git", "bundle", "create", "--quiet", str(file), "HEAD"], cwd=ROOT, check=True)


def _digest(carried: Path, ready: bool) -> str:
    made_of = hashlib.sha256("\n".join([PACKAGES, str(DISK), *apt_options()]).encode())
    files = [HERE / "customize.sh", *sorted(file for file in carried.rglob("*") if file.is_file())]
    if ready:
        files += [HERE / "ready.sh", ROOT / "requirements.lock"]
        made_of.update("".join(WANTED.findall((ROOT / "bancada").read_text())).encode())
    for file in files:
        made_of.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return made_of.hexdigest()[:12]
