"""library: libldap2alma as installed: in a root of its own, and for Python by its header alone."""

import ctypes
import os
import re
import shlex
import subprocess

from conftest import BUILD, TOP

HEADER = TOP / "connector/ldap2alma.h"


def make_variable(name):
    """A variable of the build's Makefile."""
    return re.search(rf"^{name} = (.*)$", (BUILD / "Makefile").read_text(), re.M).group(1)


CC = shlex.split(make_variable("CC"))[0]
CFLAGS = make_variable("CFLAGS")
SANITIZED = "-fsanitize" in CFLAGS


class Installed:
    """`make install` of the library into a folder; compile() is what a user of it does."""

    def __init__(self, root):
        subprocess.run(["make", "-s", "-C", BUILD, f"DESTDIR={root}", "install-libLTLIBRARIES",
                        "install-includeHEADERS", "install-pkgconfigDATA"], check=True,
                       env={**os.environ, "MAKEFLAGS": "", "MAKELEVEL": ""}, timeout=300)
        pkgconfig = next(root.rglob("ldap2alma.pc")).parent
        self.folder = pkgconfig.parent
        self.environment = {**os.environ, "PKG_CONFIG_SYSROOT_DIR": str(root),
                            "PKG_CONFIG_PATH": str(pkgconfig),
                            "LD_LIBRARY_PATH": str(self.folder)}

    def sh(self, command, folder, status=0):
        """What a command of the shell printed on standard output and on standard error."""
        result = subprocess.run(["sh", "-c", command], cwd=folder, env=self.environment, check=False,
                                capture_output=True, text=True, timeout=120)
        assert result.returncode == status, result.stderr + result.stdout
        return result.stdout, result.stderr

    def compile(self, command, folder, compiler=CC):
        """A command that begins with `cc`, by the build's compiler and without any warning."""
        words = command.removeprefix("cc ")
        assert words != command
        self.sh(f"{compiler} {CFLAGS} -Wall -Wextra -Werror {words}", folder)


def prototypes():
    """(result, name, parameters) of each function of the header, as written but for blanks."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    for found in re.finditer(r"^L2A_API\s+([^;]*?)(l2a_\w+)\(([^;]*)\);", text, re.S | re.M):
        result, name, parameters = (" ".join(part.split()) for part in found.groups())
        yield result, name, [part.strip() for part in re.split(r",(?![^()]*\))", parameters)]


SAY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
PROGRESS = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64, ctypes.c_uint64,
                            ctypes.c_char_p)
TAKE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char), ctypes.c_size_t)

# By a type of the header, without `const` and the parameter's name; of handles and of
# functions, what stands for them.
TYPES = {
    "void": None, "int": ctypes.c_int, "unsigned": ctypes.c_uint, "size_t": ctypes.c_size_t,
    "uint64_t": ctypes.c_uint64, "int64_t *": ctypes.POINTER(ctypes.c_int64),
    "char *": ctypes.c_char_p, "char * *": ctypes.POINTER(ctypes.c_char_p), "void *": ctypes.c_void_p,
    "struct l2a *": ctypes.c_void_p, "struct l2a_entry *": ctypes.c_void_p,
    "enum l2a_table": ctypes.c_int, "enum l2a_put_count": ctypes.c_int,
    "void (*say)": SAY, "void (*progress)": PROGRESS, "int (*take)": TAKE,
}


def type_of(text):
    """What ctypes calls a result or a parameter of the header."""
    if "(*" in text:
        return TYPES[text.partition(")")[0] + ")"]
    words = re.findall(r"\w+|\*", text.replace("const", ""))
    for name in (" ".join(words), " ".join(words[:-1])):
        if name in TYPES:
            return TYPES[name]
    raise AssertionError(f"no type for '{text}'")


def load(folder):
    """The library, with all functions of the header declared."""
    library = ctypes.CDLL(str(folder / "libldap2alma.so.0"))
    for result, name, parameters in prototypes():
        function = getattr(library, name)
        function.restype = type_of(result)
        function.argtypes = [type_of(part) for part in parameters if part != "void"]
    return library


def constants():
    """The numbers of the header: L2A_DONE, L2A_RUN_DRY …"""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    numbers = {name: int(value) for name, value in re.findall(r"#define (L2A_\w+) (\d+)u", text)}
    for members in re.findall(r"enum l2a_\w+ \{(.*?)\};", text, re.S):
        value = -1
        for name, given in re.findall(r"(L2A_\w+)(?: = (\d+))?", members):
            value = int(given) if given else value + 1
            numbers[name] = value
    return numbers
