#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: terminal.py SCRIPT COMMAND [ARG]...

Run COMMAND on a terminal of its own and have the conversation that SCRIPT
describes, line by line:

    > TEXT    type TEXT and return; \\xNN and \\t are characters
    ! TEXT    the same without return
    < REGEX   wait until it says something that matches (it is then forgotten)
    ? COMMAND wait until the shell finds it true
    $ STATUS  wait until it ends, with this status

The exit status is 0, or 1 when the other side did not do its part: then what
it did say is printed, and last which line of the script it did not follow.
"""
import codecs
import os
import pty
import re
import select
import subprocess
import sys
import time

LIMIT = 40


class Failure(Exception):
    pass


class Terminal:
    def __init__(self, command):
        self.decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self.rest = ''
        self.said = ''
        self.all = ''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(command[0], command)

    def read(self, timeout):
        """Take in what is said; False: nothing was within TIMEOUT.

        Raises EOFError at the end.
        """
        if not select.select([self.fd], [], [], max(timeout, 0))[0]:
            return False
        try:
            text = self.decoder.decode(os.read(self.fd, 65536))
        except OSError as error:
            raise EOFError from error
        # Without what only moves the cursor and sets modes, which may come
        # in two parts, or alone.
        text = re.sub(r'\x1b\[[?0-9;]*[a-zA-Z]|\r', '', self.rest + text)
        text, self.rest = re.fullmatch(
            r'(.*?)(\x1b(?:\[[?0-9;]*)?)?', text, re.S).groups('')
        self.said += text
        self.all += text
        return True

    def expect(self, pattern):
        end = time.monotonic() + LIMIT
        while True:
            match = re.search(pattern, self.said, re.M)
            if match:
                self.said = self.said[match.end():]
                return
            try:
                if not self.read(end - time.monotonic()):
                    raise Failure('silence instead of: %s' % pattern)
            except EOFError:
                raise Failure('the end, %s, instead of: %s' % (
                    self.status(), pattern)) from None

    def wait(self, command):
        end = time.monotonic() + LIMIT
        while subprocess.run(command, shell=True).returncode:
            if time.monotonic() > end:
                raise Failure('not so: %s' % command)
            time.sleep(0.1)

    def type(self, text):
        os.write(self.fd, text.encode().decode('unicode_escape').encode())

    def status(self):
        """How it ended, now that its terminal has been closed."""
        end = time.monotonic() + LIMIT
        pid = 0
        while not pid:
            if time.monotonic() > end:
                raise Failure('it did not end')
            time.sleep(0.02)
            pid, code = os.waitpid(self.pid, os.WNOHANG)
        return 'status %d' % os.waitstatus_to_exitcode(code)

    def finish(self, status):
        end = time.monotonic() + LIMIT
        try:
            while self.read(end - time.monotonic()):
                pass
        except EOFError:
            pass
        ended = self.status()
        if ended != 'status %d' % status:
            raise Failure(ended)


def follow(terminal, line):
    kind, text = line[:1], line[2:].rstrip('\n')
    if kind == '>':
        terminal.type(text + '\\n')
    elif kind == '!':
        terminal.type(text)
    elif kind == '<':
        terminal.expect(text)
    elif kind == '?':
        terminal.wait(text)
    elif kind == '$':
        terminal.finish(int(text))


def main():
    start = time.monotonic()
    terminal = Terminal(sys.argv[2:])
    with open(sys.argv[1]) as script:
        for number, line in enumerate(script, 1):
            try:
                follow(terminal, line)
            except Failure as failure:
                print(terminal.all)
                print('line %d of the script, after %d s: %s' % (
                    number, time.monotonic() - start, failure))
                return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
