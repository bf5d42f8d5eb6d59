"""story: plays the examples of one document (examples.py) in order, in a folder of its own."""

import difflib
import os
import pathlib
import re
import shutil
import subprocess

import example_rule
import example_settings
from conftest import TOP
from examples import MARKS
from feed import PROGRAM, Feed

# Where a document's paths are, of the system it speaks of.
INSTALLED = {"/usr/local/share/ldap2alma": str(TOP)}
PLACES = ("/etc/ldap2alma", "/var/spool/ldap2alma", "/srv/alma")
# What clock and compressor settle.
CLOCK = ((re.compile(r"\b\d{8}T\d{6}Z"), "20260901T020000Z"),
         (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "2026-09-01T02:00:00Z"),
         (re.compile(r"\b\d+ bytes"), "1000 bytes"))


def indent(line):
    return len(line) - len(line.lstrip(" "))


def is_rule(line):
    return bool(line.strip()) and not line.lstrip().startswith("#")


def split_rules(text):
    """The rules of a piece of YAML, each with the comments before it."""
    lines = text.splitlines()
    depth = min(indent(line) for line in lines if is_rule(line))
    rules, current, begun = [], [], False
    for line in lines:
        if begun and line.strip() and indent(line) <= depth:
            rules.append(current)
            current, begun = [], False
        current.append(line)
        begun = begun or is_rule(line)
    return depth, rules + [current]


def head(line):
    """What names a rule: its key, or the whole of `- name: …`."""
    line = line.strip()
    return line if line.startswith("- ") else line.partition(":")[0]


def end_of(lines, begin):
    """Behind the block of lines that belongs to lines[begin]."""
    depth, end = indent(lines[begin]), begin + 1
    for number in range(begin + 1, len(lines)):
        if is_rule(lines[number]) and indent(lines[number]) <= depth:
            break
        if is_rule(lines[number]):
            end = number + 1
    return end


def put(text, block, section=None, behind=None):
    """Puts each rule of the block in the place of the one of the same name, or else behind the one
    that is named, or behind the last one of the section (`user`, for cases `cases`)."""
    lines = text.splitlines()
    depth, rules = split_rules(block)
    for rule in rules:
        first = next(line for line in rule if is_rule(line))
        under = section or ("cases" if first.lstrip().startswith("- ") else "user")
        begin, end = 0, len(lines)
        if depth > 0:
            begin = next(number for number, line in enumerate(lines) if head(line) == under
                         and indent(line) < depth)
            end = end_of(lines, begin)
        places = {head(lines[number]): number for number in range(end - 1, begin - 1, -1)
                  if is_rule(lines[number]) and indent(lines[number]) == depth}
        if head(first) in places:
            place = places[head(first)]
            lines[place:end_of(lines, place)] = rule
        else:
            place = end_of(lines, places[behind]) if behind else end
            lines[place:place] = rule
    return "".join(f"{line}\n" for line in lines)


def masked(text):
    for pattern, fixed in CLOCK:
        text = pattern.sub(fixed, text)
    return text


def commands_of(text):
    """The commands of a block, `$ …`, each with the lines that it is said to print. Where nothing
    begins so, every line is a command."""
    commands, prompt = [], "$ " if text.startswith("$ ") else ""
    for line in text.splitlines():
        if commands and commands[-1][0].endswith("\\"):
            commands[-1][0] = commands[-1][0][:-1] + line.strip()
        elif line.startswith(prompt):
            commands.append([line.removeprefix(prompt), ""])
        else:
            commands[-1][1] += line + "\n"
    return commands


def shorten(stated, got, loose=False):
    """`got` as a text that states it, in which a line `…` stands for any lines; None where it does
    not fit. With `loose` the numbers of lines do not count."""
    parts = re.split(r"(?m)(^ *…\n)", stated)
    patterns = [re.escape(part) for part in parts[::2]]
    if loose:
        patterns = [re.sub(r":\d+", r":\\d+", pattern) for pattern in patterns]
    found = re.fullmatch(r"(?:.*\n)*?".join(f"({pattern})" for pattern in patterns), got)
    if not found:
        return None
    parts[::2] = found.groups()
    return "".join(parts)


def assert_same(stated, got):
    stated, got = masked(stated), masked(got)
    if shorten(stated, got) is None:
        raise AssertionError("\n" + "".join(difflib.unified_diff(
            stated.splitlines(True), got.splitlines(True), "the document", "the program")))


class Story:
    """A folder in which the examples of one document are played in order, each once."""

    def __init__(self, folder, examples):
        self.top, self.examples = pathlib.Path(folder), examples
        self.folder, self.outcomes = self.top / "here", []
        self.kinds = {kind: getattr(self, f"play_{kind}") for kind in MARKS
                      if kind not in ("each", "unrun")}
        self.play_folder(None)

    def play(self, number):
        """Plays all up to this one; raises what this one raised."""
        while len(self.outcomes) <= number:
            example = self.examples[len(self.outcomes)]
            outcome = None
            try:
                if example.kind not in (None, "unrun"):
                    self.kinds[example.kind](example)
            except AssertionError as failure:
                outcome = failure
            self.outcomes.append(outcome)
        if self.outcomes[number]:
            raise self.outcomes[number]

    def places(self):
        return INSTALLED | {place: str(self.folder / place[1:]) for place in PLACES}

    def inward(self, text):
        for place, real in self.places().items():
            text = text.replace(place, real)
        return text

    def outward(self, text):
        for place, real in self.places().items():
            text = text.replace(real, place)
        return text.replace(f"{self.folder}/", "")

    def shell(self, command):
        environment = os.environ | {
            "PATH": f"{pathlib.Path(PROGRAM).parent}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8", "COLUMNS": "100", "TERM": "dumb", "HOME": str(self.folder)}
        result = subprocess.run(["bash", "-c", f'sudo() {{ "$@"; }}\n{self.inward(command)}'], cwd=self.folder, check=False,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=120, env=environment)
        return result.returncode, self.outward(result.stdout.decode())

    def ran(self, example):
        """Runs the commands of an example; gives each with its output and the status it had, and
        the output and status that the document states."""
        commands = [(example.argument, example.text)] if example.kind == "output" \
            else commands_of(example.text)
        statuses = example.argument.split() if example.kind != "output" else []
        statuses = [int(status) for status in statuses] or [0] * len(commands)
        assert len(statuses) == len(commands), "a status for each command, or none at all"
        for (command, stated), status in zip(commands, statuses):
            yield command, self.shell(command), (status, stated)

    def play_folder(self, example):
        shutil.rmtree(self.folder, ignore_errors=True)
        for place in PLACES:
            (self.folder / place[1:]).mkdir(parents=True)
        if example and example.argument == "feed":
            Feed(self.folder)

    def play_do(self, example):
        status, output = self.shell(example.argument)
        assert status == 0, output

    def write(self, path, text):
        """A new file: what was copied out of a distribution may be read-only."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(self.inward(text))
        path.chmod(0o600)

    def play_file(self, example):
        self.write(self.folder / self.inward(example.argument), example.text)

    def play_put(self, example):
        name, section, behind = re.fullmatch(r"(\S+)(?: under (\S+))?(?: behind (\S+))?",
                                             example.argument).groups()
        path = self.folder / self.inward(name)
        self.write(path, put(path.read_text(), example.text, section, behind))

    def play_part(self, example):
        """The block is a part of the file, but for its indentation."""
        path = self.folder / self.inward(example.argument)
        text = (path if path.exists() else TOP / example.argument).read_text()
        stripped = ["".join(f"{line.strip()}\n" for line in part.splitlines())
                    for part in (example.text, text)]
        assert f"\n{stripped[0]}" in f"\n{stripped[1]}", f"not a part of {example.argument}"

    def play_run(self, example):
        for command, (status, output), stated in self.ran(example):
            assert_same(f"$ {command}\n{stated[1]}", f"$ {command}\n{output}")
            assert status == stated[0], f"exit status {status}: {command}"

    def play_output(self, example):
        self.play_run(example)

    def play_try(self, example):
        for command, (status, output), stated in self.ran(example):
            assert status == stated[0], f"exit status {status}: {command}\n{output}"

    def play_settings(self, example):
        if example.argument:
            self.play_file(example)
        example_settings.check(self, self.inward(example.text))

    def play_rule(self, example):
        example_rule.check(self, example.text)
