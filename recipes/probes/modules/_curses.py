"""_curses: what a terminal can do"""
import curses
import sys

with open("output", "w") as file:
    # A description of the terminal is read; the terminal itself is not needed.
    curses.setupterm("xterm", file.fileno())
clear, colors = curses.tigetstr("clear"), curses.tigetnum("colors")
move = curses.tparm(curses.tigetstr("cup"), 4, 9)
print(curses.version, clear, colors, move)
print("yes" if move == b"\x1b[5;10H" else f"no: the cursor is moved by {move}")
