"""faulthandler.dump_traceback_later(): a watchdog"""
import faulthandler
import time


def function_in_the_traceback():
    time.sleep(0.5)


with open("file", "w+") as file:
    faulthandler.dump_traceback_later(0.2, file=file)
    function_in_the_traceback()
    faulthandler.cancel_dump_traceback_later()
    file.seek(0)
    text = file.read()
print(text)
print("yes" if "function_in_the_traceback" in text else "no: nothing was written")
