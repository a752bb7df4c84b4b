#!/bin/bash
# make_repository.sh FOLDER SUITE: an apt repository with two versions of packages that look like Docker's, signed by a key
# made here. Leaves key.asc, other.asc (a stranger's key) and both.asc in FOLDER, and prints the fingerprint of key.asc.
# Needs gpg and dpkg-deb only.
set -euo pipefail

folder=$1 suite=$2
arch=$(dpkg --print-architecture)
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gnupg" --kill all; rm -rf "$work"' EXIT
rm -rf "$folder"
packages=dists/$suite/stable/binary-$arch
mkdir -p "$folder/pool" "$folder/$packages" "$work/gnupg"
chmod 0700 "$work/gnupg"

package() { # NAME VERSION FIELD...: build a package of what is in $work/root, and list it
    local name=$1 version=$2 deb=pool/$1_${2/:/_}.deb
    mkdir -p "$work/root/DEBIAN"
    {
        printf '%s\n' "Package: $name" "Version: $version" "Architecture: $arch" "Maintainer: Test <test@localhost>" "${@:3}"
        printf 'Description: stands in for %s\n' "$name"
    } >"$work/root/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$work/root" "$folder/$deb" >/dev/null
    {
        cat "$work/root/DEBIAN/control"
        echo "Filename: $deb"
        echo "Size: $(stat -c %s "$folder/$deb")"
        echo "SHA256: $(sha256sum <"$folder/$deb" | cut -d' ' -f1)"
        echo
    } >>"$folder/$packages/Packages"
    rm -rf "$work/root"
}

unit() { # NAME, its text on stdin
    mkdir -p "$work/root/usr/lib/systemd/system"
    cat >"$work/root/usr/lib/systemd/system/$1"
}

for version in 27.3.1 27.30.0; do # 27.3 must find the first, though the second begins alike
    full="5:$version-1~debian~$suite"
    printf '[Unit]\nRequires=docker.socket\nWants=containerd.service\n[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' |
        unit docker.service
    printf '[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\nSocketGroup=docker\n[Install]\nWantedBy=sockets.target\n' |
        unit docker.socket
    package docker-ce "$full" "Depends: docker-ce-cli, containerd.io" "Conflicts: docker.io" "Replaces: docker.io"

    mkdir -p "$work/root/usr/bin"
    printf '#!/bin/sh\necho "Docker version %s"\n' "$version" >"$work/root/usr/bin/docker"
    chmod +x "$work/root/usr/bin/docker"
    package docker-ce-cli "$full" "Conflicts: docker.io, docker-cli"

    printf '[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' | unit containerd.service
    package containerd.io "1.7.${version#*.}-1" "Conflicts: containerd, runc" "Provides: containerd, runc"
    package docker-buildx-plugin "0.${version#*.}-1~debian~$suite"
    package docker-compose-plugin "2.${version#*.}-1~debian~$suite" "Conflicts: docker-compose"
done

gpg() { command gpg --homedir "$work/gnupg" --batch --quiet --pinentry-mode loopback --passphrase '' "$@"; }
gpg --quick-generate-key key@localhost rsa3072 sign never
gpg --quick-generate-key other@localhost rsa3072 sign never
gpg --armor --export key@localhost >"$folder/key.asc"
gpg --armor --export other@localhost >"$folder/other.asc"
gpg --armor --export >"$folder/both.asc"

release=$folder/dists/$suite/Release
listed=stable/binary-$arch/Packages
{
    printf '%s\n' "Origin: Test" "Suite: $suite" "Codename: $suite" "Architectures: $arch" "Components: stable"
    echo "Date: $(date -Ru)"
    echo "SHA256:"
    echo " $(sha256sum <"$folder/$packages/Packages" | cut -d' ' -f1) $(stat -c %s "$folder/$packages/Packages") $listed"
} >"$release"
gpg --local-user key@localhost --clearsign --output "${release%Release}InRelease" "$release"
chmod -R a+rX "$folder"

gpg --with-colons --fingerprint key@localhost | awk -F: '$1 == "fpr" { print $10; exit }'
