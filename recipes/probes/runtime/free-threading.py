"""Free threading: Python without the GIL"""
import sys
import sysconfig

print("Py_GIL_DISABLED:", sysconfig.get_config_var("Py_GIL_DISABLED"), "abiflags:", getattr(sys, "abiflags", ""))
if not sysconfig.get_config_var("Py_GIL_DISABLED"):
    print("no: built with the GIL")
elif sys._is_gil_enabled():
    print("partly: built without the GIL, which is enabled in this process")
else:
    import threading

    # Two threads must both be seen in the middle of their loops.
    counters = [0, 0]
    seen = []

    def work(mine, other):
        for _ in range(200_000):
            counters[mine] += 1
            if counters[mine] < 200_000 and 0 < counters[other] < 200_000:
                seen.append(mine)

    threads = [threading.Thread(target=work, args=args) for args in ((0, 1), (1, 0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("overlaps:", len(seen))
    print("yes" if set(seen) == {0, 1} else "partly: the threads ran one after the other")
