#!/bin/sh
# Runs the JMH measurements: benchmarks/jmh.sh [names and options of JMH]. How long is told by the
# environment: RUNS='-f 3 -wi 5 -i 10 -w 1 -r 1' benchmarks/jmh.sh StoreBenchmark
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
if [ -z "${JAVA_HOME:-}" ] || [ ! -x "$JAVA_HOME/bin/javac" ]; then
  echo "jmh: set JAVA_HOME to a JDK 25" >&2
  exit 2
fi
out=$root/benchmarks/target
runs=${RUNS:--f 1 -wi 3 -i 5 -w 1 -r 1}
mvn -B -ntp -q -Dquick -pl benchmarks -am test-compile dependency:build-classpath \
  -Dmdep.outputFile="$out/jmh.classpath" -Dmdep.includeScope=test >&2
rm -rf "$out/jmh"
mkdir -p "$out/jmh"
classpath=$(cat "$out/jmh.classpath")
"$JAVA_HOME/bin/javac" -proc:full -processor org.openjdk.jmh.generators.BenchmarkProcessor \
  -nowarn -d "$out/jmh" -cp "$classpath" benchmarks/src/test/java/dev/dormouse/benchmarks/micro/*.java
# Settings of the node: server/jvm.options.
# shellcheck disable=SC2086 # several options
exec "$JAVA_HOME/bin/java" -cp "$out/jmh:$classpath" org.openjdk.jmh.Main \
  $runs -prof dev.dormouse.benchmarks.micro.CpuTime \
  -jvmArgs "-Xmx2g -XX:+UseG1GC -XX:+UseCompactObjectHeaders -XX:-DontCompileHugeMethods --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow" \
  "$@"
