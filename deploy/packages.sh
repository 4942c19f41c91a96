# Sourced by run and test: installs the Debian packages that are missing, and says so.

RUN_PACKAGES="ca-certificates git g++ cmake ninja-build ccache make pkg-config
  libboost1.81-dev libboost-url1.81-dev libssl-dev libsqlitecpp-dev libsqlite3-dev nlohmann-json3-dev libfmt-dev
  libhowardhinnant-date-dev libtomlplusplus-dev libcli11-dev libspdlog-dev prometheus-cpp-dev libsimdjson-dev libpugixml-dev
  tzdata"
TEST_PACKAGES="clang-format libbenchmark-dev libgtest-dev libgmock-dev librapidcheck-dev openssl sqlite3 chromium fonts-noto-cjk"

say() { printf '\033[1m[xieban]\033[0m %s\n' "$*"; }
fail() { printf '\033[1m[xieban]\033[0m %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_missing PACKAGE…
install_missing() {
  local missing=()
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed" ] || missing+=("$package")
  done
  # Node comes from Debian unless the machine already has one that is new enough, with npm.
  if ! command -v node >/dev/null || ! command -v npm >/dev/null || [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 18 ]; then
    missing+=(nodejs npm)
  fi
  if [ ${#missing[@]} -eq 0 ]; then
    say "all packages are installed"
    return
  fi
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq || fail "apt-get update failed"
  as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || fail "could not install ${missing[*]}"
}

# The compiler's cache survives a fresh clone: paths are taken relative to the project.
use_ccache() {
  # Without these ccache keeps nothing that was compiled with a precompiled header.
  export CCACHE_BASEDIR="$1" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
}
