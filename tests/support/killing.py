"""Runs of the program that are killed, or fail, at a call of their own choice; see kill_at.c.

    program = Killable(folder)             # with ldap2alma.yaml in it
    program.run(at=17, clock=DAY)          # dead before its 17th call that changes a file
    program.run(clock=DAY)                 # and on
"""

import os
import pathlib
import signal
import subprocess

from conftest import BUILD, PROGRAM

LIBRARY = BUILD / "tests/support/.libs/kill_at.so"
KILLED = -signal.SIGKILL


class Killable:
    """`log` tells of the calls of the last run, `shadows` is for power_loss.py."""

    def __init__(self, folder, beside):
        assert LIBRARY.exists(), "`make check` builds it"
        self.folder = pathlib.Path(folder).resolve()
        beside = pathlib.Path(beside).resolve()
        self.log = beside / "calls"
        self.shadows = beside / "shadows"

    def environment(self, clock=None, **settings):
        """`settings` are those of kill_at.c, in its words but lower case."""
        settings = {name.upper(): str(value) for name, value in settings.items()}
        if clock:
            settings["CLOCK_BEGIN"] = str(int(clock))
        return {**os.environ, "LD_PRELOAD": str(LIBRARY), "TZ": "UTC",
                "KILL_FOLDER": str(self.folder), **settings}

    def start(self, *options, verb="run", clock=None, stdin=subprocess.DEVNULL, **settings):
        self.log.unlink(missing_ok=True)
        return subprocess.Popen([PROGRAM, verb, *options], cwd=self.folder, text=True,
                                stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment(clock, kill_log=self.log, **settings))

    def run(self, *options, clock=None, **settings):
        process = self.start(*options, clock=clock, **settings)
        output, errors = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def run_for_power_loss(self, **settings):
        self.shadows.mkdir(exist_ok=True)
        for shadow in self.shadows.iterdir():
            shadow.unlink()
        return self.run(kill_shadow=self.shadows, **settings)

    def calls(self):
        """(call, path) of the last run, in order."""
        lines = [line.split("\t") for line in self.log.read_text().splitlines()]
        return [(call, path) for _, call, path, _ in lines]
