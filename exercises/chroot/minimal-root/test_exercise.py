"""A root directory built by hand, with somebody living in it."""

from __future__ import annotations

from bancada.evidence import Evidence, Mount, Process, Root
from bancada.judge import T, expect

SHELLS = ("sh", "bash", "dash", "ash", "busybox", "zsh", "ksh", "mksh", "fish", "rbash")
NAME = "chroot/minimal-root"
NOBODY = T("no process has its root in the folder", "nenhum processo tem a raiz na pasta")


def dwellers(seat: Evidence, folder: str) -> list[tuple[Process, Root]]:
    """Who lives in a root in the folder; told by the directory itself too, for pivot_root(2) hides its path."""
    staged = seat.folder(NAME)
    directories = {file.id for file in staged.files.values() if file.id} if staged else set()
    others = seat.processes.by_hand().in_other_root()
    living = others.where(lambda process: process in others.rooted_in(folder) or process.root_id in directories)
    return [(process, root) for process in living if (root := seat.root_of(process))]


def program_of(process: Process, root: Root) -> str:
    """The path of its program as the process itself would write it."""
    prefix = root.path if root.path != "/" else ""
    return (process.exe or "?").removeprefix(prefix)


def shells(root: Root) -> list[str]:
    return [
        f"/{path}"
        for path in root.files
        if path.rsplit("/", 1)[-1] in SHELLS and (program := root.program(f"/{path}")) and not program.missing
    ]


def spare_libraries(root: Root) -> list[str]:
    needed = {library for program in root.programs.values() for library in program.needs}
    return [library for library in root.libraries if library not in needed]


def borrowed(root: Root) -> list[Mount]:
    return [mount for mount in root.mounts if not mount.is_the_kernels]


def test_a_process_lives_in_a_root_in_the_folder(seat: Evidence, folder: str) -> None:
    found = T(
        "no process has its root there; the folder's directories are just directories",
        "nenhum processo tem a raiz lá; os diretórios da pasta são só diretórios",
    )
    elsewhere = seat.processes.by_hand().in_other_root()
    through_a_mount = seat.processes.rooted_in(folder)
    standing = seat.processes.by_hand().where(lambda process: process.root == "/" and process.stands_in(folder))
    if through_a_mount:
        found = T(
            "process {pid} has {root} as root, but that is the seat's own root directory, mounted there once more",
            "o processo {pid} tem {root} como raiz, mas esse é o diretório raiz da própria bancada, montado mais uma "
            "vez ali",
            pid=through_a_mount[0].pid,
            root=through_a_mount[0].root,
        )
    elif elsewhere:
        found = T(
            "process {pid} ({command}) has another root, but it is not in the folder: {root}",
            "o processo {pid} ({command}) tem outra raiz, mas ela não está na pasta: {root}",
            pid=elsewhere[0].pid,
            command=elsewhere[0].command,
            root=elsewhere[0].root,
        )
    elif standing:
        found = T(
            "process {pid} ({command}) stands in {cwd}, but its root is the seat's own",
            "o processo {pid} ({command}) está em {cwd}, mas a raiz dele é a da própria bancada",
            pid=standing[0].pid,
            command=standing[0].command,
            cwd=standing[0].cwd,
        )
    expect(
        dwellers(seat, folder),
        expected=T(
            "a running process whose root directory is one in {folder}",
            "um processo rodando cujo diretório raiz esteja em {folder}",
            folder=folder,
        ),
        found=found,
    )


def test_the_process_runs_a_program_of_that_root(seat: Evidence, folder: str) -> None:
    living = dwellers(seat, folder)
    found = NOBODY
    if living:
        found = T(
            "process {pid} has its root at {root}, but runs {exe}, which is not in it",
            "o processo {pid} tem a raiz em {root}, mas roda {exe}, que não está nela",
            pid=living[0][0].pid,
            root=living[0][0].root,
            exe=living[0][0].exe,
        )
    expect(
        any(program_of(process, root) in root.programs for process, root in living),
        expected=T(
            "the process in the root to run a program of that root",
            "que o processo que está na raiz rode um programa dessa raiz",
        ),
        found=found,
    )


def test_the_root_has_a_shell_that_can_start(seat: Evidence, folder: str) -> None:
    living = dwellers(seat, folder)
    found = NOBODY
    if living:
        root = living[0][1]
        lame = [(path, program) for path, program in root.programs.items() if program.missing]
        found = T(
            "{root} holds these programs: {programs}",
            "{root} contém estes programas: {programs}",
            root=living[0][0].root,
            programs=", ".join(sorted(root.programs)) or "-",
        )
        if lame:
            found = T(
                "{program} lacks {missing}",
                "falta a {program}: {missing}",
                program=lame[0][0],
                missing=", ".join(lame[0][1].missing),
            )
    expect(
        any(shells(root) for _, root in living),
        expected=T(
            "a shell in the root, with the loader and all libraries that it needs",
            "um shell na raiz, com o carregador e todas as bibliotecas de que ele precisa",
        ),
        found=found,
    )


def test_the_root_holds_only_the_libraries_that_its_programs_need(seat: Evidence, folder: str) -> None:
    living = dwellers(seat, folder)
    found = NOBODY
    if living:
        root = living[0][1]
        spare = spare_libraries(root)
        found = T(
            "libraries that no program there needs ({count}), such as {some}",
            "bibliotecas de que nenhum programa de lá precisa ({count}), como {some}",
            count=len(spare),
            some=", ".join(spare[:3]),
        )
        if root.truncated:
            found = T("more than {count} files", "mais de {count} arquivos", count=len(root.files))
    expect(
        any(not spare_libraries(root) and not root.truncated for _, root in living),
        expected=T(
            "in the root, only libraries that some program of it needs",
            "na raiz, só bibliotecas de que algum programa dela precisa",
        ),
        found=found,
    )


def test_the_root_borrows_nothing_from_the_seat(seat: Evidence, folder: str) -> None:
    living = dwellers(seat, folder)
    found = NOBODY
    if living:
        mounts = borrowed(living[0][1])
        found = T(
            "mounted in it: {mounts}",
            "montado nela: {mounts}",
            mounts=", ".join(f"{mount.target} ({mount.fstype})" for mount in mounts[:3]),
        )
    expect(
        any(not borrowed(root) for _, root in living),
        expected=T(
            "a root whose files are its own, with nothing of the seat mounted into it",
            "uma raiz cujos arquivos são dela mesma, sem nada da bancada montado lá dentro",
        ),
        found=found,
    )
