"""docs/errors.md has every error of the library, and none that the library no longer has.

A message stands there as the code writes it, with `…` for each value. If one is missing, the first
test prints it as it should be written there.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from equipoise.record.store import SQLITE_REMEDIES
from equipoise.terminal.environment import REMEDIES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/errors.md"
VALUE = "…"
# Mistakes of programmers, which keep their traceback.
OF_PROGRAMMERS = {"AttributeError", "TypeError", "ValueError"}
# What else makes an error of the text that is its last argument.
MAKERS = {"Finding", "make_mistake", "make_refusal", "reaching"}
# Functions that return what a user reads, and raise nothing.
WRITERS = {"_describe_error", "format_failure"}
# Functions that make an error of the text of another one, or of what a system says.
PASSING_ON = {
    *("_find_error", "find_too_few_for_folds", "report_mistake", "stop_on_errors"),
    *("_describe_error", "make_mistake", "parse_params", "reaching", "use_table"),
    *(
        "_find_address",
        "check_stages",
        "find_failed_copy",
        "_make_whole",
        "_on_disk",
        "_run_arms",
        "load_version",
        "naming_no_key",
        "read_record",
        "read_yaml",
        "writing",
    ),
}


@cache
def library() -> tuple[ast.Module, ...]:
    sources = sorted((ROOT / "src").rglob("*.py"))
    return tuple(ast.parse(path.read_text(encoding="utf-8")) for path in sources)


@cache
def list_functions(module: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]


@cache
def list_constants(module: ast.Module) -> dict[str, ast.expr]:
    """What a module has under names in capitals."""
    return {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }


@dataclass(frozen=True)
class Scope:
    """A function, in which an expression is understood."""

    module: ast.Module
    function: ast.FunctionDef

    def list_texts(self, node: ast.AST) -> Iterator[str]:
        """The texts that an expression stands for, literal or by a name of this module."""
        match node:
            case ast.Constant(value=str()) | ast.JoinedStr() | ast.BinOp():
                yield self.make_pattern(node)
                return
            case ast.Name(id=name):
                inside = self.list_values(name)
            case ast.Call(func=called, args=arguments):
                name = getattr(called, "id", getattr(called, "attr", ""))
                inside = chain(arguments, self.list_returned(name))
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.Starred(element):
                inside = iter([element])
            case ast.IfExp(body=first, orelse=second):
                inside = iter([first, second])
            case _:
                inside = iter(getattr(node, "elts", ()))
        for part in inside:
            yield from self.list_texts(part)

    def list_values(self, name: str) -> Iterator[ast.expr]:
        """What the function assigns to a name or appends to it, or the constant of that name."""
        for node in ast.walk(self.function):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(found)], value=value)
                    | ast.NamedExpr(target=ast.Name(found), value=value)
                ) if found == name:
                    yield value
                case ast.Call(func=ast.Attribute(ast.Name(found), "append")) if found == name:
                    yield node.args[0]
        constant = self.find_constant(name)
        if constant is not None:
            yield constant

    def list_returned(self, name: str) -> Iterator[ast.expr]:
        """What a function of this module returns."""
        for function in list_functions(self.module):
            for node in ast.walk(function) if function.name == name else ():
                if isinstance(node, ast.Return) and node.value:
                    yield node.value

    def find_constant(self, name: str) -> ast.expr | None:
        """The constant of a name, here or in the module that it is imported from."""
        modules = (self.module, *library())
        return next(
            (constants[name] for constants in map(list_constants, modules) if name in constants),
            None,
        )

    def make_pattern(self, node: ast.AST) -> str:
        """A text as it is written, with `…` for what is only known when it is said."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(map(self.make_pattern, parts))
            case ast.BinOp(left=left, right=right):
                return self.make_pattern(left) + self.make_pattern(right)
            case ast.FormattedValue(value=value):
                return self.make_pattern(value)
            case ast.Name(id=name) if constant := self.find_constant(name):
                return self.make_pattern(constant)
        return VALUE


def makes_an_error(call: ast.Call) -> bool:
    name = getattr(call.func, "id", "")
    if name == "Finding":
        return getattr(call.args[0], "value", "") == "error"
    is_error = name.endswith(("Error", "Exception")) and name not in OF_PROGRAMMERS
    return bool(call.args) and (is_error or name in MAKERS)


def list_errors() -> Iterator[tuple[str, set[str]]]:
    """For each error that the library makes: the function that makes it, and its texts."""
    for module in library():
        for function in list_functions(module):
            scope, is_writer = Scope(module, function), function.name in WRITERS
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and makes_an_error(node):
                    yield function.name, clean_texts(scope.list_texts(node.args[-1]))
                elif isinstance(node, ast.Return) and node.value and is_writer:
                    yield function.name, clean_texts(scope.list_texts(node.value))


def clean_texts(texts: Iterator[str]) -> set[str]:
    """Texts of several words, without signs at their ends that join them to others."""
    stripped = (text.strip(" :;") for text in texts)
    return {text for text in stripped if " " in text and any(map(str.isalpha, text))}


def list_rows() -> list[list[Token]]:
    """The cells of each row of the page's tables, without their headings."""
    tokens = MarkdownIt().enable("table").parse(PAGE.read_text(encoding="utf-8"))
    cells = [inline for opening, inline in pairwise(tokens) if opening.type == "td_open"]
    return [cells[start : start + 3] for start in range(0, len(cells), 3)]


def list_documented() -> list[str]:
    """The messages in the first column of the page."""
    return [
        span.content
        for messages, _, _ in list_rows()
        for span in messages.children or ()
        if span.type == "code_inline"
    ]


def test_the_page_has_every_error_and_no_other() -> None:
    """A message that is new, changed or gone is so on the page too; none is there twice."""
    written, documented = {text for _, texts in list_errors() for text in texts}, list_documented()
    missing, gone = sorted(written - {*documented}), sorted({*documented} - written)
    assert not missing, "add to docs/errors.md:\n" + "\n".join(missing)
    assert not gone, "remove from docs/errors.md:\n" + "\n".join(gone)
    assert len(documented) == len(set(documented))


def test_errors_without_a_text_of_their_own_pass_on_another() -> None:
    """So a message that is made in a way that this test cannot read is noticed."""
    assert {maker for maker, texts in list_errors() if not texts} == PASSING_ON


def test_each_row_has_a_cause_and_a_remedy() -> None:
    assert [row[0].content for row in list_rows() if not all(cell.content for cell in row)] == []


def test_the_page_has_the_remedy_for_what_a_system_says() -> None:
    """Messages get it from a table: of disks and rights, and of the file of MLflow."""
    page = PAGE.read_text(encoding="utf-8").lower()
    remedies = {*REMEDIES.values(), *SQLITE_REMEDIES.values()}
    parts = {part.lower() for text in remedies for part in text.split(": ")}
    assert {part for part in parts if part not in page} == set()
