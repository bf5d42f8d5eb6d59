"""The program on a terminal of its own (a pty), as a person sees it."""

import fcntl
import os
import pty
import re
import struct
import termios

COLOR = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(arguments, folder, columns=80, **environment):
    """What the program writes to a terminal so wide; stdout and stderr come together."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.pop("NO_COLOR", None)
        os.environ.update({"TERM": "xterm", **environment})
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        os.execv(arguments[0], arguments)
    output = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not piece:
            break
        output += piece
    os.close(terminal)
    os.waitpid(child, 0)
    return output.decode().replace("\r\n", "\n")


def without_color(text):
    return COLOR.sub("", text)
