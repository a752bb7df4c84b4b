"""What role `kernel` decides from what it saw.

The results fed in here are made up, since most of these kernels cannot be had on one machine; the last tests use the
real kernel. Loading a module and changing the command line of a kernel are decided here, and done in tests/vm.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "kernel"
PROBE = ROLE / "library" / "kernel_probe.py"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


kernel_probe = load(PROBE)
kernel_verdict = load(ROLE / "filter_plugins" / "kernel_verdict.py")


def verdict(
    *mends: str,
    container: str = "none",
    may_reboot: bool = True,
    release: str = "6.1.0-18-amd64",
    minimum: str = "2.6.24",
    usable: bool = False,
) -> dict[str, Any]:
    """The verdict on a seat whose feature `user` was refused, and would be mended by *mends*."""
    user = {"usable": usable, "tried": "", "reason": "" if usable else "unshare: No", "mend": list(mends)}
    veth = {"usable": True, "tried": "", "reason": "", "mend": []}
    probe = {"release": release, "container": container, "features": {"user": user, "veth": veth}}
    result: dict[str, Any] = kernel_verdict.kernel_verdict(probe, minimum, may_reboot)
    return result


# --- the floor -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", ["2.6.24", "2.6.24-1-amd64", "2.6.32", "3.0", "4.19.0-26-amd64", "6.18.44+deb13"])
def test_a_kernel_at_or_above_the_floor_is_new_enough(release: str) -> None:
    assert verdict(usable=True, release=release) == {"mends": [], "missing": "", "beyond": ""}


@pytest.mark.parametrize("release", ["2.6.23", "2.6.23.17-rc1", "2.6.9", "2.4.37"])
def test_a_kernel_below_the_floor_is_named_and_is_beyond_mending(release: str) -> None:
    result = verdict(usable=True, release=release)
    assert f"{release}, is older than 2.6.24: boot a newer kernel" in result["missing"]
    assert result["beyond"] == result["missing"]


def test_the_floor_counts_numbers_and_not_letters() -> None:
    assert "is older than 6.10" in verdict(usable=True, release="6.9.1", minimum="6.10")["missing"]
    assert verdict(usable=True, release="6.10", minimum="6.10.0")["missing"] == ""


def test_a_floor_that_is_no_release_is_an_error() -> None:
    with pytest.raises(ValueError, match="'newest' is no kernel release"):
        verdict(usable=True, minimum="newest")


# --- who may mend what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mend", ["sysctl:user.max_user_namespaces=10000", "module:veth", "parameter:X=Y", "no_parameter:X=Y"]
)
def test_a_machine_with_its_own_kernel_is_mended(mend: str) -> None:
    result = verdict(mend)
    assert result["mends"] == [mend]
    assert result["beyond"] == ""
    assert "user (unshare: No)" in result["missing"]


@pytest.mark.parametrize("container", ["podman", "lxc", "wsl", "unknown"])
@pytest.mark.parametrize(
    "mend", ["sysctl:user.max_user_namespaces=10000", "module:veth", "parameter:X=Y", "no_parameter:X=Y"]
)
def test_the_kernel_of_a_host_is_never_changed_from_a_container(container: str, mend: str) -> None:
    result = verdict(mend, container=container)
    assert result["mends"] == []
    assert "on the machine that runs the seat" in result["beyond"]


def test_a_container_may_make_its_own_cgroups_writable_and_a_machine_has_no_need_to() -> None:
    unit = "unit:bancada-cgroups.service"
    assert verdict(unit, container="podman")["mends"] == [unit]
    assert verdict(unit, container="none")["mends"] == []
    assert verdict(unit, container="unknown")["mends"] == []


def test_the_command_line_waits_for_leave_to_reboot() -> None:
    added = verdict("parameter:cgroup_enable=memory", may_reboot=False)
    assert added["mends"] == []
    assert "add cgroup_enable=memory to the kernel's command line and reboot" in added["beyond"]
    taken = verdict("no_parameter:cgroup_disable=memory", may_reboot=False)
    assert taken["mends"] == []
    assert "take cgroup_disable=memory off the kernel's command line and reboot" in taken["beyond"]


def test_nothing_is_mended_by_halves() -> None:
    result = verdict("sysctl:kernel.unprivileged_userns_clone=1", "config:CONFIG_USER_NS")
    assert result["mends"] == []
    assert result["beyond"]


# --- the sentence ----------------------------------------------------------------------------------------------------


def test_the_sentence_names_what_is_missing_why_and_how_to_get_it() -> None:
    assert verdict("sysctl:user.max_user_namespaces=10000", container="podman")["missing"] == (
        "The kernel of this seat, 6.1.0-18-amd64, does not give user (unshare: No): "
        "run `sysctl -w user.max_user_namespaces=10000` on the machine that runs the seat."
    )


@pytest.mark.parametrize(
    "kind", ["sysctl", "module", "forbidden", "parameter", "no_parameter", "config", "unit", "capability", "delegation"]
)
@pytest.mark.parametrize("container", ["none", "podman"])
def test_every_kind_of_mend_has_its_words(kind: str, container: str) -> None:
    missing = verdict(f"{kind}:THIS", container=container)["missing"]
    assert "THIS" in missing
    assert "{" not in missing


def test_a_refusal_that_nobody_understands_is_still_named() -> None:
    assert verdict()["beyond"].endswith("user (unshare: No): look for the cause in the kernel's log (dmesg).")


def test_features_with_one_way_out_share_a_clause() -> None:
    refused = {"usable": False, "tried": "", "reason": "no", "mend": ["capability:CAP_SYS_ADMIN"]}
    absent = {"usable": False, "tried": "", "reason": "gone", "mend": ["config:CONFIG_TIME_NS"]}
    features = {"mnt": refused, "uts": refused, "time": absent}
    probe = {"release": "6.1", "container": "podman", "features": features}
    missing = kernel_verdict.kernel_verdict(probe, "2.6.24", True)["missing"]
    assert "does not give mnt (no), uts (no): start the seat with CAP_SYS_ADMIN" in missing
    assert "; it does not give time (gone): boot a kernel built with CONFIG_TIME_NS" in missing


# --- from the kernel's refusal to the mend ---------------------------------------------------------------------------


def settings(monkeypatch: pytest.MonkeyPatch, **values: int) -> None:
    monkeypatch.setattr(kernel_probe, "sysctl", lambda name: values.get(name.rpartition(".")[2]))


def test_debian_and_ubuntu_settings_that_forbid_user_namespaces_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings(
        monkeypatch, unprivileged_userns_clone=0, apparmor_restrict_unprivileged_userns=1, max_user_namespaces=4000
    )
    both = ["sysctl:kernel.unprivileged_userns_clone=1", "sysctl:kernel.apparmor_restrict_unprivileged_userns=0"]
    assert kernel_probe.mend_unprivileged_userns(errno.EPERM) == both
    settings(monkeypatch, unprivileged_userns_clone=0, max_user_namespaces=0, max_uts_namespaces=20000)
    limit = "sysctl:user.max_user_namespaces=10000"
    assert kernel_probe.mend_unprivileged_userns(errno.EPERM) == [both[0], limit]
    assert kernel_probe.mend_unprivileged_userns(errno.ENOSPC) == [both[0], limit]


def test_settings_that_allow_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings(monkeypatch, unprivileged_userns_clone=1, apparmor_restrict_unprivileged_userns=0)
    assert kernel_probe.mend_unprivileged_userns(errno.EPERM) == []


def test_a_limit_is_only_raised_where_it_is_low(monkeypatch: pytest.MonkeyPatch) -> None:
    settings(monkeypatch, max_net_namespaces=0)
    assert kernel_probe.mend_namespace("net", errno.ENOSPC) == ["sysctl:user.max_net_namespaces=10000"]
    settings(monkeypatch, max_net_namespaces=90000)
    assert kernel_probe.mend_namespace("net", errno.ENOSPC) == []


def test_a_missing_type_a_missing_module_and_a_missing_capability_are_told_apart() -> None:
    assert kernel_probe.mend_namespace("time", errno.ENOENT) == ["config:CONFIG_TIME_NS"]
    assert kernel_probe.mend_namespace("time", errno.EPERM) == ["capability:CAP_SYS_ADMIN"]
    assert kernel_probe.FEATURES["overlayfs"][2](errno.ENODEV) == ["module:overlay"]
    assert kernel_probe.FEATURES["veth"][2](errno.EOPNOTSUPP) == ["module:veth"]
    assert kernel_probe.FEATURES["bridge"][2](errno.EPERM) == ["capability:CAP_SYS_ADMIN and CAP_NET_ADMIN"]


def test_the_line_that_forbids_a_module_is_found_with_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "etc/modprobe.d"
    folder.mkdir(parents=True)
    (folder / "shut.conf").write_text("# blacklist overlay\nblacklist overlayfs\noptions overlay x=1\n")
    assert kernel_probe.forbidding("overlay", tmp_path) == ""
    (folder / "shut.conf").write_text("blacklist veth\n  install   overlay\t/bin/false\n")
    assert kernel_probe.forbidding("overlay", tmp_path) == f"`install overlay /bin/false` out of {folder}/shut.conf"
    assert kernel_probe.forbidding("veth", tmp_path) == f"`blacklist veth` out of {folder}/shut.conf"


def test_a_line_that_forbids_a_module_is_for_a_person_to_take_out() -> None:
    line = "`blacklist veth` out of /etc/modprobe.d/shut.conf"
    result = verdict(f"forbidden:{line}")
    assert result["mends"] == []
    assert f": take the line {line}." in result["beyond"]


def test_a_controller_left_out_by_the_command_line_comes_back_by_it() -> None:
    word = "cgroup_disable=cpu,memory"
    assert kernel_probe.mend_command_line("memory", f"quiet {word} ro\n") == f"no_parameter:{word}"
    assert kernel_probe.mend_command_line("memory", "quiet cgroup_disable=cpu") == "parameter:cgroup_enable=memory"


def test_the_word_that_asks_for_version_1_is_found() -> None:
    word = "systemd.unified_cgroup_hierarchy"
    assert kernel_probe.asks_for_version_1(f"ro {word}=0 quiet") == [f"{word}=0"]
    assert kernel_probe.asks_for_version_1(f"ro {word}=1 quiet") == []


def test_a_read_only_hierarchy_is_mended_by_the_unit_on_version_1_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_probe, "hierarchy", lambda controller: (1, Path("/sys/fs/cgroup/pids")))
    assert kernel_probe.mend_cgroup("pids", errno.EROFS) == ["unit:bancada-cgroups.service"]
    monkeypatch.setattr(kernel_probe, "hierarchy", lambda controller: (2, Path("/sys/fs/cgroup")))
    assert kernel_probe.mend_cgroup("pids", errno.EROFS) == ["delegation:pids"]


# --- a directory in the place of a version 2 hierarchy ---------------------------------------------------------------


@pytest.mark.parametrize(("before", "written"), [("memory pids", "-cpu"), ("cpu memory", "cpu memory")])
def test_a_controller_is_switched_off_again_only_where_the_probe_switched_it_on(
    tmp_path: Path, before: str, written: str
) -> None:
    switch = tmp_path / "cgroup.subtree_control"
    switch.write_text(before)
    with kernel_probe.child_cgroup(tmp_path, 2, "cpu") as child:
        assert child.is_dir()
        assert switch.read_text() == ("+cpu" if written == "-cpu" else before)
    assert switch.read_text() == written
    assert not child.exists()


# --- on the real kernel ----------------------------------------------------------------------------------------------


def probed(*prefix: str, features: list[str]) -> dict[str, Any]:
    """What the probe says in a process of its own, begun by *prefix*."""
    program = (
        "import importlib.util as u, json, sys; s = u.spec_from_file_location('kernel_probe', sys.argv[1]); "
        "m = u.module_from_spec(s); s.loader.exec_module(m); print(json.dumps(m.probe(sys.argv[2:])))"
    )
    command = [*prefix, sys.executable, "-c", program, str(PROBE), *features]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(result.stdout))


@pytest.fixture
def in_user_namespace() -> tuple[str, ...]:
    prefix = ("unshare", "--user", "--map-root-user")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this computer makes no user namespaces, in which limits can be set without harm")
    return prefix


def test_a_limit_of_no_namespaces_is_seen_and_the_setting_named(in_user_namespace: tuple[str, ...]) -> None:
    # The limit is that of the new user namespace; the computer's own stays as it is.
    shut = ("sh", "-c", 'for t in user net; do echo 0 >/proc/sys/user/max_${t}_namespaces; done; exec "$@"', "sh")
    results = probed(*in_user_namespace, *shut, features=["uts", "user", "net", "veth"])
    assert {name: result["usable"] for name, result in results.items()} == {
        "uts": True,
        "user": False,
        "net": False,
        "veth": False,
    }
    assert results["user"]["mend"] == ["sysctl:user.max_user_namespaces=10000"]
    assert results["veth"]["reason"] == "unshare: No space left on device"


def test_a_user_namespace_in_which_root_may_do_nothing_is_not_usable(in_user_namespace: tuple[str, ...]) -> None:
    # What Ubuntu's AppArmor does, got by other means: the namespace is made, and its root is refused the next one.
    shut = ("sh", "-c", 'echo "$0" >/proc/sys/user/max_uts_namespaces; exec "$@"')
    user = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    usable = {
        limit: probed(*in_user_namespace, *shut, limit, *user, features=["unprivileged_userns"])["unprivileged_userns"]
        for limit in ("100", "0")
    }
    assert usable["100"]["usable"]
    assert not usable["0"]["usable"]


def test_only_what_was_asked_for_is_tried_and_reported(in_user_namespace: tuple[str, ...]) -> None:
    assert list(probed(*in_user_namespace, features=["uts", "ipc"])) == ["uts", "ipc"]


def test_an_attempt_changes_nothing_outside_its_child(in_user_namespace: tuple[str, ...]) -> None:
    look = "readlink /proc/self/ns/*; hostname; stat -c %d:%i /tmp; ls -d /tmp/lower /tmp/upper /tmp/merged || true"
    script = f'{look}; "$@" >/dev/null; echo ===; {look}'
    program = "import kernel_probe as k; k.probe([name for name in k.FEATURES if not name.startswith('cgroup_')])"
    path = f"PYTHONPATH={PROBE.parent}"
    command = [*in_user_namespace, "env", path, "sh", "-c", script, "sh", sys.executable, "-B", "-c", program]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    before, after = output.split("===\n")
    assert before == after


def test_a_fault_of_the_probe_is_never_taken_for_a_missing_feature() -> None:
    def fault() -> None:
        raise KeyError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        kernel_probe.attempt(fault)


def test_an_attempt_that_hangs_is_ended_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import signal

    monkeypatch.setattr(kernel_probe, "SECONDS", 1)
    assert kernel_probe.attempt(signal.pause) == (errno.EINTR, "the attempt was killed by signal 14")


# --- one list of features --------------------------------------------------------------------------------------------


def test_defaults_arguments_and_probe_know_the_same_features() -> None:
    spec = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    assert defaults == {name: option["default"] for name, option in spec.items()}
    assert spec["kernel_features"]["choices"] == list(kernel_probe.FEATURES) == defaults["kernel_features"]
