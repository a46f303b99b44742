"""Draws Code 128 bar codes (ISO/IEC 15417, set B) as SVG: black on white, at least ten millimetres high on paper."""

from functools import cache

#: Bar and space widths of the 103 values, then start A, B, C; the stop has seven.
_WORDS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
WIDTHS = tuple(_WORDS.split())
START_B, STOP = 104, "2331112"
QUIET, HEIGHT = 10, 40


def code_values(text: str) -> list[int]:
    """Give the values of a text: start, its characters, the check value."""
    values = [START_B, *(ord(character) - 32 for character in text)]
    if not all(0 <= value <= 94 for value in values[1:]):
        raise ValueError("a bar code holds ASCII only")
    check = (START_B + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return [*values, check]


@cache
def barcode_svg(text: str) -> str:
    """Draw a text."""
    pattern = "".join(WIDTHS[value] for value in code_values(text)) + STOP
    bars, x = [], QUIET
    for place, width in enumerate(map(int, pattern)):
        if place % 2 == 0:
            bars.append(f'<rect x="{x}" y="0" width="{width}" height="{HEIGHT}"/>')
        x += width
    size = x + QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{HEIGHT}" viewBox="0 0 {size} {HEIGHT}">'
        f'<rect width="{size}" height="{HEIGHT}" fill="#fff"/>{"".join(bars)}</svg>'
    )
