"""profiling.sampling: the module of 3.15 is there and reads a process"""
import os

import profiling.sampling
from _remote_debugging import RemoteUnwinder

print(profiling.sampling.__file__)
stacks = RemoteUnwinder(os.getpid()).get_stack_trace()
print(stacks)
print("yes" if stacks else "no: it sees no stack")
