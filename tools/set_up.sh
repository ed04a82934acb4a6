#!/bin/sh
# Find a Python that will do, then let set_up.py make .venv. Called by make; PYTHON names another one.
set -eu
cd "$(dirname "$0")/.."

if .venv/bin/python tools/set_up.py --check 2>/dev/null; then
    exit 0
fi

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    if ! fits "$python"; then
        continue
    fi
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        exec "$python" tools/set_up.py
    fi
    without_venv=${without_venv:-$python}
done

if [ -n "${without_venv:-}" ]; then
    version=$("$without_venv" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    echo "$without_venv cannot make virtual environments: install the package $version-venv." >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "PYTHON=$PYTHON is not a Python 3.11 or newer." >&2
else
    echo "Python 3.11 or newer is needed; none was found. PYTHON=/path/to/python3 names one elsewhere." >&2
fi
exit 1
