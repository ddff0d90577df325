#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write docs/COVERAGE.md: each request, and the cases that prove it.

usage: coverage.py TESTLOG [TESTLOG-OF-MUSL] > docs/COVERAGE.md

The logs are meson-logs/testlog.json of `meson test --suite conformance`. A
case's line names the requests that it is about, then what it proves.
"""

import json
import re
import sys

LINE = re.compile(r'^(not ok|ok) (\d+) (?:- |# SKIP )(.*)$', re.MULTILINE)
SKIP = re.compile(r'^ok \d+ # SKIP', re.MULTILINE)
REQUESTS = re.compile(r'^((?:[A-Z_]+, )*[A-Z_]+): ')
PAGE = re.compile(r'^([a-z_]+\([25]\)): ')
KINDS = ('Linux', 'preloaded', 'static, glibc', 'static, musl')


def kind_of(name, musl):
    """Where a test of that name has run."""
    if name.endswith('on Linux'):
        return KINDS[0]
    if name.endswith('preloaded'):
        return KINDS[1]
    return KINDS[3] if musl else KINDS[2]


def read(path, musl, results):
    """Add one log: results[(program, number)] = [text, {kind: verdict}]."""
    with open(path, encoding='utf-8', errors='replace') as log:
        for line in log:
            test = json.loads(line)
            if ' on ' not in test['name']:
                continue
            program = re.split('[:/]', test['name'])[-1].split(' on ')[0].strip()
            kind = kind_of(test['name'], musl)
            for match in LINE.finditer(test.get('stdout', '')):
                verdict = 'no' if match.group(1) == 'not ok' else 'yes'
                if SKIP.match(match.group(0)):
                    verdict = 'skipped'
                key = (program, int(match.group(2)))
                case = results.setdefault(key, [match.group(3), {}])
                case[1][kind] = verdict


def subjects(text):
    """The requests, or the manual page, that a case is about."""
    match = REQUESTS.match(text)
    if match:
        return match.group(1).split(', ')
    match = PAGE.match(text)
    return [match.group(1)] if match else ['other']


def count(cases, kind):
    """'passed of run' of the cases on one kind of system."""
    seen = [case[1][kind] for case in cases if kind in case[1]]
    seen = [verdict for verdict in seen if verdict != 'skipped']
    if not seen:
        return '-'
    good = seen.count('yes')
    return str(good) if good == len(seen) else f'{good} of {len(seen)}'


def table(heads, rows):
    """Print a table."""
    print('| ' + ' | '.join(heads) + ' |')
    print('|' + '---|' * len(heads))
    for row in rows:
        print('| ' + ' | '.join(row) + ' |')
    print()


def main():
    results = {}
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    read(sys.argv[1], False, results)
    if len(sys.argv) == 3:
        read(sys.argv[2], True, results)
    kinds = [kind for kind in KINDS
             if any(kind in case[1] for case in results.values())]
    by_subject = {}
    for key in sorted(results):
        for subject in subjects(results[key][0]):
            by_subject.setdefault(subject, []).append(results[key])

    print('# Coverage\n\nMade by tests/conformance/coverage.py from the output '
          'of the conformance programs. On Linux they use\nthe kernel\'s own '
          'ptrace; the other columns are the refkernel with libptrace, '
          'preloaded or linked.\nNumbers are cases that passed; "skipped" is '
          'what a kernel or user cannot try.\n')
    print('## By request\n')
    table(['request or page', *kinds],
          [[subject, *(count(by_subject[subject], kind) for kind in kinds)]
           for subject in sorted(by_subject, key=lambda s: (s.islower(), s))]
          + [['all cases', *(count(results.values(), kind)
                             for kind in kinds)]])
    print('## By case\n')
    programs = sorted({program for program, _ in results})
    for program in programs:
        print(f'### {program}\n')
        table(['', 'case', *kinds],
              [[str(number), text.replace('|', '\\|'),
                *(verdicts.get(kind, '-') for kind in kinds)]
               for (name, number), (text, verdicts) in sorted(results.items())
               if name == program])


if __name__ == '__main__':
    main()
