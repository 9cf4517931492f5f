from s3transfer.utils import calculate_num_parts, calculate_range_parameter

assert calculate_num_parts(100, 30) == 4
assert calculate_range_parameter(30, 0, 4) == "bytes=0-29"
print("yes")
