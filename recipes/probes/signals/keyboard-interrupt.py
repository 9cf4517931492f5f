"""SIGINT raises KeyboardInterrupt"""
import signal

print("handler:", signal.getsignal(signal.SIGINT))
try:
    signal.raise_signal(signal.SIGINT)
    print("no: nothing was raised")
except KeyboardInterrupt:
    print("yes")
