# Sourced by the launchers beside it: finds a Java and builds. They set root, the folder of the
# project, and define fail, which says a sentence and ends.
# shellcheck shell=sh

required_java=21

# The file behind a path that may be a symbolic link, itself relative or not.
real_path() {
  path=$1
  while [ -L "$path" ]; do
    target=$(readlink "$path")
    case $target in
      /*) path=$target ;;
      *) path=$(dirname "$path")/$target ;;
    esac
  done
  folder=$(cd -P "$(dirname "$path")" && pwd)
  printf '%s/%s\n' "$folder" "$(basename "$path")"
}

# Major version of the Java in a folder; 0 where there is none. Starting Java to ask it takes long,
# so only where the file that tells is missing.
java_version() {
  if [ ! -x "$1/bin/java" ]; then
    echo 0
    return
  fi
  line=$(grep '^JAVA_VERSION=' "$1/release" 2>/dev/null) ||
    line=$("$1/bin/java" -version 2>&1 | grep ' version "') || line=
  version=$(printf '%s\n' "$line" | sed -n 's/^[^"]*"\([0-9][0-9]*\).*/\1/p')
  echo "${version:-0}"
}

# Prints the home of a Java that is new enough: the one that is set, else the one on the path, else
# the newest of those installed.
find_java() {
  if [ -n "${JAVA_HOME:-}" ] && [ "$(java_version "$JAVA_HOME")" -ge "$required_java" ]; then
    printf '%s\n' "$JAVA_HOME"
    return
  fi
  if on_path=$(command -v java); then
    home=$(dirname "$(dirname "$(real_path "$on_path")")")
    if [ "$(java_version "$home")" -ge "$required_java" ]; then
      printf '%s\n' "$home"
      return
    fi
  fi
  newest=
  newest_version=$((required_java - 1))
  for home in \
    /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/*jdk* /usr/local/*jdk* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
    "${HOME:-}"/.asdf/installs/java/* "${HOME:-}"/.local/share/mise/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    version=$(java_version "$home")
    if [ "$version" -gt "$newest_version" ]; then
      newest=$home
      newest_version=$version
    fi
  done
  printf '%s\n' "$newest"
}

# Prints the home of a Java that is new enough, or says what to do.
require_java() {
  found=$(find_java)
  [ -n "$found" ] ||
    fail "Java $required_java or newer is needed and was not found. Install a JDK (for example from https://adoptium.net, or: apt install openjdk-21-jdk, brew install openjdk) or set JAVA_HOME to one."
  printf '%s\n' "$found"
}

# Runs Maven with a Java and the arguments given; what it says goes to a file.
#   maven JAVA_HOME LOG ARGUMENT…
maven() {
  maven_java=$1
  maven_log=$2
  shift 2
  command -v mvn >/dev/null ||
    fail "Maven is needed to build it and was not found. Install Maven 3.8 or newer (for example: apt install maven, brew install maven)."
  [ -x "$maven_java/bin/javac" ] ||
    fail "$maven_java has no compiler, which is needed to build it. Install a JDK (not a JRE) $required_java or newer."
  mkdir -p "$(dirname "$maven_log")"
  (cd "$root" && JAVA_HOME=$maven_java mvn -B -q "$@") >"$maven_log" 2>&1 </dev/null ||
    fail "The build failed; what Maven said is in $maven_log"
}
