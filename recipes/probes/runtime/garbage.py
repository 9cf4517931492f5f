"""gc and weakref: a cycle is released"""
import gc
import weakref


class Node:
    pass


node = Node()
node.itself = node
gone = []
reference = weakref.ref(node, lambda _: gone.append(True))
del node
found = gc.collect()
print("found:", found, "gone:", gone)
print("yes" if reference() is None and gone else "no: the cycle is still there")
