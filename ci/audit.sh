#!/usr/bin/env bash
# Gives the tests' runner files and runners that are broken, each in another way, and counts whether it reports each: ci/audit.sh SCRATCH
#
# The files are xtask/testing/audit/test_*.py. They run on the Python in the store, in copies of one interpreter and then each in its own.
# `test_control` is not broken, and must pass: where everything fails, a failure says nothing.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."
mkdir -p "$1"
scratch=$(cd -P -- "$1" && pwd)
files=xtask/testing/audit
xtask=$PWD/target/debug/xtask
export CARGO_MANIFEST_DIR=$PWD/xtask

cargo build --quiet --package xtask

total=0 reported=0
# Runs with these arguments, and leaves what came in $scratch/$1.
run() {
    local name=$1
    shift
    code=0
    "$xtask" test wasi --testdir "$files" --file-timeout 20 --offline --format json \
        --results "$scratch/$name" "$@" >"$scratch/$name.json" 2>"$scratch/$name.log" || code=$?
}
# Whether a file was reported as failed, in every place that somebody may look at.
is_reported() {
    local name=$1 file=$2
    [ "$code" = 1 ] &&
        grep -Eq "\"event\":\"test-finished\",\"file\":\"$file\",.*\"unexpected\":[1-9]" "$scratch/$name.json" &&
        grep -Eq "\"event\":\"test-results\",.*\"ok\":false,.*\"file\":\"$file\"" "$scratch/$name.json" &&
        grep -A1 "\"name\": \"$file\"" "$scratch/$name/results.json" | grep -Eqv 'name|"(passed|skipped|resource-denied)"' &&
        grep -Eq "<testsuite name=\"$file\".* (failures|errors)=\"[1-9]" "$scratch/$name/junit.xml"
}
expect_report() {
    local name=$1 file=$2 what=$3 reason
    total=$((total + 1))
    if is_reported "$name" "$file"; then
        reported=$((reported + 1))
        reason=$(sed -n "s/.*\"file\":\"$file\",\"outcome\".*\"reason\":\"\(.*\)\"}/\1/p" "$scratch/$name.json")
        echo "reported: $what: ${reason:0:120}"
    else
        echo "MISSED:   $what; see $scratch/$name"
    fi
}
expect_pass() {
    grep -q "\"file\":\"test_control\",\"outcome\":\"passed\"" "$scratch/$1.json" ||
        { echo "what is not broken was not reported as passed; see $scratch/$1.log" >&2; exit 1; }
}

for way in copies fresh; do
    if [ "$way" = fresh ]; then run "$way" --fresh; else run "$way"; fi
    expect_pass "$way"
    for path in "$files"/test_*.py; do
        file=$(basename "$path" .py)
        [ "$file" = test_control ] || expect_report "$way" "$file" "$file ($way)"
    done
done

# Runners. Each lists the tests as the real one does, and then breaks while it runs the file that is not broken.
host_runner=$("$xtask" path wasi host-runner)
runners=$scratch/runners
mkdir -p "$runners"
make_runner() {
    local name=$1
    {
        echo '#!/bin/sh'
        echo "host_runner='$host_runner'"
        # Otherwise it would compile the interpreter each time.
        echo "shift; set -- run --cache '$("$xtask" path wasi store)/host-runner-cache' \"\$@\""
        # The folder that the guest sees as its root.
        echo 'for word; do case $word in *::/) root=${word%::/} ;; esac; done'
        echo 'grep -q list-tests "$root/request.json" && exec "$host_runner" "$@"'
        cat
    } >"$runners/$name"
    chmod +x "$runners/$name"
    run "$name" test_control --runner "$runners/$name"
}
break_runner() {
    make_runner "$1"
    expect_report "$1" test_control "runner that $1"
}
make_runner does-nothing-wrong <<'END'
exec "$host_runner" "$@"
END
expect_pass does-nothing-wrong
break_runner ends-at-once <<'END'
exit 0
END
break_runner hangs <<'END'
exec sleep 100000
END
break_runner says-success <<'END'
echo "0:00:01 [1/1] test_control passed"
echo "== Tests result: SUCCESS =="
exit 0
END
break_runner kills-itself <<'END'
kill -KILL $$
END
break_runner cuts-the-journal <<'END'
"$host_runner" "$@"
head -n 4 "$root/journal.jsonl" >"$root/cut" && mv "$root/cut" "$root/journal.jsonl"
END
break_runner cuts-a-line-of-the-journal <<'END'
"$host_runner" "$@"
head -c -3 "$root/journal.jsonl" >"$root/cut" && mv "$root/cut" "$root/journal.jsonl"
END
break_runner loses-the-journal <<'END'
"$host_runner" "$@"
rm "$root/journal.jsonl"
END
break_runner changes-the-exit-code <<'END'
"$host_runner" "$@"
exit 3
END
break_runner runs-another-file <<'END'
sed 's/test_control/test_subtest/' "$root/request.json" >"$root/other" && mv "$root/other" "$root/request.json"
"$host_runner" "$@"
exit 0
END
break_runner brings-an-old-journal <<'END'
old=$(dirname "$0")/journal
"$host_runner" "$@"
key=$(head -c 16 "$root/journal.jsonl")
# That of a run with another key.
sed "s/^$key/0123456789abcdef/" "$root/journal.jsonl" >"$old" && mv "$old" "$root/journal.jsonl"
exit 0
END

echo "$reported of $total reported as failures"
[ "$reported" = "$total" ]
