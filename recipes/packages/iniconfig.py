import iniconfig

assert iniconfig.IniConfig("x", data="[a]\nb = 1\n")["a"]["b"] == "1"
print("yes")
