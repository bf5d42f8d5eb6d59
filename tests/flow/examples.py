r"""examples: the examples of the documents, and what makes each of them true.

An example is a fenced block of a Markdown document, or a display (.Bd … .Ed, .Dl) of a manual page.
A mark before it says what it is; readers do not see marks. In Markdown a mark is a comment,
`<!-- run -->`; in a manual page it is `.\" run`. tests/README.md lists the marks.

parse() gives the examples of a document in order; story.py plays them.
"""

import dataclasses
import re

from conftest import TOP

MARKS = ("file", "put", "part", "run", "try", "output", "do", "rule", "settings", "folder", "unrun",
         "each")
# What stands alone, without an example behind it.
ALONE = ("do", "folder", "each")


@dataclasses.dataclass
class Example:
    document: str
    line: int  # of the block's first line, from 1
    kind: str  # the mark; None where there is none
    argument: str
    text: str
    lines: int = 0  # how many of the document

    @property
    def name(self):
        return f"{self.document}:{self.line}"


def plain(line):
    """A literal line of a manual page as it is shown."""
    for escape, shown in ((r"\(->", "→"), (r"\(bu", "•"), (r"\&", ""), (r"\-", "-"), (r"\e", "\\")):
        line = line.replace(escape, shown)
    return line


def escaped(line):
    """The reverse of plain()."""
    line = line.replace("\\", r"\e").replace("→", r"\(->")
    return rf"\&{line}" if line[:1] in (".", "'") else line


class Parser:
    """Collects examples; `pending` is the mark that waits for its block."""

    def __init__(self, document):
        self.document, self.examples = document, []
        self.pending, self.each = None, None

    def mark(self, number, text, content=""):
        kind, _, argument = text.partition(":")
        kind, argument = kind.strip(), argument.strip()
        if kind not in MARKS:
            return
        if kind == "each":
            self.each = (argument, "") if argument else None
        elif kind in ALONE or content:
            self.add(number, content, (kind, argument))
        else:
            self.pending = (kind, argument)

    def add(self, number, text, mark=None, lines=0):
        kind, argument = mark or self.pending or self.each or (None, "")
        if not mark:
            self.pending = None
        self.examples.append(Example(self.document, number, kind, argument, text, lines))


def parse_markdown(document, lines):
    parser = Parser(document)
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        number += 1
        end = {"<!--": "-->", "```": "```"}.get(line[:4] if line[:1] == "<" else line[:3])
        if not end:
            continue
        begin = number
        if end == "-->" and line.endswith(end):
            parser.mark(begin, line[4:-3].strip())
            continue
        while number < len(lines) and lines[number].strip() != end:
            number += 1
        text = "".join(f"{text}\n" for text in lines[begin:number])
        if end == "```":
            parser.add(begin + 1, text, lines=number - begin)
        else:
            parser.mark(begin + 1, line[4:].strip(), text)
        number += 1
    return parser.examples


def parse_manual(document, lines):
    parser = Parser(document)
    begin = None
    for number, line in enumerate(lines, 1):
        if line.startswith('.\\" ') and begin is None:
            parser.mark(number, line[4:])
        elif line.startswith(".Bd "):
            begin = number
        elif line == ".Ed":
            text = "".join(f"{plain(text)}\n" for text in lines[begin:number - 1])
            parser.add(begin + 1, text, lines=number - 1 - begin)
            begin = None
        elif line.startswith(".Dl "):
            parser.add(number, plain(line[4:]) + "\n")
    return parser.examples


def parse(document):
    """The examples of a document, whose path is relative to the top folder."""
    lines = (TOP / document).read_text().splitlines()
    return (parse_markdown if document.endswith(".md") else parse_manual)(document, lines)


def find_test(reason):
    """The test that a reason names, `tests/…/test_x.py` or `tests/…/test_x.py::test_y`, exists."""
    for path, function in re.findall(r"(tests/[\w/]+\.py)(?:::(\w+))?", reason):
        assert f"def {function}" in (TOP / path).read_text(), f"{path} has no {function}"
