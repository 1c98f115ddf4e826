# SPDX-License-Identifier: GPL-2.0-or-later
"""A program on a pseudo-terminal of its own, for the benchmarks of screens."""
import fcntl
import os
import pty
import struct
import termios


def start(argv, env, lines, columns, cwd='.'):
    """(pid, the other side of its terminal)"""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', lines, columns, 0, 0))
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.chdir(cwd)
        os.execvpe(argv[0], argv, env)
    os.close(slave)
    return pid, master
