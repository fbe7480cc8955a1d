"""The chart of the benchmarks is well-formed and shows what was measured."""

import unittest
import xml.etree.ElementTree

import chart

SVG = "{http://www.w3.org/2000/svg}"


def result(name, relevent, reference):
    return {"name": name, "relevent": relevent, "reference": reference}


def draw(*results):
    return xml.etree.ElementTree.fromstring(chart.svg(results, "A <title>", "details"))


class ChartTest(unittest.TestCase):
    def test_bars_are_as_long_as_the_logarithm_of_the_ratio(self):
        bars = draw(result("echo 1", 1, 2), result("echo 2", 1, 8)).findall(f"{SVG}rect")
        widths = [float(bar.get("width")) for bar in bars]
        self.assertAlmostEqual(widths[1] / widths[0], 3, delta=0.01)

    def test_a_bar_to_the_left_is_worse(self):
        worse, better = draw(result("a", 2, 1), result("b", 1, 2)).findall(f"{SVG}rect")
        self.assertEqual(("worse", "better"), (worse.get("class"), better.get("class")))
        self.assertLess(float(worse.get("x")), float(better.get("x")))

    def test_each_group_has_a_heading(self):
        texts = draw(result("echo 1", 1, 1), result("echo 2", 1, 1), result("io x", 1, 1))
        headings = [text.text for text in texts.findall(f"{SVG}text[@class='group']")]
        self.assertEqual(["echo", "io"], headings)

    def test_what_was_not_counted_and_no_result_at_all(self):
        self.assertEqual([], draw(result("a", 0, 1)).findall(f"{SVG}rect"))
        self.assertEqual([], draw().findall(f"{SVG}rect"))


if __name__ == "__main__":
    unittest.main()
