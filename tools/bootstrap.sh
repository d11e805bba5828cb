#!/bin/sh
# Makes the virtual environment and installs the project into it. Does nothing when everything is there already.
#
#   sh tools/bootstrap.sh run      what the product needs
#   sh tools/bootstrap.sh test     that and the development tools
#   sh tools/bootstrap.sh check    changes nothing; fails if there is no Python to do it with
#
# PYTHON names the interpreter to use; VENV another place than .venv.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
goal=${1:?run, test or check}

# Prints 3011 for Python 3.11. Fails for what cannot make a virtual environment: an older Python, a pyenv shim of a
# version that is not chosen, a Debian python3 without the package python3-venv (it lacks ensurepip).
usable() {
    "$1" -c '
import sys
assert sys.version_info >= (3, 11)
import ensurepip, venv
ensurepip.version()
print(sys.version_info[0] * 1000 + sys.version_info[1])' 2>/dev/null </dev/null
}

# Prints the newest usable interpreter; fails if there is none. One that was asked for by name is the only candidate.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.14 python3.13 python3.12 python3.11 python3
    fi
    best='' best_version=0
    for candidate in "$@"; do
        version=$(usable "$candidate") || continue
        [ "$version" -gt "$best_version" ] || continue
        best=$candidate best_version=$version
    done
    [ -n "$best" ] && echo "$best"
}

# Without a full stop: make ends the sentence when it passes it on.
no_python() {
    if [ -n "${PYTHON:-}" ]; then
        echo "PYTHON=$PYTHON is not Python 3.11 or newer with the modules venv and ensurepip: name another one" \
            "or leave PYTHON unset" >&2
    else
        echo "httpsms-harness needs Python 3.11 or newer with the modules venv and ensurepip: install one" \
            "(on Debian and Ubuntu: apt-get install python3 python3-venv) or name it with PYTHON=/path/to/python3" >&2
    fi
    exit 2
}

# What an installation depends on. The folder counts, because scripts in the environment name it; contents are
# compared instead of times, because a checkout sets times anew.
state() {
    pwd
    cksum <pyproject.toml
    cksum <constraints.txt
}

installed() {
    [ -x "$venv/bin/python" ] && [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$(state)" ]
}

made_with_another_python() {
    [ -n "${PYTHON:-}" ] && [ "$(cat "$venv/.python" 2>/dev/null)" != "$PYTHON" ]
}

make_venv() {
    python=''
    if made_with_another_python || ! usable "$venv/bin/python" >/dev/null ||
        ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        python=$(find_python) || no_python
    fi
    echo "preparing $venv (only the first time and after a change of the dependencies)" >&2
    [ -n "$python" ] || return 0
    "$python" -m venv --clear "$venv"
    echo "${PYTHON:-}" >"$venv/.python"
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

case $goal in
check)
    if [ -z "${PYTHON:-}" ] && { installed run || usable "$venv/bin/python" >/dev/null; }; then exit 0; fi
    find_python >/dev/null || no_python
    ;;
run)
    if installed run && ! made_with_another_python; then exit 0; fi
    make_venv
    pip_install --constraint constraints.txt --editable .
    state >"$venv/.installed-run"
    ;;
test)
    if installed test && ! made_with_another_python; then exit 0; fi
    make_venv
    pip_install 'pip>=25.1' # the first with --group
    pip_install --constraint constraints.txt --editable . --group dev
    state >"$venv/.installed-run"
    state >"$venv/.installed-test"
    ;;
*)
    echo "$0: '$goal' is none of run, test, check" >&2
    exit 2
    ;;
esac
