#!/bin/sh
# Fetches and builds other people's clients for tests/clients and docs/quick-starts: the npm packages and the Go modules
# that tests/clients/node/package.json and tests/clients/go/go.mod name. The tests themselves fetch nothing.
#
#   sh tools/clients.sh
#
# Ends with 1 if one of them could not be had: the tests that need it are skipped and say so.
set -u
cd "$(dirname "$0")/../tests/clients" || exit
missing=0

# The packages, and a cache of their own from which the quick start installs them again without a network.
prepare_node() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        echo "no Node.js client: node and npm are needed (on Debian and Ubuntu: apt-get install nodejs npm)" >&2
        return 1
    fi
    # Contents are compared instead of times, because a checkout sets times anew.
    made="node/node_modules/.made-for"
    cmp -s node/package.json "$made" && [ -d node/.npm ] && return 0
    npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
        --cache node/.npm --prefix node || return 1
    cp node/package.json "$made"
}

# The program; its modules stay in Go's module cache, where the quick start finds them without a network.
prepare_go() {
    if ! command -v go >/dev/null; then
        echo "no Go client: go 1.22 or newer is needed (on Debian and Ubuntu: apt-get install golang)" >&2
        return 1
    fi
    (cd go && go mod download && go build -mod=readonly -trimpath -o bin/client . &&
        cat go.mod go.sum main.go >bin/made-for)
}

prepare_node || missing=1
prepare_go || missing=1
exit $missing
