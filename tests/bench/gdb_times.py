# SPDX-License-Identifier: MIT
"""Sourced by gdb, with the program `debugged` in $DEBUGGED: time commands of
gdb. Prints NAME,WALL,USER in milliseconds; USER is the processor time that gdb
itself takes, in user mode. Runs on both kernels; gdb_times.sh makes the
ratios."""
import os
import resource
import time

PROGRAM = os.environ['DEBUGGED']
STEPS = 10000
HITS = 1000
THREADS = 200
SIZE = 64 << 20
TIMES = 5

SETTINGS = (
    'confirm off',
    'debug-file-directory /nonexistent',
    'debuginfod enabled off',
    'height 0',
    'pagination off',
    'print thread-events off',
    'startup-with-shell off',
)


def gdb_do(command):
    return gdb.execute(command, to_string=True)


def measure(command):
    """The wall and user time of a command, in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    start = time.monotonic()
    gdb_do(command)
    end = time.monotonic()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (end - start) * 1e3, (after.ru_utime - before.ru_utime) * 1e3


def report(name, samples):
    """The sample that has the median wall time."""
    samples.sort()
    print('times:%s,%.1f,%.1f' % ((name,) + samples[len(samples) // 2]),
          flush=True)


def with_threads():
    """Start a process; return its id when it has all its threads."""
    out, into = os.pipe()
    pid = os.posix_spawn(
        PROGRAM, [PROGRAM, str(THREADS)], os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, into, 1)])
    os.close(into)
    os.read(out, 6)
    os.close(out)
    return pid


def main():
    for setting in SETTINGS:
        gdb_do('set ' + setting)
    gdb_do('file ' + PROGRAM)
    gdb_do('break hit')
    gdb_do('run')
    gdb_do('delete')
    report('stepi_%d' % STEPS, [measure('stepi %d' % STEPS)])

    last = int(gdb.parse_and_eval('calls')) + HITS
    gdb_do('break hit if number == %d' % last)
    report('condition_%d' % HITS, [measure('continue')])

    dump = 'dump binary memory /dev/null &memory[0] &memory[%d]' % SIZE
    report('dump_%dMiB' % (SIZE >> 20), [measure(dump) for _ in range(TIMES)])
    gdb_do('kill')

    pid = with_threads()
    attaches = []
    detaches = []
    for _ in range(TIMES):
        attaches.append(measure('attach %d' % pid))
        detaches.append(measure('detach'))
    report('attach_%d_threads' % THREADS, attaches)
    report('detach_%d_threads' % THREADS, detaches)
    os.kill(pid, 9)


main()
