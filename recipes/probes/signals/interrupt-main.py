"""A thread interrupts the main thread: _thread.interrupt_main()"""
import _thread
import threading
import time

try:
    threading.Timer(0.2, _thread.interrupt_main).start()
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        time.sleep(0.01)
    print("no: the interrupt did not come within 3 s")
except KeyboardInterrupt:
    print("yes")
