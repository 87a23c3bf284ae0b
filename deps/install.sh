#!/bin/sh
# Installs the packages of deps/packages.txt that are missing. Usage: deps/install.sh KIND... (build test bench dev)
# Does nothing, and needs no rights, when all are there.
set -eu
list=$(dirname "$0")/packages.txt
missing=
for kind in "$@"; do
  for package in $(awk -v kind="$kind" '!/^#/ && $3 == kind { print $1 }' "$list"); do
    # node and npm may have come from elsewhere than the distribution.
    case "$package" in
      nodejs) command -v node > /dev/null && continue ;;
      npm) command -v npm > /dev/null && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
done
[ -n "$missing" ] || exit 0
as_root=
if [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null || { echo "deps/install.sh: missing packages:$missing; install them as root, or install sudo" >&2; exit 1; }
  as_root=sudo
fi
echo "installing:$missing"
# A redis-server that the package starts by itself would take port 6379 from ours.
policy=
if [ ! -e /usr/sbin/policy-rc.d ]; then
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy > /dev/null
  $as_root chmod +x $policy
  trap '$as_root rm -f "$policy"' EXIT
fi
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
# shellcheck disable=SC2086 # one word per package
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
