"""multiprocessing.Process with a queue"""
import multiprocessing

if __name__ == "__main__":
    print("start method:", multiprocessing.get_start_method())
    queue = multiprocessing.Queue()
    # A method of the queue can be pickled, and a function of this program only if it has a file.
    process = multiprocessing.Process(target=queue.put, args=("word",))
    process.start()
    word = queue.get(timeout=10)
    process.join(10)
    print("yes" if (word, process.exitcode) == ("word", 0) else f"no: got {word!r}, exit code {process.exitcode}")
