"""java_driver: stand-ins for identity frameworks, written in Java as those are; see java/Driver.java.

    with JavaDriver("Lsc", classes, "8", "KEY=value") as lsc:
        words = lsc.call("list", "/path/of/script")        # one call; Failed where that threw
        outcomes = lsc.calls([("list", "a"), ...])         # at once, in its threads; in their order

`classes` is the fixture java_classes, which skips where no JDK is installed.
"""

import base64
import os
import shutil
import subprocess
import threading

import pytest
from conftest import TOP

SOURCES = TOP / "tests/support/java"


class Failed(Exception):
    """A call threw: the class of the exception and its text."""


@pytest.fixture(scope="session")
def java_classes(tmp_path_factory):
    if not shutil.which("javac"):
        pytest.skip("no JDK is installed")
    classes = tmp_path_factory.mktemp("classes")
    subprocess.run(["javac", "-encoding", "UTF-8", "-Xlint:all", "-Werror", "-d", classes, *SOURCES.glob("*.java")],
                   check=True)
    return classes


def encode(words):
    return " ".join(base64.b64encode(word.encode()).decode() or "-" for word in words) + "\n"


class JavaDriver:
    """`arguments` are its own, `options` the JVM's; `environment` all that the JVM has beside PATH."""

    def __init__(self, name, classes, *arguments, options=(), environment=None):
        environment = {"PATH": os.environ["PATH"], **(environment or {"LC_ALL": "C.UTF-8"})}
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *options, "-cp", classes, name, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="ascii", env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(60) == 0

    def kill(self):
        """What a framework that dies leaves: all pipes of its scripts closed."""
        self.process.kill()
        self.process.wait()

    def send(self, calls):
        for words in calls:
            self.process.stdin.write(encode(words))
        self.process.stdin.flush()

    def calls(self, calls):
        calls = list(calls)
        sender = threading.Thread(target=self.send, args=(calls,))
        sender.start()
        outcomes = [self.outcome() for _ in calls]
        sender.join()
        return outcomes

    def outcome(self):
        """The words of the next outcome, or Failed."""
        line = self.process.stdout.readline()
        assert line.endswith("\n"), "the driver is gone"
        what, *words = line.split()
        words = [base64.b64decode("" if word == "-" else word).decode() for word in words]
        return words if what == "done" else Failed(*words)

    def call(self, *words):
        outcome, = self.calls([words])
        if isinstance(outcome, Failed):
            raise outcome
        return outcome
