#!/bin/sh
# All tests. The chain has one system and a process to itself; beside it run the others, which mostly wait.
python=$1
log=$(mktemp)
"$python" -m pytest --ignore=tests/chain --numprocesses 3 --dist loadfile > "$log" 2>&1 &
others=$!
trap 'kill "$others" 2> /dev/null; rm -f "$log"; exit 130' INT TERM
"$python" -m pytest tests/chain --durations 15
chain=$?
echo "The chain is done; waiting for the other tests."
wait "$others"
code=$?
cat "$log"
rm -f "$log"
[ "$chain" -eq 0 ] && [ "$code" -eq 0 ]
