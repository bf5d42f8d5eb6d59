"""pytest -p tap -p no:terminal: results as TAP, which `make check` reads."""


class Tap:
    def __init__(self):
        self.count = 0

    def line(self, passed, name, directive="", text=""):
        self.count += 1
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}{directive}")
        for comment in text.splitlines():
            print(f"# {comment}")

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.replace("#", "")
        if report.skipped:
            self.line(True, name, f" # SKIP {report.longrepr[2]}")
        elif report.failed:
            self.line(False, f"{name} ({report.when})", text=report.longreprtext)
        elif report.when == "call":
            self.line(True, name)

    def pytest_collectreport(self, report):
        if report.failed:
            self.line(False, report.nodeid, text=report.longreprtext)

    def pytest_sessionfinish(self):
        print(f"1..{self.count}", flush=True)


def pytest_configure(config):
    config.option.verbose = 0  # an option of the terminal's, without which asserts explain nothing
    config.pluginmanager.register(Tap())
