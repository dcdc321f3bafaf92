#!/usr/bin/env bash
#
# A single-node Apache Kafka for tests: assembled from Maven artefacts into
# run/, started and stopped from there. See README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly run=$here/run
readonly lib=$run/lib
readonly record=$run/broker # "pid token port controller-port" of the broker that start started
readonly log=$run/log/server.log

readonly start_limit=120 # seconds until a broker must answer
readonly stop_limit=60   # seconds until a stopped broker must be gone

usage() {
  cat <<'EOF'
usage: kafka.sh COMMAND

  assemble    download Kafka into run/lib, unless it is there
              (exit 3: the artefacts cannot be downloaded; 1: any other failure)
  start       assemble, format a data directory unless there is one, start;
              prints the bootstrap address once the broker answers
  stop        end the broker with SIGTERM
  restart     stop, start on the same ports
  kill        end the broker with SIGKILL
  status      exit 0 and the address if the broker answers, else exit 1
  clean       stop, remove the data and the logs
  topics ARGS...     kafka-topics on this broker (--list, --create --topic T)
  run CLASS ARGS...  any main class of run/lib, such as
                     org.apache.kafka.tools.GetOffsetShell
  partition COUNT    the partition, of COUNT, of each key on standard input, as the
                     Java client has it; a key is a line of hexadecimal digits
                     (needs a JDK)

environment: KAFKA_PORT (29092), KAFKA_CONTROLLER_PORT (29093), JAVA_HOME
EOF
}

say() { printf 'kafka.sh: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# --- assemble ---------------------------------------------------------------

java_command() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java major
  command -v "$java" >/dev/null || die "no $java: install a JDK or JRE, 17 or newer"
  major=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
  ((${major:-0} >= 17)) || die "$java is of version ${major:-unknown}: Kafka 4 needs 17 or newer"
  printf '%s\n' "$java"
}

assemble() {
  local wanted out=$run/log/assemble.log
  wanted=$(cksum <"$here/pom.xml")
  [[ -f $lib/.assembled && $(<"$lib/.assembled") == "$wanted" ]] && return

  running && die "the broker is running and pom.xml has changed: stop it first"
  command -v mvn >/dev/null || die "no mvn: install Maven 3.6.3 or newer"
  java_command >/dev/null

  rm -rf "$lib.new"
  # -C: a checksum that does not match is an error. -U: an earlier failure to
  # download is no reason not to try again. A registry that hangs is given up
  # after a minute: maven.wagon is Maven 3.8 and older, aether is newer.
  if ! mvn -B -q -C -U -Dstyle.color=never -f "$here/pom.xml" \
    -Dmaven.wagon.rto=30000 -Dmaven.wagon.http.retryHandler.count=1 \
    -Daether.connector.connectTimeout=15000 -Daether.connector.requestTimeout=30000 \
    -Daether.connector.http.retryHandler.count=1 \
    org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$lib.new" >"$out" 2>&1 </dev/null; then
    if cannot_download "$out"; then
      say "KAFKA CANNOT BE DOWNLOADED: the artefact registry gave no answer or refused (details: $out)"
      exit 3
    fi
    die "Maven failed (details: $out): $(grep -m 1 -o '\[ERROR\].*' "$out" || tail -n 1 "$out")"
  fi
  compgen -G "$lib.new/kafka_2.13-*.jar" >/dev/null || die "Maven left no Kafka in $lib.new"
  printf '%s\n' "$wanted" >"$lib.new/.assembled"
  rm -rf "$lib"
  mv "$lib.new" "$lib"
}

# Reports whether Maven's output tells of a registry that is not there, as
# opposed to a wrong pom.xml, a damaged artefact or a full disk.
cannot_download() {
  ! grep -qE 'Checksum validation failed|No space left on device|\(Permission denied\)|Read-only file system' "$1" &&
    grep -qE 'Could not transfer|failed to transfer|in offline mode' "$1"
}

# --- the process ------------------------------------------------------------

# Reports whether the recorded process runs. The token tells it from a process
# that was given the same pid later. Sets pid, port and
# controller.
running() {
  local token command
  [[ -f $record ]] && read -r pid token port controller <"$record" || return 1
  [[ $pid =~ ^[0-9]+$ && -n $token ]] || return 1
  if [[ -d /proc/self ]]; then
    command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") 2>/dev/null || return 1
  else
    command=$(ps -ww -o args= -p "$pid" 2>/dev/null) || return 1
  fi
  [[ $command == *"-Dkafka.sh.token=$token "* ]]
}

# Reports whether process $1 is gone or a zombie without threads. Only then has
# the kernel closed its sockets and its data: a dying process loses its command
# line first, and for running it is dead by then.
ended() {
  local stat tasks
  if [[ -d /proc/self ]]; then
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    tasks=("/proc/$1/task"/*)
    [[ ${stat##*) } == Z* && ${#tasks[@]} -le 1 ]]
  else
    stat=$(ps -o stat= -p "$1" 2>/dev/null) || return 0
    [[ $stat == Z* ]]
  fi
}

in_use() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Reports whether a broker on the port answers a Metadata request and names
# itself as alive. Metadata lists no broker that is still fenced, so a topic can
# be created from now on.
answers() (
  exec 2>/dev/null
  LC_ALL=C
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
  # length 22; Metadata (3), version 1, correlation id "test", client "kafka.sh"; no topics
  printf '\0\0\0\026\0\003\0\001test\0\010kafka.sh\0\0\0\0' >&3
  # length; correlation id; number of brokers
  reply=''
  for _ in {1..12}; do
    IFS= read -r -d '' -n 1 -t 5 -u 3 byte || exit 1
    reply+=${byte:-.} # read takes the zero byte for a delimiter
  done
  [[ $reply == ????'test...'$'\001' ]]
)

# Waits until process $2 answers on port $1; fails if it ends instead.
wait_for_answer() {
  local limit=$((SECONDS + start_limit))
  until answers "$1"; do
    ! ended "$2" || { log_end "$log"; die "the broker ended while it started: $log"; }
    ((SECONDS < limit)) || { log_end "$log"; die "the broker has not answered for $start_limit s: $log"; }
    sleep 0.1
  done
}

# What the log $1 has to say about a failure.
log_end() { { grep -E ' (ERROR|FATAL) |Exception|^Error' "$1" || cat "$1"; } | tail -n 5 >&2; }

wait_for_end() {
  local limit=$((SECONDS + stop_limit))
  until ended "$1"; do
    ((SECONDS < limit)) || die "process $1 has not ended for $stop_limit s; try: kafka.sh kill"
    sleep 0.1
  done
}

# --- the commands -----------------------------------------------------------

check_port() {
  [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 must be a port number, is: $2"
  (($2 <= 65535)) || die "$1 must be a port number, is: $2"
  for _ in {1..30}; do # a broker killed by someone else may be on its way out
    in_use "$2" || return 0
    sleep 0.1
  done
  die "port $2 is in use: choose another with $1"
}

start() {
  local pid port controller java token text
  assemble
  if running; then
    say "already running, pid $pid"
    wait_for_answer "$port" "$pid"
    printf '127.0.0.1:%s\n' "$port"
    return
  fi

  port=${KAFKA_PORT:-29092} controller=${KAFKA_CONTROLLER_PORT:-29093}
  check_port KAFKA_PORT "$port"
  check_port KAFKA_CONTROLLER_PORT "$controller"
  [[ $port != "$controller" ]] || die "KAFKA_PORT and KAFKA_CONTROLLER_PORT are both $port"

  java=$(java_command)
  text=$(<"$here/server.properties")
  text=${text//@KAFKA_PORT@/"$port"}
  printf '%s\n' "${text//@CONTROLLER_PORT@/"$controller"}" >"$run/server.properties"
  format "$java"

  token=$$-$RANDOM-$RANDOM
  [[ ! -f $log ]] || mv -f "$log" "$log.1" # one start, one log
  rm -f "$record"
  # The process writes the record itself before it becomes the broker: there is
  # no broker without one. A process group of its own (set -m), no terminal and
  # no file of the caller's or of ours: it outlives this script, and nobody waits
  # for it in vain. The quick compiler alone (TieredStopAtLevel=1) saves a second
  # at start, and memory.
  set -m
  (
    cd "$run"
    for fd in /dev/fd/*; do
      fd=${fd##*/}
      ((fd <= 2)) || eval "exec $fd>&-"
    done
    # shellcheck disable=SC2016 # the inner shell expands them
    exec nohup sh -c 'echo "$$ $1" >"$2" && shift 2 && exec "$@"' \
      sh "$token $port $controller" "$record" "$java" "-Dkafka.sh.token=$token" \
      -Xms64m -Xmx512m -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData \
      -Djava.awt.headless=true -Djava.net.preferIPv4Stack=true \
      -Dlog4j2.configurationFile="$here/log4j2.properties" -Dlog.level=info \
      -cp 'lib/*' kafka.Kafka server.properties
  ) >>"$log" 2>&1 </dev/null &
  local child=$!
  set +m
  # shellcheck disable=SC2064 # this child
  trap "kill -KILL $child 2>/dev/null" EXIT
  wait_for_answer "$port" "$child"
  trap - EXIT
  printf '127.0.0.1:%s\n' "$port"
}

# Makes run/data a directory that a broker accepts, with a cluster id of its own.
format() {
  [[ -f $run/data/meta.properties ]] && return
  local id=-
  while [[ $id == -* ]]; do # an id must not look like an option
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
  done
  rm -rf "$run/data"
  if ! (cd "$run" && "$1" -Dlog4j2.configurationFile="$here/log4j2.properties" -cp 'lib/*' \
    kafka.tools.StorageTool format --standalone -t "$id" -c server.properties) >"$run/log/format.log" 2>&1; then
    rm -rf "$run/data"
    log_end "$run/log/format.log"
    die "the data directory could not be formatted: $run/log/format.log"
  fi
}

# Where the broker was is where it comes back, unless told otherwise.
restart() {
  local pid port controller
  if running; then
    export KAFKA_PORT=${KAFKA_PORT:-$port} KAFKA_CONTROLLER_PORT=${KAFKA_CONTROLLER_PORT:-$controller}
  fi
  end_with TERM
  start
}

end_with() {
  local pid port controller
  if running; then
    kill "-$1" "$pid" 2>/dev/null || ! running || die "process $pid cannot be signalled"
    wait_for_end "$pid"
    say "pid $pid has ended"
  else
    say "not running"
  fi
  rm -f "$record"
}

status() {
  local pid port controller
  running || { say "not running"; return 1; }
  answers "$port" || { say "pid $pid runs, but does not answer on port $port"; return 1; }
  say "running, pid $pid"
  printf '127.0.0.1:%s\n' "$port"
}

clean() {
  end_with TERM
  rm -rf "$run/data" "$run/log" "$run/server.properties"
}

tool() {
  [[ -f $lib/.assembled ]] || die "not assembled yet"
  local java
  java=$(java_command)
  exec "$java" -Xmx256m -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$lib/*" "$@"
}

topics() {
  local pid port controller
  running || die "not running"
  tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" "$@"
}

# Java compiles the one file each time: half a second.
partition() {
  [[ ${1:-} =~ ^[1-9][0-9]{0,8}$ && $# -eq 1 ]] || { usage >&2; exit 2; }
  tool "$here/Partition.java" "$1"
}

# One at a time: tests of several packages may call start at once.
lock() {
  mkdir -p "$run/log"
  exec 9>"$run/lock"
  if command -v flock >/dev/null; then
    flock 9
  fi
}

command=${1:-}
[[ $# -eq 0 ]] || shift
case $command in
  run | topics | partition) ;;
  *) [[ $# -eq 0 ]] || { usage >&2; exit 2; } ;;
esac
case $command in
  assemble | start | stop | restart | kill | clean) lock ;;
esac
case $command in
  assemble) assemble ;;
  start) start ;;
  stop) end_with TERM ;;
  restart) restart ;;
  kill) end_with KILL ;;
  status) status ;;
  clean) clean ;;
  topics) topics "$@" ;;
  partition) partition "$@" ;;
  run)
    [[ $# -gt 0 ]] || { usage >&2; exit 2; }
    tool "$@"
    ;;
  help | -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
