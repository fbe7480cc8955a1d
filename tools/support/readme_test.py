"""The commands of a guide are found as they stand, and what it names wrongly."""

import unittest

import readme

GUIDE = """
```sh
# no command
./tools/demo    # builds
cc a.c \\
  b.c
```
```c
int main(void);
```
"""


class ReadmeTest(unittest.TestCase):
    def test_commands_are_the_lines_of_shell_blocks(self):
        self.assertEqual(readme.commands(GUIDE), ["./tools/demo    # builds", "cc a.c   b.c"])

    def test_a_comment_is_no_part_of_a_command(self):
        self.assertEqual(readme.without_comment("make    # all"), "make")
        self.assertEqual(readme.without_comment("printf %s a#b"), "printf %s a#b")

    def test_tools_and_options_have_to_be_there(self):
        self.assertEqual(list(readme.tool_complaints("docs", " --check")), [])
        self.assertEqual(list(readme.tool_complaints("docs", " --chic")), ["tools/docs has no --chic"])
        self.assertEqual(list(readme.tool_complaints("dogs", "")), ["there is no tools/dogs"])

    def test_links_and_tools_are_found_in_text(self):
        text = "[map](src/README.md) ![c](c.svg) [x](http://x) `./tools/fuzz\n--seconds 9` `tools/man/a.1`"
        self.assertEqual(readme.LINK.findall(text), ["src/README.md", "c.svg"])
        self.assertEqual(readme.TOOL.findall(text), [("fuzz", "\n--seconds 9")])


if __name__ == "__main__":
    unittest.main()
