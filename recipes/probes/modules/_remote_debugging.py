"""_remote_debugging: the stack of a process, here of this one"""
import os

import _remote_debugging


def function_on_the_stack():
    return _remote_debugging.RemoteUnwinder(os.getpid()).get_stack_trace()


stacks = function_on_the_stack()
print(stacks)
print("yes" if "function_on_the_stack" in repr(stacks) else "no: the function is not on the stack")
