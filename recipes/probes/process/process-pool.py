"""concurrent.futures.ProcessPoolExecutor"""
import concurrent.futures

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        values = list(pool.map(abs, [-1, -2, -3], timeout=10))
    print("values:", values)
    print("yes" if values == [1, 2, 3] else f"no: got {values}")
