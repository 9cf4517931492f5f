import colorama

colorama.just_fix_windows_console()
assert colorama.Fore.RED + "a" + colorama.Style.RESET_ALL == "\x1b[31ma\x1b[0m"
print("yes")
