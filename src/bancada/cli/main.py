"""The group of all verbs, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from types import TracebackType

import click

from bancada import __version__
from bancada.cli import author, machine, results, seats, work
from bancada.reach.child import interrupt
from bancada.reach.environment import see_paths, take_over
from bancada.reach.system_error import explain
from bancada.words.errors import BancadaError, Exit
from bancada.words.shown import say


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bancada")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.option("--yes", is_flag=True, expose_value=False, help="First word: agree to what is missing being installed.")
def cli(debug: bool) -> None:
    """Give every student of a class the same machine, and prove what state it is in.

    A seat is one student machine; the inventory names all of them. Begin with: ./bancada up
    """


for command in (
    *(seats.up, seats.status, seats.ssh, seats.restore, seats.down),
    *(work.stage, work.check, work.solve, work.reset),
    *(results.report, results.rejudge),
    *(author.new, author.lint, author.try_, author.prove),
    *(machine.doctor, machine.bake, machine.test),
):
    cli.add_command(command)


def _listen() -> None:
    """A plain `kill`, and a terminal that is closed, end any verb as cleanly as Ctrl-C; nohup(1) stays in force."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)


def _tell_whole(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """A traceback, in which a seat's words may stand too."""
    say("".join(traceback.format_exception(kind, error, where)).rstrip(), err=True)


def main() -> None:
    """Run the command line and exit with 0, 1, 2, 3 or, on Ctrl-C, 130."""
    take_over()
    if debug := "--debug" in sys.argv[1:2]:
        sys.excepthook = _tell_whole
    _listen()
    try:
        see_paths()
        code = cli.main(prog_name="./bancada", standalone_mode=False)
    except SystemExit as ended:  # a verb that says its own exit code
        code = ended.code
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        code = Exit.USAGE
    except click.ClickException as error:
        error.show()
        code = Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("Interrupted. Type the same command again: it picks up from what is there.", err=True)
        code = Exit.INTERRUPTED
    except BancadaError as error:
        if debug:
            raise
        say(str(error), err=True)
        code = error.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.PASSED
    except OSError as error:
        if debug:
            raise
        told = explain(error)
        say(str(told), err=True)
        code = told.code
    except Exception as error:
        if debug:
            raise
        what = f"This is a fault of Bancada itself: {type(error).__name__}: {error}"
        say(str(BancadaError(what, next=f"./bancada --debug {' '.join(sys.argv[1:])}")), err=True)
        code = Exit.BENCH
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done and said; Python only has to end
    sys.exit(int(code or 0))
