"""time.strftime() and strptime()"""
import time

moment = (2024, 2, 29, 13, 5, 7, 3, 60, 0)
text = time.strftime("%Y-%m-%d %H:%M:%S %j %a %b %p %V %G %%", moment)
print(text)
assert text == "2024-02-29 13:05:07 060 Thu Feb PM 09 2024 %", f"the text is {text!r}"
assert time.strptime("29 Feb 2024 13:05", "%d %b %Y %H:%M")[:5] == (2024, 2, 29, 13, 5), "strptime() gives another time"
print("yes")
