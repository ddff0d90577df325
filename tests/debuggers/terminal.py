#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: terminal.py SCRIPT COMMAND [ARG]...

Run COMMAND on a terminal of its own and have the conversation that SCRIPT
describes, line by line:

    > TEXT    type TEXT and return; \\xNN and \\t are characters
    ! TEXT    the same without return
    < REGEX   wait until it says something that matches (it is then forgotten)
    . SECONDS do nothing
    $ STATUS  wait until it ends, with this status

The exit status is 0, or 1 when the other side did not do its part: then what
it did say is printed.
"""
import os
import pty
import re
import select
import sys
import time

LIMIT = 40


class Failure(Exception):
    pass


class Terminal:
    def __init__(self, command):
        self.said = ''
        self.all = ''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)

    def read(self, timeout):
        """What is said within TIMEOUT; None: nothing; '': it has ended."""
        if not select.select([self.fd], [], [], max(timeout, 0))[0]:
            return None
        try:
            text = os.read(self.fd, 65536).decode('utf-8', 'replace')
        except OSError:
            return ''
        # Without what only moves the cursor and sets modes.
        text = re.sub(r'\x1b\[[?0-9;]*[a-zA-Z]|\r', '', text)
        self.said += text
        self.all += text
        return text

    def expect(self, pattern):
        end = time.monotonic() + LIMIT
        while True:
            match = re.search(pattern, self.said, re.M)
            if match:
                self.said = self.said[match.end():]
                return
            text = self.read(end - time.monotonic())
            if not text:
                raise Failure('%s instead of: %s' % (
                    'silence' if text is None else 'the end', pattern))

    def type(self, text):
        os.write(self.fd, text.encode().decode('unicode_escape').encode())

    def finish(self, status):
        end = time.monotonic() + LIMIT
        while self.read(end - time.monotonic()):
            pass
        pid, code = os.waitpid(self.pid, os.WNOHANG)
        while not pid and time.monotonic() < end:
            time.sleep(0.1)
            pid, code = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            raise Failure('it did not end')
        if os.waitstatus_to_exitcode(code) != status:
            raise Failure('status %d' % os.waitstatus_to_exitcode(code))


def talk(terminal, lines):
    for line in lines:
        kind, text = line[:1], line[2:].rstrip('\n')
        if kind == '>':
            terminal.type(text + '\\n')
        elif kind == '!':
            terminal.type(text)
        elif kind == '<':
            terminal.expect(text)
        elif kind == '.':
            time.sleep(float(text))
        elif kind == '$':
            terminal.finish(int(text))


def main():
    terminal = Terminal(sys.argv[2:])
    try:
        with open(sys.argv[1]) as script:
            talk(terminal, script)
    except Failure as failure:
        print('%s; all that was said:\n%s' % (failure, terminal.all))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
