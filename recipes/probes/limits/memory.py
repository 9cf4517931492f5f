"""Memory until MemoryError, up to 4 GiB"""
MIB = 1 << 20
LIMIT = 4096 * MIB
kept = []
total = 0
step = 64 * MIB
# bytes(n) leaves its pages untouched, so that a machine with little memory can run this too.
while step >= MIB and total < LIMIT:
    try:
        kept.append(bytes(step))
        total += step
    except MemoryError:
        step //= 2
kept.clear()
print("blocks add up to", total // MIB, "MiB")
# The interpreter must still work, and have its memory back.
assert len(bytes(total // 4)) == total // 4, "a block has another length"
print("yes: more than 4 GiB" if total >= LIMIT else f"yes: {total // MIB} MiB")
