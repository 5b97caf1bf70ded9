#!/bin/sh
# Runs cases of the table in benchmarks/README.md: builds what is missing, then hands over.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)

if [ $# -eq 0 ] || [ "$1" = help ] || [ "$1" = --help ]; then
  cat <<'TEXT'
usage: benchmarks/run.sh CASE[,CASE…]|all [options]

cases: ready transfer-confirmed transfer-unconfirmed transfer-v2 transfer-zipf round-trip
       memory-per-account databases asleep asleep-modules connections wake publish
       neighbour disk

options:
  --runs N        how often a load is measured (default 3); figures are medians
  --seconds N     of each measurement (default 10)
  --databases N   of the cases databases, asleep and asleep-modules (default 200)
  --transfers N   of the case disk (default 1000000)
  --accounts N    of the bank (default 100000)
  --scratch DIR   where data folders go (default target/benchmarks)

Figures are the lines that begin with FIGURE.
TEXT
  exit 0
fi
cases=$1
shift

cd "$root"
./dormouse build >&2
if [ -z "${JAVA_HOME:-}" ] || [ ! -x "$JAVA_HOME/bin/jcmd" ]; then
  echo "benchmarks: set JAVA_HOME to a JDK 25" >&2
  exit 2
fi
classes=$root/benchmarks/target/classes
newest=$(find "$root/benchmarks/src/main" -name '*.java' -newer "$classes/dev/dormouse/benchmarks/cases/Main.class" 2>/dev/null | head -n 1) || true
if [ ! -e "$classes/dev/dormouse/benchmarks/cases/Main.class" ] || [ -n "$newest" ]; then
  echo "benchmarks: building" >&2
  mvn -B -ntp -q -Dquick -pl benchmarks compile >&2
fi

echo "machine  $(uname -srm), $(getconf _NPROCESSORS_ONLN) cores, $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)"
echo "memory   $(sed -n 's/^MemTotal: *//p' /proc/meminfo 2>/dev/null)"
echo "jdk      $("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 2p)"
echo "date     $(date -u '+%Y-%m-%d %H:%M UTC')"
echo "commit   $(git rev-parse --short HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD 2>/dev/null || echo ' and changes')"
echo "load     $(uptime)"
echo "command  benchmarks/run.sh $cases $*"
exec "$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx512m -cp "$classes" \
  dev.dormouse.benchmarks.cases.Main --root "$root" --cases "$cases" "$@"
