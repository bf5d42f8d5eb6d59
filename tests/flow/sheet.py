"""sheet: what stands on a hand-over sheet, read out of its HTML and its Markdown."""

import re

import html5lib

SPACE = {"h": "http://www.w3.org/1999/xhtml"}
KINDS = {"code": "type", "strong": "choose", "span": "ask"}


def _text(node):
    return "".join(node.itertext())


class Section:
    """`rows` are (label, value, note); `kinds` says of each value what the page marks it as."""

    def __init__(self, title):
        self.title = title
        self.rows, self.kinds = [], []

    def add(self, label, value, note, kind):
        self.rows.append((label, value, note))
        self.kinds.append(kind)

    def value(self, label):
        (value,) = self.values(label)
        return value

    def values(self, label):
        return [row[1] for row in self.rows if row[0] == label]

    def note(self, label):
        (note,) = [row[2] for row in self.rows if row[0] == label]
        return note

    def kind(self, label):
        (kind,) = [kind for row, kind in zip(self.rows, self.kinds) if row[0] == label]
        return kind


def parse_html(page):
    """The document, which has no fault, and its sections by title."""
    document = html5lib.HTMLParser(strict=True).parse(page)
    sections = {}
    for node in document.iterfind(".//h:section", SPACE):
        section = Section(_text(node.find("h:h2", SPACE)))
        for row in node.iterfind("h:table/h:tbody/h:tr", SPACE):
            label, value, note = row
            kind = KINDS[value[0].tag.partition("}")[2]] if len(value) else "words"
            section.add(_text(label), _text(value).strip("\u00a0"), _text(note), kind)
        for step in node.iterfind("h:ol/h:li", SPACE):
            label = _text(step.find("h:strong", SPACE))
            section.add(label, "", _text(step).removeprefix(label).strip(), "step")
        assert section.title not in sections
        sections[section.title] = section
    return document, sections


def _unescaped(text):
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def _cell(text):
    """As GFM reads it: the table takes a backslash before each '|' for itself, also within code."""
    text = text.strip().replace("\\|", "|")
    code = re.fullmatch(r"(`+)(.*?)\1", text)
    if code:
        inner = code.group(2)
        return (inner[1:-1] if inner[:1] == inner[-1:] == " " else inner), "type"
    strong = re.fullmatch(r"\*\*(.*)\*\*", text)
    if strong:
        return _unescaped(strong.group(1)), "choose"
    return ("", "ask") if text == "…………………" else (_unescaped(text), "words")


def parse_markdown(text):
    """The sections by title."""
    sections, section = {}, None
    for line in text.splitlines():
        if line.startswith("## "):
            section = Section(_unescaped(line[3:]))
            sections[section.title] = section
        elif line.startswith("|") and not line.startswith("| ---"):
            cells = re.split(r"(?<!\\)\|", line)
            assert (len(cells), cells[0], cells[-1]) == (5, "", ""), line
            (label, _), (value, kind), (note, _) = map(_cell, cells[1:4])
            section.add(label, value, note, kind)
        elif step := re.fullmatch(r"\d+\. \*\*(.*?)\*\* (.*)", line):
            section.add(_unescaped(step.group(1)), "", _unescaped(step.group(2)), "step")
    for section in sections.values():
        if section.kinds[0] != "step":  # the heads
            del section.rows[0], section.kinds[0]
    return sections
