"""Run the examples of a section of README.md and compare what they print with what stands there.

    readme.py README SECTION ADDRESS FOLDER

An example is a line "    $ COMMAND" and the lines below it, up to the next one; "…" stands for
anything but nothing. Commands run in one shell, in FOLDER, against ADDRESS instead of 127.0.0.1:8080.
"""
import re
import subprocess
import sys

MARK = "@@end-of-an-example@@"


def examples_of(path, section):
    inside = False
    examples = []
    for line in open(path, encoding="utf-8"):
        if line.startswith("## "):
            inside = line[3:].strip() == section
        elif inside and line.startswith("    $ "):
            examples.append((line[6:].rstrip("\n"), []))
        elif inside and line.startswith("    ") and examples:
            examples[-1][1].append(line[4:].rstrip())
    return examples


def pattern_of(lines):
    text = "\n".join(lines)
    return re.compile(".+?".join(re.escape(part) for part in text.split("…")) or "", re.S)


def main(path, section, address, folder):
    examples = examples_of(path, section)
    if not examples:
        sys.exit(f"no examples in {section}")
    script = "".join(f"{command.replace('127.0.0.1:8080', address)}\nprintf '\\n%s\\n' '{MARK}'\n"
                     for command, _ in examples)
    run = subprocess.run(["bash"], input=script, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    outputs = run.stdout.split(f"\n{MARK}\n")
    for (command, expected), output in zip(examples, outputs):
        got = "\n".join(line.rstrip() for line in output.replace(address, "127.0.0.1:8080").strip("\n").splitlines())
        if not pattern_of(expected).fullmatch(got):
            sys.exit(f"$ {command}\nprinted\n{got[:1500]}\nREADME.md has\n" + "\n".join(expected))
    print(f"{len(examples)} examples")


main(*sys.argv[1:])
