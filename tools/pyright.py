"""Check types with the Pyright that package-lock.json names; arguments are passed on."""

import sys

import nodejs

if __name__ == "__main__":
    script = nodejs.install_packages() / "pyright" / "index.js"
    nodejs.run(nodejs.node_and_npm()[0], str(script), *sys.argv[1:])
