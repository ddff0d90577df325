#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count the cases in the logs of `meson test`.

usage: tally.py TESTLOG.json...

A test counts as many cases as its output names: Check's summary lines, or
TAP's lines; a test that names none is one case. Prints the output of what
failed, and last one line: passed, failed and skipped.
"""

import json
import re
import sys

CHECK = re.compile(r'^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$',
                   re.MULTILINE)
TAP = re.compile(r'^(not )?ok\b(.*)$', re.MULTILINE)
TAP_PLAN = re.compile(r'^1\.\.(\d+)', re.MULTILINE)
TAP_SKIP_ALL = re.compile(r'^1\.\.0\s*#\s*skip', re.MULTILINE | re.IGNORECASE)
TAP_SKIP = re.compile(r'#\s*(skip|todo)', re.IGNORECASE)
GOOD = ('OK', 'EXPECTEDFAIL')
OUTPUT_LINES = 40


def cases(test):
    """The (passed, failed, skipped) of one test's record."""
    passed = failed = skipped = 0
    out = test.get('stdout', '')
    for checks, failures, errors in CHECK.findall(out):
        bad = int(failures) + int(errors)
        failed += bad
        passed += int(checks) - bad
    lines = TAP.findall(out)
    plan = TAP_PLAN.search(out)
    if lines and not (plan and int(plan.group(1)) == len(lines)):
        failed += 1  # it ended early
    for negation, rest in lines:
        if TAP_SKIP.search(rest):
            skipped += 1
        elif negation:
            failed += 1
        else:
            passed += 1
    if test['result'] == 'SKIP' or TAP_SKIP_ALL.search(out):
        skipped = max(skipped, 1)
    elif test['result'] in GOOD:
        if passed + failed + skipped == 0:
            passed = 1
    elif failed == 0:
        failed = 1
    return passed, failed, skipped


def show(test):
    """Print what a failed test said."""
    print(f"FAILED: {test['name']} ({test['result']}, "
          f"exit status {test.get('returncode')})")
    print('  ' + ' '.join(test['command']))
    lines = (test.get('stdout', '') + test.get('stderr', '')).splitlines()
    lines = [line for line in lines if not line.startswith('ok ')]
    for line in lines[-OUTPUT_LINES:]:
        print('  | ' + line)


def main():
    total = [0, 0, 0]
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8', errors='replace') as log:
            for line in log:
                test = json.loads(line)
                counts = cases(test)
                total = [a + b for a, b in zip(total, counts)]
                if counts[1]:
                    show(test)
                elif counts[2] and not counts[0]:
                    print(f"skipped: {test['name']}")
    print(*total)


if __name__ == '__main__':
    main()
