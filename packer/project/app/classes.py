"""The project's own classes: what they inherit from, and what their objects' attributes stand for."""

from __future__ import annotations

import ast

from msgspec.structs import replace

from packer.project.app.frameworks import Constructor, constructor_named
from packer.project.app.reading import Frame, Reader
from packer.project.app.syntax import is_property, self_assignments
from packer.project.app.values import App, Class, External, Function, Instance, Value

__all__ = ["ClassReader"]


class ClassReader:
    """Reads attributes and bases of classes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._assigned: dict[int, dict[str, list[ast.expr]]] = {}
        self._constructors: dict[int, Constructor | None] = {}

    def attribute(self, owner: Instance | Class, name: str) -> Value:
        """What an attribute of a class or of its objects stands for: a method, or what the class assigns to it."""
        of = owner.of if isinstance(owner, Instance) else owner
        return self._reader.once(("attribute", id(of.node), name), lambda: self._attribute(owner, of, name))

    def constructor_of(self, of: Class) -> Constructor | None:
        """The framework's constructor that a class inherits from, through as many classes as it takes."""
        key = id(of.node)
        if key not in self._constructors:
            self._constructors[key] = None  # what a class that inherits from itself finds
            found = (self._inherited(base, of.path) for base in of.node.bases)
            self._constructors[key] = next((one for one in found if one is not None and one.certain), None)
        return self._constructors[key]

    def annotated(self, annotation: ast.expr | None, path: str) -> Constructor | None:
        """The constructor of the framework's class that an annotation names."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                annotation = ast.parse(annotation.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
        return self._inherited(annotation, path) if annotation is not None else None

    def made_by(self, constructor: Constructor, place: tuple[str, int], host: App | None = None) -> App:
        """The application that a constructor makes at a place, or around the application that it is given."""
        path, line = place
        made = App(
            framework=constructor.framework,
            interface=constructor.interface,
            path=path,
            line=line,
            suffix=constructor.suffix,
            package=constructor.package,
            certain=constructor.certain,
        )
        return replace(made, path=host.path, line=host.line, makers=host.makers) if host else made

    def _inherited(self, base: ast.expr, path: str) -> Constructor | None:
        match self._reader.expression(base, Frame(path=path)):
            case External(name=name):
                return constructor_named(name)
            case Class() as parent:
                return self.constructor_of(parent)
            case _:
                return None

    def _attribute(self, owner: Instance | Class, of: Class, name: str) -> Value:
        if isinstance(owner, Instance):
            assigned = self._assigned_to_self(owner, name)
            if assigned is not None:
                return assigned
        return self._declared(owner, of, name)

    def _assigned_to_self(self, instance: Instance, name: str) -> Value:
        of = instance.of
        if id(of.node) not in self._assigned:
            self._assigned[id(of.node)] = self_assignments(of.node)
        frame = Frame(path=of.path, local={"self": instance})
        values = (self._reader.expression(node, frame) for node in self._assigned[id(of.node)].get(name, ()))
        return next((value for value in values if value is not None), None)

    def _declared(self, owner: Instance | Class, of: Class, name: str) -> Value:
        for statement in of.node.body:
            match statement:
                case ast.FunctionDef(name=found) if found == name:
                    method = Function(path=of.path, node=statement, bound=owner)
                    return self._reader.returned(method) if is_property(statement) else method
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    return self._reader.expression(value, Frame(path=of.path))
                case _:
                    continue
        return self._inherited_attribute(owner, of, name)

    def _inherited_attribute(self, owner: Instance | Class, of: Class, name: str) -> Value:
        for base in of.node.bases:
            parent = self._reader.expression(base, Frame(path=of.path))
            if isinstance(parent, Class):
                return self._inherited_from(parent, owner, name)
        return None

    def _inherited_from(self, parent: Class, owner: Instance | Class, name: str) -> Value:
        return self._reader.once(("inherited", id(parent.node), name), lambda: self._declared(owner, parent, name))
