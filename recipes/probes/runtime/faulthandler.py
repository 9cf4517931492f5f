"""faulthandler.dump_traceback()"""
import faulthandler


def function_in_the_traceback():
    with open("file", "w+") as file:
        faulthandler.dump_traceback(file)
        file.seek(0)
        return file.read()


text = function_in_the_traceback()
print(text)
print("yes" if "function_in_the_traceback" in text else "no: the function is missing")
