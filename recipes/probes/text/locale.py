"""locale.setlocale(): a locale other than C"""
import locale

print("encoding:", locale.getpreferredencoding(False), "at the start:", locale.setlocale(locale.LC_ALL))
print("of the environment:", locale.setlocale(locale.LC_ALL, ""))
found = []
for name in ("de_DE.UTF-8", "de_DE", "en_US.UTF-8"):
    try:
        locale.setlocale(locale.LC_ALL, name)
        found.append(name)
        print(name, locale.localeconv()["decimal_point"], locale.format_string("%.2f", 1234.5, grouping=True))
    except locale.Error as error:
        print(name, error)
    finally:
        locale.setlocale(locale.LC_ALL, "C")
if not found:
    print("partly: only C and that of the environment")
else:
    locale.setlocale(locale.LC_ALL, found[0])
    point = locale.localeconv()["decimal_point"]
    print("yes" if (point == ",") == found[0].startswith("de") else f"partly: {found[0]} has the decimal point {point}")
