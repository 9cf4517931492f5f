"""32 threads that wait for each other"""
import threading

COUNT = 32
barrier = threading.Barrier(COUNT, timeout=5)
passed = []


def work():
    barrier.wait()
    passed.append(threading.get_ident())


threads = [threading.Thread(target=work, daemon=True) for _ in range(COUNT)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(5)
print("passed the barrier:", len(passed))
print("yes" if len(set(passed)) == COUNT else f"no: {len(passed)} of {COUNT} passed the barrier")
