"""Every example of every document is run; see examples.py, story.py and tests/README.md."""

import pytest

import examples
from conftest import TOP
from story import Story

DOCUMENTS = ["README.md"] + sorted(str(path.relative_to(TOP)) for path in (TOP / "docs").iterdir()
                                   if path.suffix in (".md", ".1", ".5"))
EXAMPLES = {document: examples.parse(document) for document in DOCUMENTS}
RUN = [(document, number) for document in DOCUMENTS
       for number, example in enumerate(EXAMPLES[document]) if example.kind not in (None, "unrun")]


@pytest.fixture(scope="session")
def stories(tmp_path_factory):
    return {document: Story(tmp_path_factory.mktemp("story"), EXAMPLES[document])
            for document in DOCUMENTS}


@pytest.mark.parametrize(("document", "number"), RUN,
                         ids=[EXAMPLES[document][number].name for document, number in RUN])
def test_example(document, number, stories):
    stories[document].play(number)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_example_goes_unrun_without_a_reason(document):
    """A reason that names a test names one that there is."""
    for example in EXAMPLES[document]:
        assert example.kind, f"{example.name} has no mark"
        if example.kind == "unrun":
            assert example.argument, f"{example.name} says no reason"
            examples.find_test(example.argument)
