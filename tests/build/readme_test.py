"""The README and the pages of docs/ say what there is: their examples compile as they stand, and
link and run if they are programs; their tables name tests that exist; and their links, and the links
of HACKING.md, point to something. The README is short.

usage: readme_test.py SOURCE_DIRECTORY COMPILER INCLUDE_DIRECTORY LIBRARY CTEST BUILD_DIRECTORY EMULATOR

EMULATOR is what runs programs, in front of their paths; it may be empty.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

LARGEST_README = 150  # lines


def check_table(name, text, tests):
    """Every row of what is accepted ends in names of tests."""
    tables = re.findall(r"^\| \| \| tests \|\n\|.*\n((?:\|.*\n)+)", text, re.M)
    if len(tables) != 1:
        sys.exit(f"{name} has {len(tables)} tables of what is accepted; expected 1")
    rows = tables[0].splitlines()
    if len(rows) < 10:
        sys.exit(f"{name}: the table of what is accepted has {len(rows)} rows; expected at least 10")
    for row in rows:
        names = re.findall(r"`([^`]+)`", row.rsplit("|", 2)[1])
        if not names:
            sys.exit(f"{name}: no test in: {row}")
        for test_name in names:
            if not any(re.search(test_name, test) for test in tests):
                sys.exit(f"{name}: there is no test {test_name}, for: {row}")


def check_rows_link(text):
    """Every row of the README's table links to its page."""
    table = re.search(r"^\| \| \| tests \|\n\|.*\n((?:\|.*\n)+)", text, re.M)
    for row in table[1].splitlines():
        if not re.match(r"\| \[[^\]]+\]\(docs/[a-z_]+\.md[)#]", row):
            sys.exit(f"README.md: no link to a page of docs/ begins: {row}")


def without_blocks(text):
    """Markdown without fenced blocks of code."""
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def anchors(text):
    """The names that GitHub gives to headings."""
    found = set()
    for heading in re.findall(r"^#{1,6} +(.*?) *$", without_blocks(text), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        name, count = slug, 0
        while name in found:
            count += 1
            name = f"{slug}-{count}"
        found.add(name)
    return found


def check_links(page, root):
    """Every relative link points to a file or a folder of the repository, and to a heading if it
    names one. Returns what the links point to."""
    text = re.sub(r"`[^`\n]*`", "``", without_blocks(page.read_text()))
    targets = re.findall(r"\]\(\s*<?([^)\s>]*)>?[^)]*\)", text)
    targets += re.findall(r"^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)", text, re.M)
    targets += re.findall(r"<(?:a|img)\b[^>]*\b(?:href|src)=[\"']([^\"']*)", text)
    pointed_to = set()
    for target in targets:
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        where = f"{page.relative_to(root)}: the link to '{target}'"
        path, _, anchor = target.partition("#")
        if not path and not anchor or path.startswith("/"):
            sys.exit(f"{where} is not relative")
        file = (page.parent / path).resolve() if path else page
        if not file.is_relative_to(root) or not file.exists():
            sys.exit(f"{where} points to nothing")
        if anchor and (file.suffix != ".md" or anchor not in anchors(file.read_text())):
            sys.exit(f"{where} points to no heading")
        pointed_to.add(file)
    return pointed_to


def check_examples(texts, compiler, include, library, emulator):
    """All examples compile, and the programs among them link and run."""
    examples = [(name, example) for name, text in texts.items()
                for example in re.findall(r"```cpp\n(.*?)```", text, re.DOTALL)]
    programs = [name for name, example in examples if "int main(" in example]
    if "README.md" not in programs:
        sys.exit("expected a program in README.md")
    if len(programs) < 2 or len(programs) == len(examples):
        sys.exit("expected at least two programs and a function in README.md and docs/")
    with tempfile.TemporaryDirectory() as directory:
        for number, (name, example) in enumerate(examples):
            print(f"example {number + 1}, of {name}", flush=True)
            source = pathlib.Path(directory) / f"example{number}.cpp"
            program = pathlib.Path(directory) / f"example{number}"
            source.write_text(example)
            compile = [compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I", include,
                       str(source), "-o", str(program)]
            if "int main(" not in example:  # it needs what not every machine has
                subprocess.run([*compile, "-c"], check=True)
                continue
            subprocess.run([*compile, library, "-pthread", "-ldl"], check=True)
            subprocess.run([*shlex.split(emulator), str(program)], check=True)


def main():
    directory, compiler, include, library, ctest, build, emulator = sys.argv[1:]
    root = pathlib.Path(directory).resolve()
    pages = [root / "README.md", *sorted((root / "docs").glob("**/*.md"))]
    texts = {str(page.relative_to(root)): page.read_text() for page in pages}
    readme = texts["README.md"]

    lines = len(readme.splitlines())
    if lines > LARGEST_README:
        sys.exit(f"README.md has {lines} lines; expected at most {LARGEST_README}")

    linked = check_links(root / "README.md", root)
    for page in [*pages[1:], root / "HACKING.md"]:
        check_links(page, root)
    for page in pages[1:]:
        if page not in linked:
            sys.exit(f"README.md has no link to {page.relative_to(root)}")

    listing = subprocess.run([ctest, "-N"], cwd=build, text=True, check=True,
                             capture_output=True).stdout
    tests = re.findall(r"^ *Test *#\d+: (.*)$", listing, re.M)
    for name in ["README.md", "docs/types_and_layouts.md"]:
        check_table(name, texts[name], tests)
    check_rows_link(readme)

    check_examples(texts, compiler, include, library, emulator)


if __name__ == "__main__":
    main()
