"""_curses_panel: windows on top of each other"""
import contextlib
import curses
import curses.panel
import os

os.environ["TERM"] = "xterm"
# What curses draws goes into a file instead of the evidence.
saved = os.dup(1)
with open("drawn", "wb") as file:
    os.dup2(file.fileno(), 1)
try:
    curses.initscr()
    below, above = (curses.panel.new_panel(curses.newwin(3, 3)) for _ in range(2))
    before = curses.panel.top_panel() is above
    below.top()
    after = curses.panel.top_panel() is below
    # A file has no settings of a terminal that could be restored.
    with contextlib.suppress(curses.error):
        curses.endwin()
finally:
    os.dup2(saved, 1)
print("the upper window:", before, after)
print("yes" if before and after else "no: the order did not change")
