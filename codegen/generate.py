#!/usr/bin/env python3
"""Generates C++ from models/ at build time. Standard library only; a file is written only if it changes.

  generate.py shapes SERVICE PARTS   structs and constant tables of one service
  generate.py services               the list of all services
  generate.py dispatch FOLDER        handler declarations and the dispatch table of one domain folder
"""

import argparse
import pathlib

import dispatch
import handlers
import header
import tables
from model import Model

ROOT = pathlib.Path(__file__).resolve().parent.parent


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def load_models(names=None):
    paths = sorted((ROOT / "models").glob("*.json"))
    return {path.stem: Model(path, path.stem) for path in paths if names is None or path.stem in names}


def handled(model):
    """Operations with a handler function in any folder that may handle this service."""
    found = {}
    for folder, services in handlers.FOLDERS.items():
        if model.service in services and (ROOT / "src" / folder).is_dir():
            for handler in handlers.scan(ROOT / "src", folder, {model.service: model}):
                found[handler.operation] = handler
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["shapes", "services", "dispatch"])
    parser.add_argument("arguments", nargs="*")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="the build's gen folder")
    options = parser.parse_args()

    if options.what == "shapes":
        service, parts = options.arguments[0], int(options.arguments[1])
        model = load_models({service})[service]
        operations = set(handled(model))
        order = model.close(operations)
        folder = options.out / "shapes" / service
        write(folder / "shapes.h", header.render(model, operations, order))
        for name, text in tables.render(model, operations, order, parts).items():
            write(folder / name, text)
    elif options.what == "services":
        write(options.out / "shapes" / "services.cpp", tables.render_services(load_models()))
    else:
        folder = options.arguments[0]
        models = load_models(set(handlers.FOLDERS[folder]))
        found = handlers.scan(ROOT / "src", folder, models)
        write(options.out / "dispatch" / f"{folder}.h", dispatch.render_header(folder))
        write(options.out / "dispatch" / f"{folder}_handlers.h", dispatch.render_declarations(folder, found, models))
        write(options.out / "dispatch" / f"{folder}.cpp", dispatch.render_table(folder, found))


if __name__ == "__main__":
    main()
