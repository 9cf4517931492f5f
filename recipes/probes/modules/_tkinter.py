"""_tkinter: Tcl, without a window"""
import tkinter

interpreter = tkinter.Tcl()
value = interpreter.eval("expr {6 * 7}")
print(interpreter.eval("info patchlevel"), value)
print("yes" if value == "42" else f"no: 6 * 7 is {value}")
