"""A lock protects a counter that four threads change"""
import threading

lock = threading.Lock()
counter = 0


def work():
    global counter
    for _ in range(2000):
        with lock:
            before = counter
            counter = before + 1


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(10)
print("counter:", counter)
print("yes" if counter == 8000 else f"no: the counter is {counter}")
