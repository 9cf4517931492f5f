"""threading.Thread: start one and join it"""
import threading

seen = []
thread = threading.Thread(target=lambda: seen.append(threading.get_ident()))
thread.start()
thread.join(5)
print("threads:", threading.get_ident(), seen)
print("yes" if seen and seen[0] != threading.get_ident() else "no: the function did not run in another thread")
