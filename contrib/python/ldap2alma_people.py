"""ldap2alma_people: what the scripts that push people by ldap2alma share: their configuration, LDIF, and
running the program. They are installed beside this folder.
"""

import base64
import configparser
import os
import re
import shlex
import signal
import subprocess

KEPT = ["PATH", "HOME", "TZ", "CREDENTIALS_DIRECTORY"]  # of the environment, for the program


class Failure(Exception):
    """Why something was not done, for people."""


class Settings:
    """A configuration file: [ldap2alma] with command, base, key and what else the script needs; [single] and
    [several], which name attributes as they come, and as they are to be called. `options` are those of the
    script, by their defaults; None: it must be there."""

    def __init__(self, path, options):
        parser = configparser.ConfigParser(delimiters=["="], comment_prefixes=["#"], interpolation=None)
        parser.optionxform = str
        self.path = path
        try:
            with open(path, encoding="utf-8") as file:
                parser.read_file(file)
        except (OSError, ValueError, configparser.Error) as error:
            raise Failure(f"cannot read '{path}': {error}") from error
        main = {**{"command": None, "base": None, "key": None}, **options,
                **(parser["ldap2alma"] if "ldap2alma" in parser else {})}
        self.check(sorted(set(parser.sections()) - {"ldap2alma", "single", "several"}), "no section for")
        self.check(sorted(set(main) - {"command", "base", "key"} - set(options)), "no option for")
        self.check([name for name, value in main.items() if value is None], "missing")
        self.options = main
        try:
            self.command = shlex.split(main["command"])
        except ValueError as error:
            raise Failure(f"{path}: command: {error}") from error
        self.base, self.key = main["base"], main["key"]
        self.single = dict(parser["single"]) if "single" in parser else {}
        self.several = dict(parser["several"]) if "several" in parser else {}
        self.attributes = {**self.single, **self.several}
        names = [self.key, *self.single.values(), *self.several.values()]
        self.check([name for name in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*(;[A-Za-z0-9-]+)*", name)],
                   "no name of an attribute")
        lower = [name.lower() for name in names]
        self.check([name for name in names if lower.count(name.lower()) > 1] +
                   sorted(set(self.single) & set(self.several)), "there twice")

    def check(self, names, fault):
        if names:
            raise Failure(f"{self.path}: {fault}: '{names[0]}'")

    def dn(self, value):
        """Where a person is kept (RFC 4514 section 2.4)."""
        text = re.sub(r'([,+"\\<>;=])', r"\\\1", value)
        text = re.sub(r"^[ #]|(?<!^) $", lambda found: "\\" + found[0], text)
        text = re.sub(r"[\x01-\x1f]", lambda found: f"\\{ord(found[0]):02X}", text)
        return f"{self.key}={text},{self.base}"

    def person(self, key, values_of):
        """A person as a record of LDIF: what is not there is taken away from who was there before.
        values_of(NAME) are the values as they came."""
        text = line("dn", self.dn(key)) + line(self.key, key)
        for name, attribute in self.attributes.items():
            for value in filter(None, values_of(name)):
                text += line(attribute, value)
        return text + b"\n"

    def key_of(self, record):
        """The key of a record that dn() has named; None for those of others."""
        dn = record["dn"][0].lower()
        return next((value for value in record.get(self.key.lower(), []) if self.dn(value).lower() == dn), None)

    def give(self, text, *words, seconds=None):
        """Runs the program with `text` as its input: its exit status and what it said. All of the text is
        there before the program starts: who kills this process cuts nothing off."""
        with open(os.memfd_create("input"), "w+b") as file:
            file.write(text)
            file.seek(0)
            try:
                done = subprocess.run([*self.command, *words], stdin=file, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, check=False, timeout=seconds, env=environment())
            except subprocess.TimeoutExpired as error:
                raise Failure(f"no answer within {seconds:g} seconds") from error
        return done.returncode, told(done.stderr, done.returncode)

    def ask(self, *words, seconds=0):
        """Runs the program: a generator of the records that it prints, dictionaries of lists by the names in
        small letters. Failure where it ends badly, also after some of them, or does not begin to answer within so
        many seconds."""
        with open(os.memfd_create("said"), "w+b") as said:
            with subprocess.Popen([*self.command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=said, env=environment()) as run:
                try:
                    signal.signal(signal.SIGALRM, lambda *_: run.kill())
                    signal.setitimer(signal.ITIMER_REAL, seconds)
                    yield from records(run.stdout)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
                    run.kill()
            said.seek(0)
            if run.returncode:
                raise Failure(told(said.read(), run.returncode))


def environment():
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8"}


def told(said, status):
    return said.decode("utf-8", "replace").strip("\n") or f"exit status {status}"


def line(name, value):
    """One of LDIF (RFC 2849); base64 suits every value."""
    return f"{name}:: ".encode() + base64.b64encode(value.encode()) + b"\n"


def records(lines):
    record = {}
    for raw in unfolded(lines):
        name, colon, value = raw.partition(b":")
        if not raw:
            if "dn" in record:
                yield record
            record = {}
        elif colon and not raw.startswith(b"#"):
            value = base64.b64decode(value[1:]) if value.startswith(b":") else value.lstrip(b" ")
            record.setdefault(name.decode("ascii", "replace").lower(), []).append(value.decode("utf-8", "replace"))


def unfolded(lines):
    whole = b""
    for one in lines:
        one = one.rstrip(b"\r\n")
        if one.startswith(b" "):
            whole += one[1:]
            continue
        yield whole
        whole = one
    yield whole
