#!/usr/bin/env bash
#
# A single-node Apache Kafka for tests: assembled from Maven artefacts into
# run/, started and stopped from there. See README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly run=$here/run
readonly lib=$run/lib
readonly tls=$run/tls
readonly record=$run/broker # "pid token port controller-port secure-ports" of the broker that start started
readonly log=$run/log/server.log

# The listeners of server.properties beside PLAINTEXT and CONTROLLER. Each has a
# port of its own, KAFKA_PORT+2 and so on in this order, unless KAFKA_<name>_PORT
# says otherwise.
readonly secure_names=(SASL_SSL MTLS SASL_PLAINTEXT SSL)

# For SCRAM. server.properties has the same for PLAIN.
readonly users=(app:app-secret other:other-secret)

readonly start_limit=120 # seconds until a broker must answer
readonly stop_limit=60   # seconds until a stopped broker must be gone

usage() {
  cat <<'EOF'
usage: kafka.sh COMMAND

  assemble    download Kafka into run/lib, unless it is there
              (exit 3: the artefacts cannot be downloaded; 1: any other failure)
  start       assemble, make certificates and format a data directory unless
              they are there, start; prints the bootstrap address once the
              broker answers
  stop        end the broker with SIGTERM
  restart     stop, start on the same ports
  kill        end the broker with SIGKILL
  status      exit 0 and the address if the broker answers, else exit 1
  listeners   a line for each listener of the running broker, its name and its
              address, and the directory of the certificates
  clean       stop, remove the data, the certificates and the logs
  topics ARGS...     kafka-topics on this broker (--list, --create --topic T)
  run CLASS ARGS...  any main class of run/lib, such as
                     org.apache.kafka.tools.GetOffsetShell
  partition COUNT    the partition, of COUNT, of each key on standard input, as the
                     Java client has it; a key is a line of hexadecimal digits
                     (needs a JDK)

environment: KAFKA_PORT (29092), KAFKA_CONTROLLER_PORT (29093), KAFKA_SASL_SSL_PORT,
KAFKA_MTLS_PORT, KAFKA_SASL_PLAINTEXT_PORT, KAFKA_SSL_PORT (KAFKA_PORT and 2, 3, 4, 5), JAVA_HOME
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
# that was given the same pid later. Sets pid, port,
# controller, and secure to the ports of secure_names (nothing, if an older
# kafka.sh started the broker).
running() {
  local token command
  [[ -f $record ]] && read -r pid token port controller secure <"$record" || return 1
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

all_in_use() {
  local number
  for number in $1; do
    in_use "$number" || return 1
  done
}

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
    IFS= read -r -d '' -n 1 -t 5 byte <&3 || exit 1
    reply+=${byte:-.} # read takes the zero byte for a delimiter
  done
  [[ $reply == ????'test...'$'\001' ]]
)

# Waits until process $2 answers on port $1, and listens on the ports $3, which it
# opens just after; fails if it ends instead.
wait_for_answer() {
  local limit=$((SECONDS + start_limit))
  until answers "$1" && all_in_use "$3"; do
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

# Fails unless $2, which the variable $1 holds, is a port that is free, and none
# of the ports $3 that were given away before.
check_port() {
  [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 must be a port number, is: $2"
  (($2 <= 65535)) || die "$1 must be a port number, is: $2"
  [[ " $3 " != *" $2 "* ]] || die "$1 is $2, which is another listener's port: choose another with $1"
  for _ in {1..30}; do # a broker killed by someone else may be on its way out
    in_use "$2" || return 0
    sleep 0.1
  done
  die "port $2 is in use: choose another with $1"
}

start() {
  local pid port controller secure java token
  assemble
  if running; then
    say "already running, pid $pid"
    wait_for_answer "$port" "$pid" "$secure"
    printf '127.0.0.1:%s\n' "$port"
    return
  fi

  java=$(java_command)
  configure
  make_certificates
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
      sh "$token $port $controller$secure" "$record" "$java" "-Dkafka.sh.token=$token" \
      -Xms64m -Xmx512m -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError -XX:-UsePerfData \
      -Djava.awt.headless=true -Djava.net.preferIPv4Stack=true \
      -Dlog4j2.configurationFile="$here/log4j2.properties" -Dlog.level=info \
      -cp 'lib/*' kafka.Kafka server.properties
  ) >>"$log" 2>&1 </dev/null &
  local child=$!
  set +m
  # shellcheck disable=SC2064 # this child
  trap "kill -KILL $child 2>/dev/null" EXIT
  wait_for_answer "$port" "$child" "$secure"
  trap - EXIT
  printf '127.0.0.1:%s\n' "$port"
}

# Chooses the ports, and writes run/server.properties. Sets port, controller and
# secure as running does.
configure() {
  local name number text offset=2
  port=${KAFKA_PORT:-29092} controller=${KAFKA_CONTROLLER_PORT:-29093} secure=
  check_port KAFKA_PORT "$port" ''
  check_port KAFKA_CONTROLLER_PORT "$controller" "$port"
  text=$(<"$here/server.properties")
  text=${text//@KAFKA_PORT@/"$port"}
  text=${text//@KAFKA_CONTROLLER_PORT@/"$controller"}
  for name in "${secure_names[@]}"; do
    name=KAFKA_${name}_PORT number=$((port + offset)) offset=$((offset + 1))
    number=${!name:-$number}
    check_port "$name" "$number" "$port $controller$secure"
    text=${text//@$name@/"$number"}
    secure+=" $number"
  done
  printf '%s\n' "$text" >"$run/server.properties"
}

# A number for what the functions $@ make: another one when they, or the users, have
# changed. It is kept beside what they made, so that a later kafka.sh sees whether
# it would have made the same.
version_of() { { declare -f "$@"; printf '%s\n' "${users[@]}"; } | cksum; }

# Reports whether the file $1 holds the version $2.
made_by() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# Makes the keys and certificates of run/tls: an authority, what it signed for the
# broker and for the user app, and a stranger who signed a certificate for app too.
make_certificates() {
  local wanted
  wanted=$(version_of make_certificates authority certificate)
  made_by "$tls/.made" "$wanted" && return
  command -v openssl >/dev/null || die "no openssl: install it, 1.1.1 or newer"
  rm -rf "$tls"
  mkdir -p "$tls"
  if ! (
    cd "$tls" && umask 077 &&
      authority ca &&
      certificate ca server 127.0.0.1 serverAuth &&
      cat server.key server.pem >keystore.pem &&
      certificate ca client app clientAuth &&
      authority stranger-ca &&
      certificate stranger-ca stranger app clientAuth
  ) >"$run/log/tls.log" 2>&1 </dev/null; then
    die "the certificates could not be made (details: $run/log/tls.log): $(tail -n 1 "$run/log/tls.log")"
  fi
  printf '%s\n' "$wanted" >"$tls/.made"
}

# Makes $1.pem and $1.key, of an authority of that name.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 \
    -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"
}

# Makes $2.pem and $2.key: signed by the authority $1, for the name $3 and the use $4.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 \
    -subj "/O=test/CN=$3" -keyout "$2.key" -out "$2.request" &&
    printf '%s\n' basicConstraints=critical,CA:FALSE "extendedKeyUsage=$4" \
      subjectAltName=IP:127.0.0.1,DNS:localhost >"$2.extensions" &&
    openssl x509 -req -in "$2.request" -CA "$1.pem" -CAkey "$1.key" -CAcreateserial \
      -sha256 -days 3650 -extfile "$2.extensions" -out "$2.pem" &&
    rm "$2.request" "$2.extensions"
}

# Makes run/data a directory that a broker accepts, with a cluster id of its own
# and the users of SCRAM.
format() {
  local wanted id=- user scram=()
  wanted=$(version_of format)
  if [[ -f $run/data/meta.properties ]]; then
    made_by "$run/data.made" "$wanted" && return
    say "the data directory is that of another version of kafka.sh: it is removed and made anew"
  fi
  while [[ $id == -* ]]; do # an id must not look like an option
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n')
  done
  for user in "${users[@]}"; do
    scram+=(--add-scram "SCRAM-SHA-256=[name=${user%%:*},password=${user#*:}]")
    scram+=(--add-scram "SCRAM-SHA-512=[name=${user%%:*},password=${user#*:}]")
  done
  rm -rf "$run/data" "$run/data.made"
  if ! (cd "$run" && "$1" -Dlog4j2.configurationFile="$here/log4j2.properties" -cp 'lib/*' \
    kafka.tools.StorageTool format --standalone -t "$id" -c server.properties "${scram[@]}") >"$run/log/format.log" 2>&1; then
    rm -rf "$run/data"
    log_end "$run/log/format.log"
    die "the data directory could not be formatted: $run/log/format.log"
  fi
  printf '%s\n' "$wanted" >"$run/data.made"
}

# Where the broker was is where it comes back, unless told otherwise.
restart() {
  local pid port controller secure name number
  if running; then
    export KAFKA_PORT=${KAFKA_PORT:-$port} KAFKA_CONTROLLER_PORT=${KAFKA_CONTROLLER_PORT:-$controller}
    for name in "${secure_names[@]}"; do
      name=KAFKA_${name}_PORT
      read -r number secure <<<"$secure"
      export "$name=${!name:-$number}"
    done
  fi
  end_with TERM
  start
}

end_with() {
  local pid port controller secure
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
  local pid port controller secure
  running || { say "not running"; return 1; }
  answers "$port" || { say "pid $pid runs, but does not answer on port $port"; return 1; }
  say "running, pid $pid"
  printf '127.0.0.1:%s\n' "$port"
}

listeners() {
  local pid port controller secure name number
  running || die "not running"
  [[ -n $secure ]] || die "the running broker has no secure listeners: restart it"
  printf 'plaintext 127.0.0.1:%s\n' "$port"
  for name in "${secure_names[@]}"; do
    read -r number secure <<<"$secure"
    name=${name//_/-}
    printf '%s 127.0.0.1:%s\n' "${name,,}" "$number"
  done
  printf 'tls %s\n' "$tls"
}

clean() {
  end_with TERM
  rm -rf "$run/data" "$run/data.made" "$tls" "$run/log" "$run/server.properties"
}

tool() {
  [[ -f $lib/.assembled ]] || die "not assembled yet"
  local java
  java=$(java_command)
  exec "$java" -Xmx256m -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="$here/log4j2.properties" -cp "$lib/*" "$@"
}

topics() {
  local pid port controller secure
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
  listeners) listeners ;;
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
