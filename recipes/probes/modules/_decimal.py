"""_decimal: decimal numbers in C"""
import decimal

import _decimal

assert decimal.Decimal is _decimal.Decimal, "decimal uses its Python code"
with _decimal.localcontext() as context:
    context.prec = 50
    value = _decimal.Decimal(2).sqrt()
print(_decimal.__libmpdec_version__, value)
print("yes" if str(value) == "1.4142135623730950488016887242096980785696718753769" else f"no: the root of 2 is {value}")
