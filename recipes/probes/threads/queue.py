"""queue.Queue between two threads"""
import queue
import threading

requests, answers = queue.Queue(1), queue.Queue()


def work():
    while (number := requests.get(timeout=5)) is not None:
        answers.put(number * number)


thread = threading.Thread(target=work, daemon=True)
thread.start()
for number in (*range(10), None):
    requests.put(number, timeout=5)
values = [answers.get(timeout=5) for _ in range(10)]
print("values:", values)
print("yes" if values == [number * number for number in range(10)] else f"no: got {values}")
