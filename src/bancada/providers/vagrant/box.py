"""Boxes: an image of a disk as Vagrant takes it, for libvirt and for VirtualBox."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

from bancada.reach.run import run

FILES = Path(__file__).parent / "files"
VAGRANTFILE = """\
Vagrant.configure("2") do |config|
  config.vm.base_mac = "080027B0B0CA"
end
"""


def libvirt(disk: Path, box: Path) -> None:
    """A box of a qcow2 image."""
    size = -(-virtual_bytes(disk) // 2**30)
    _pack(box, {"provider": "libvirt", "format": "qcow2", "virtual_size": size}, {"box.img": disk})


def virtualbox(disk: Path, box: Path) -> None:
    """A box of the same image, as VMware's disk format and a description of the machine, which VirtualBox imports."""
    vmdk = box.with_name("box-disk001.vmdk")
    ovf = box.with_name("box.ovf")
    try:
        run(
            ["qemu-img", "convert", "-O", "vmdk", "-o", "subformat=streamOptimized", str(disk), str(vmdk)], timeout=1800
        )
        text = (FILES / "box.ovf").read_text(encoding="utf-8")
        values = {"BYTES": vmdk.stat().st_size, "CAPACITY": virtual_bytes(disk)}
        for key, value in values.items():
            text = text.replace(f"@{key}@", str(value))
        ovf.write_text(text, encoding="utf-8")
        _pack(box, {"provider": "virtualbox"}, {"box.ovf": ovf, "box-disk001.vmdk": vmdk})
    finally:
        vmdk.unlink(missing_ok=True)
        ovf.unlink(missing_ok=True)


def virtual_bytes(disk: Path) -> int:
    """The size of the disk as the machine sees it."""
    said = json.loads(run(["qemu-img", "info", "--output=json", str(disk)]).stdout)
    return int(said["virtual-size"])


def checksum(file: Path) -> str:
    """SHA-256, as Vagrant's box_download_checksum takes it."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pack(box: Path, metadata: dict[str, object], files: dict[str, Path]) -> None:
    partial = box.with_name(f".{box.name}.part")
    folder_files = {"metadata.json": json.dumps(metadata) + "\n", "Vagrantfile": VAGRANTFILE}
    try:
        with tarfile.open(partial, "w") as tar:
            for name, text in folder_files.items():
                path = box.with_name(f".{name}")
                path.write_text(text, encoding="utf-8")
                tar.add(path, name)
                path.unlink()
            for name, path in files.items():
                tar.add(path, name)
        partial.replace(box)
    finally:
        partial.unlink(missing_ok=True)
