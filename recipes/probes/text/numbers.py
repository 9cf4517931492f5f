"""Numbers: float(), repr(), formatting and rounding are exact"""
import math

wrong = [
    name
    for name, right in {
        "repr()": repr(0.1 + 0.2) == "0.30000000000000004",
        "float()": float("1e22") == 10.0**22 and float("0.1") == 1 / 10,
        "subnormal numbers": float("1e-320") > 0,
        "nan and inf": math.isnan(float("nan")) and math.isinf(1e308 * 10),
        "formats": f"{2.675:.2f} {1e22:.0f}" == "2.67 10000000000000000000000",
        "round()": round(0.5) == 0 and round(2.5) == 2,
        "fsum()": math.fsum([0.1] * 10) == 1.0,
        "hex()": (0.1).hex() == "0x1.999999999999ap-4" and float.fromhex("0x1.8p+1") == 3.0,
        "pow()": math.pow(2, 0.5) == math.sqrt(2),
        "gamma()": math.gamma(5) == 24.0,
        "large integers": 3**200 % 1_000_007 == pow(3, 200, 1_000_007),
    }.items()
    if not right
]
print("wrong:", wrong)
print("yes" if not wrong else f"partly: not {', '.join(wrong)}")
