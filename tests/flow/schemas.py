"""schemas: our files as an editor judges them, by their JSON Schemas, and as our loaders do.

An editor sees what YAML makes of a text (numbers, booleans, dates), our loaders see the text. So a
schema judges every file twice: read by the rules of YAML 1.1, and with scalars as they are written.
"""

import datetime
import functools
import json
import re
import subprocess

import jsonschema
import yaml

from feed import PROGRAM

USAGE, REFUSED = 64, 78
FEED = """name: test
directory: {{ ldif: people.ldif }}
mapping: {mapping}
delivery: {{ folder: out }}
spool: spool
"""


class Written(yaml.BaseLoader):
    """Scalars as they are written; only ~ and null without quotes are nothing."""


Written.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null)$"), ["~", "n"])
Written.add_constructor("tag:yaml.org,2002:null", lambda loader, node: None)


def as_json(value):
    """What YAML has and JSON has not, as tools write it that turn one into the other."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(as_json(key)): as_json(item)
                for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, datetime.date) else value


def as_yaml(value):
    """In YAML's flow style, words without quotes where that is possible."""
    if isinstance(value, dict):
        return "{ %s }" % ", ".join(f"{as_yaml(key)}: {as_yaml(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(as_yaml, value))
    if value is None:
        return "~"
    return value if re.fullmatch(r"[\w.][\w.+-]*", value) and value != "null" else \
        json.dumps(value, ensure_ascii=False)


def program(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=60,
                          check=False)


@functools.cache
def table(name):
    """A table of the program, as lists of cells."""
    return [line.split("\t") for line in program(name).stdout.splitlines()]


@functools.cache
def validator(kind):
    schema = json.loads(program("schema", kind).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(kind, text):
    """What the schema has against a file, for each of the two readings."""
    readings = [yaml.load(text, Loader=Written), as_json(yaml.safe_load(text))]
    return [[f"{error.json_path}: {error.message}" for error in validator(kind).iter_errors(reading)]
            for reading in readings]


def faults(kind, path, folder):
    """What our loader has against it, as text; the folder is for what it needs besides."""
    if kind == "settings":
        # What is asked for behind the settings is refused, so nothing else is done.
        result = program("-c", path, "run", "--mode", "none")
        assert result.returncode in (USAGE, REFUSED), result.stderr
    elif kind == "test":
        result = program("test", path)
    else:
        settings = folder / "feed.yaml"
        settings.write_text(FEED.format(mapping=path.absolute()))
        (folder / "people.ldif").write_text("dn: uid=a,dc=example\nuid: a\n")
        (folder / "out").mkdir(exist_ok=True)
        result = program("-q", "-c", settings, "run", "--dry-run")
    assert result.returncode != USAGE or kind == "settings", result.stderr
    return result.stderr if result.returncode == REFUSED else ""


class Mutations:
    """Changes of a document, each at one place. `seen`: a schema can see what is wrong with it."""

    OTHERS = ["text", ["text"], {"key": "text"}, [], {}, "", None]

    def __init__(self, document, names):
        self.document = document
        self.names = names  # keys below which stand names that the author gives

    def places(self, value=None, path=()):
        value = self.document if value is None else value
        for key in (value if isinstance(value, dict) else range(len(value))):
            yield path + (key,)
            if isinstance(value[key], (dict, list)):
                yield from self.places(value[key], path + (key,))

    def changed(self, path, change):
        """A copy in which change(container, key) was made."""
        copy = json.loads(json.dumps(self.document))
        container = copy
        for key in path[:-1]:
            container = container[key]
        change(container, path[-1])
        return copy

    def __iter__(self):
        for path in self.places():
            value = functools.reduce(lambda inner, key: inner[key], path, self.document)
            row = "tables" in path[:-2]  # what its lookups make of it is not the schema's concern
            authors = row or len(path) > 1 and path[-2] in self.names
            yield False, self.changed(path, lambda container, key: container.pop(key))
            if isinstance(path[-1], str):
                yield not authors, self.changed(
                    path, lambda container, key: container.update({key + "x": container.pop(key)}))
            for other in self.OTHERS:
                if other != value:
                    yield type(other) is not type(value) and bool(other) and not row, self.changed(
                        path, lambda container, key, other=other: container.__setitem__(key, other))
