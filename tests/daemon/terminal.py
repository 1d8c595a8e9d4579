"""A terminal of its own for a program: what is typed, what is on the screen, and whether the echo is on."""

import os
import pty
import select
import termios
import time

DEADLINE_S = 30


class Terminal:
    """self.fd is the program's side. The screen is read by read_until() and drain() only."""

    def __init__(self):
        self.parent, self.fd = pty.openpty()
        self.screen = ""

    def read_until(self, text: str):
        end = time.monotonic() + DEADLINE_S
        while text not in self.screen:
            ready, _, _ = select.select([self.parent], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {text!r} on the screen: {self.screen!r}")
            self.screen += os.read(self.parent, 4096).decode()

    def drain(self) -> str:
        while select.select([self.parent], [], [], 0)[0]:
            self.screen += os.read(self.parent, 4096).decode()
        return self.screen

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def modes(self) -> list:
        return termios.tcgetattr(self.fd)

    def type(self, text: str):
        os.write(self.parent, text.encode())

    def close(self):
        os.close(self.parent)
        os.close(self.fd)
