"""What role `student` promises, seen on a prepared seat: who may come in and how, and what meets them there.

The seat is expected in Portuguese, the role's default; BANCADA_LANGUAGE=en says that it was prepared in English.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

LANGUAGE = os.environ.get("BANCADA_LANGUAGE", "pt-BR")
# Default locale, the file that the greeting points to, and the one that it must not.
LOCALE, TASK, OTHER_TASK = {
    "pt-BR": ("pt_BR.UTF-8", "TAREFA.md", "TASK.md"),
    "en": ("en_US.UTF-8", "TASK.md", "TAREFA.md"),
}[LANGUAGE]

SSH = "/usr/bin/ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"

# Terminals that people have; the last is one that nobody has heard of.
TERMINALS = ["xterm-256color", "alacritty", "xterm-kitty", "foot", "konsole-256color", "tmux-256color", "xterm-2099"]

# Each tool at work, as the student.
TOOLS = {
    "busybox": "busybox true",
    "bwrap": "sudo -n bwrap --ro-bind / / --unshare-pid true",
    "capsh": "/usr/sbin/capsh --print",
    "column": "echo a b | column -t",
    "curl": "curl --version",
    "file": "file /bin/busybox | grep 'statically linked'",
    "fuser": "fuser --version",
    "getcap": "/usr/sbin/getcap /bin/true",
    "hexdump": "echo a | hexdump -C",
    "ip": "ip link show lo",
    "jq": "echo '{}' | jq .",
    "ldd": "ldd /bin/bash | grep libc",
    "less": "less --version",
    "kmod": "kmod --version",
    "lsns": "lsns",
    "lsof": "lsof -p $$",
    "man": "man --where unshare",
    "netcat": "nc -h 2>&1 | grep OpenBSD",
    "nano": "nano --version",
    "nsenter": "nsenter --version",
    "ping": "ping -c 1 127.0.0.1",
    "ps": "ps -ef",
    "pstree": "pstree",
    "seccomp in Python": "python3 -c 'import seccomp; seccomp.SyscallFilter(seccomp.ALLOW).load()'",
    "socat": "echo a | socat - EXEC:cat | grep a",
    "ss": "ss -tln",
    "strace": "strace -o /dev/null true",
    "systemd-nspawn": "systemd-nspawn --version && machinectl list",
    "tmux": "tmux -V",
    "top": "top -bn1",
    "tree": "tree -L 1 /etc/ssh",
    "unshare": "sudo -n unshare --uts true",
    "vi": "vi --version",
}


@pytest.fixture(scope="module")
def login(host: Host) -> Iterator[Callable[..., str]]:
    """Enter the seat as the student over SSH, from the seat itself, with a key that is gone afterwards."""
    folder = host.check_output("mktemp --directory")
    extra = "/home/student/.ssh/authorized_keys2"  # sshd reads it too, and the role does not manage it
    host.check_output(f"ssh-keygen -q -t ed25519 -N '' -f {folder}/key")
    host.check_output(f"sudo install -o student -g student -m 600 {folder}/key.pub {extra}")

    def enter(options: str, typed: str = "") -> str:
        # The environment is empty, so that nothing of the administrator's language gets through.
        ssh = f"env -i TERM=dumb timeout 20 {SSH} -o LogLevel=ERROR -i {folder}/key {options}"
        done = host.run(f"printf '{typed}' | {ssh}")
        return str(done.stdout + done.stderr).replace("\r\n", "\n")

    yield enter
    host.run(f"sudo rm -f {extra}; rm -rf {folder}")


def knock(host: Host, user: str, options: str = "-o PreferredAuthentications=none") -> str:
    """What sshd answers to somebody whom it does not let in; it names the ways in that it would take."""
    # The exit status is hidden, since testinfra takes 255 for a failure of its own connection.
    return str(host.run(f"{SSH} -o LogLevel=ERROR {options} {user}@127.0.0.1 || true").stderr).strip()


@pytest.mark.parametrize("user", ["student", "root", "bancada", "nobody-at-all"])
def test_sshd_offers_keys_as_the_only_way_in(host: Host, user: str) -> None:
    assert knock(host, user) == f"{user}@127.0.0.1: Permission denied (publickey)."


@pytest.mark.parametrize("user", ["student", "root"])
def test_passwords_are_off_in_the_effective_configuration(host: Host, user: str) -> None:
    effective = host.check_output(f"sudo /usr/sbin/sshd -T -C user={user},host=localhost,addr=127.0.0.1").splitlines()
    assert "passwordauthentication no" in effective
    assert "kbdinteractiveauthentication no" in effective
    assert {"permitrootlogin no", "permitrootlogin without-password"} & set(effective)
    assert {"acceptenv LANG", "acceptenv LC_*"} <= set(effective)


def test_wrong_keys_do_not_shut_the_address_out(host: Host) -> None:
    folder = host.check_output("mktemp --directory")
    host.check_output(f"ssh-keygen -q -t ed25519 -N '' -f {folder}/wrong")
    # Left alone, OpenSSH 9.8 and newer stops answering an address at the fourth wrong key within a few seconds.
    answers = {knock(host, "student", f"-i {folder}/wrong") for _ in range(6)}
    host.check_output(f"rm -r {folder}")
    assert answers == {"student@127.0.0.1: Permission denied (publickey)."}


def test_the_student_has_a_shell_and_no_password(host: Host) -> None:
    assert host.user("student").shell == "/bin/bash"
    assert host.check_output("sudo passwd --status student").split()[1] == "L"


def test_only_the_student_reads_and_writes_the_keys(host: Host) -> None:
    with host.sudo():
        folder = host.file("/home/student/.ssh")
        assert (folder.user, folder.group, folder.mode) == ("student", "student", 0o700)
        keys = host.file("/home/student/.ssh/authorized_keys")
        if not keys.exists:
            pytest.skip("the seat was prepared without a student's key, as a baked image is")
        assert (keys.user, keys.group, keys.mode) == ("student", "student", 0o600)


def test_the_student_becomes_root_without_a_password(host: Host) -> None:
    assert host.check_output("sudo -u student sudo -n id -u") == "0"


@pytest.mark.parametrize(("locale", "november"), [("pt_BR.UTF-8", "novembro"), ("en_US.UTF-8", "November")])
def test_both_locales_are_generated(host: Host, locale: str, november: str) -> None:
    assert locale.replace("UTF-8", "utf8") in host.check_output("locale -a").splitlines()
    assert host.check_output(f"LC_ALL={locale} date --date 2026-11-23 +%B") == november


@pytest.mark.parametrize("tool", TOOLS)
def test_the_student_can_run(host: Host, tool: str) -> None:
    done = host.run("sudo -u student -i sh -c %s", TOOLS[tool])
    assert done.rc == 0, done.stderr


def test_systemd_container_starts_nothing_with_the_seat(host: Host) -> None:
    # One that was asked something runs for a while; none is started before somebody asks.
    units = host.check_output("systemctl list-unit-files --no-legend 'systemd-*.service'").split("\n")
    of_package = host.check_output("dpkg -L systemd-container | grep -o '[^/]*[.]service$'").split()
    enabled = {line.split()[0] for line in units if line.split()[1] == "enabled"}
    assert of_package
    assert not enabled & set(of_package)
    wanted = host.check_output("systemctl list-dependencies --plain default.target").split()
    assert not set(wanted) & set(of_package)


def test_the_greeting_is_in_the_language_of_the_class(login: Callable[..., str]) -> None:
    seen = login("-tt student@127.0.0.1", "exit\\n")
    assert TASK in seen
    assert OTHER_TASK not in seen


def test_a_login_shows_the_greeting_and_the_prompt_only(host: Host, login: Callable[..., str]) -> None:
    greeting = [line for line in host.check_output("cat /etc/motd").splitlines() if line]
    seen = login("-tt student@127.0.0.1", "exit\\n")
    # The terminal may echo what is typed anywhere before the shell is there to read it.
    *before, prompt, _leaving = [line for line in seen.splitlines() if line not in ("", "exit")]
    assert before == greeting
    assert prompt.startswith("student@")


def test_a_command_over_ssh_answers_itself_only(login: Callable[..., str]) -> None:
    assert login("student@127.0.0.1 echo hello") == "hello\n"


def test_the_default_locale_is_in_the_language_of_the_class(login: Callable[..., str]) -> None:
    assert login("student@127.0.0.1 'echo $LANG'") == f"{LOCALE}\n"


def test_the_students_own_locale_is_accepted(login: Callable[..., str]) -> None:
    assert login("-o SetEnv=LC_ALL=C.UTF-8 student@127.0.0.1 'echo $LC_ALL'") == "C.UTF-8\n"


@pytest.mark.parametrize("terminal", TERMINALS)
def test_any_terminal_can_be_worked_at(host: Host, terminal: str) -> None:
    done = host.run("su - student -c %s", f"TERM={terminal} bash -lc 'tput clear && echo 1 | less -F'")
    assert done.rc == 0 and "WARNING" not in done.stderr + done.stdout, done.stderr
