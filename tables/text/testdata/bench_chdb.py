"""Word count of all files of a folder by ClickHouse: bench_chdb.py FOLDER RUNS.

Prints the mean time of each query. The first splits at everything that is no
ASCII letter or digit: ClickHouse's fastest way, though "don't" is two words.
The second is the word rule, as far as ClickHouse's regular expressions go.
"""

import sys
import time

from chdb import session

folder, runs = sys.argv[1], int(sys.argv[2])
s = session.Session()
queries = {
    "ClickHouse, splitByNonAlpha": "arrayJoin(splitByNonAlpha(lower(line)))",
    "ClickHouse, the word rule": r"""arrayJoin(extractAll(replaceAll(lowerUTF8(line), '’', '\''), '[\\pL\\pM\\pN]+(?:\'[\\pL\\pM\\pN]+)*'))""",
}
for name, words in queries.items():
    sql = f"SELECT {words} AS word, count() FROM file('{folder}/*', LineAsString) GROUP BY word FORMAT Null"
    start = time.time()
    for _ in range(runs):
        s.query(sql)
    print(f"{name:<44} {(time.time() - start) / runs:6.2f} s")
s.close()
