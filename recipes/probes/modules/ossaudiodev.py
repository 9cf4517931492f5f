"""ossaudiodev: sound devices"""
import warnings

warnings.simplefilter("ignore")
import ossaudiodev

try:
    with ossaudiodev.open("w") as device:
        print(device.name, device.setparameters(ossaudiodev.AFMT_S16_LE, 1, 8000))
    print("yes")
except FileNotFoundError as error:
    print(error)
    print("partly: there is no device to open")
