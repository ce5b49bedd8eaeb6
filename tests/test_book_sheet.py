"""The cheat sheet of the book: equal in content to the sheet that the course teaches, on one side of paper."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from book_site import settled
from jupyter_browser import browser_page
from sphinx.cmd.build import main as sphinx

from book import HERE, sheet
from book.assemble import scripts

TAUGHT = Path(__file__).with_name("cheat_sheet.md").read_text()
OURS = sheet.pages()["sheet.md"]
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.S)
BOLD = re.compile(r"\*\*(.+?)\*\*")
CAREFUL = re.compile(r":::\{div\} careful\n(.+?)\n:::", re.S)

# What stands there in another form: in which section, what the taught sheet has, what stands for it, and why.
DIFFERENT = (
    (1, "Layer Equations ($L$ layers):", "**Layer:** linear combination", "one list, with $l = L$ at its end"),
    (3, r"$\delta^{[L]}=\nabla_{o}\mathcal{L}=\hat{y}-y$", r"| softmax + cross-entropy (CE) | $\hat y-y$ |",
     "a table: three losses have an output gradient"),
    (9, "Perform the forward pass.", "2. Forward: all $z$, $a$,", "shorter"),
    (9, r"$z, a, \hat{y}$", r"$z$, $a$, $\hat y$", "three formulas"),
    (9, r"$\delta^{(\text{out})}=\frac{\partial L}{\partial z}=\hat y-y$",
     r"$\delta^{(\text{out})}=\frac{\partial\mathcal L}{\partial z}$: $\hat y-y$ for softmax + CE",
     "said once for two losses"),
    (9, r"$\delta^{(\text{out})}=\hat y-y$", r"and sigmoid + BCE, $2(\hat y-y)$ for MSE",
     "corrected: the MSE has a factor 2"),
    (9, "Use the Linear Layer Jacobian Pattern.", "4. The linear pattern", "shorter"),
)  # fmt: skip

# What a sentence of the taught sheet says too briefly, or wrongly, and the correction that must stand in a frame.
CORRECTED = (
    (0, "to find a better local minimum", "no second bottom to find or to miss"),
    (2, r"\frac{1}{m}\sum_i \| \hat{y}^{(i)}-y^{(i)}\|^2", "say which MSE you use"),
    (2, "Use the log-sum-exp trick", "A stable softmax is not enough"),
    (3, r"\nabla_{o}\mathcal{L}=\hat{y}-y", r"a mean over $m$ has $\frac1m(\hat y-y)$"),
    (4, "For Tanh/Sigmoid", "Glorot does not keep a sigmoid net's variance, and tanh sinks slowly"),
    (4, "promotes sparse gradients", "Sparse are ReLU's deltas, not a batch's $dW$"),
    (4, 'Fixes the "dying ReLU" problem', "slope is never 0: that is all it promises"),
    (5, r"v_t=\mu v_{t-1}+g_t", "Elsewhere momentum is"),
    (6, r"Add $\lambda\| W\|_2^2$ to the loss", r"With $\frac\lambda2$ the gradient is $\lambda W$"),
    (6, "L2 Regularization (Weight Decay)", "not for Adam"),
    (6, "stop training when it begins to increase", "The validation loss is noisy. Have patience"),
    (6, "rotation", "A 6 turned by half is a 9"),
    (7, "which smooths the loss landscape", "That the first *causes* the others is disputed"),
    (8, "gradient highway", "Unscaled, the highway explodes"),
    (8, "mitigates vanishing gradients", "A plain net with He's weights does not lose its gradient"),
    (8, "easy for the block to learn an identity mapping", "only without a ReLU after the sum"),
    (8, "reduce parameters and computation", "saves at equal *outer* width"),
    (9, r"MSE (Regression): $\delta^{(\text{out})}=\hat y-y$", "means half the square of one example"),
    (9, r"\nabla_b L=\delta", "over a batch it is the sum"),
)


def sections(text: str) -> list[str]:
    return re.split(r"^## ", text, flags=re.M)


# The taught sheet opens with a question and no heading; ours has a heading there, and words for the reader above it.
PAIRS = list(zip(sections(TAUGHT), sections(OURS)[1:], strict=True))
numbers = pytest.mark.parametrize("number", range(len(PAIRS)))


def plain(formula: str) -> str:
    """Without what changes nothing in a formula: blanks, sizes, braces, fonts, dots, the name of the loss."""
    formula = re.sub(r"\\(left|right|[bB]igg?|displaystyle|boxed|text|mathrm|mathcal|lVert|rVert)(?![a-zA-Z])",
                     lambda found: r"\|" if found[1].endswith("Vert") else "", formula)  # fmt: skip
    formula = re.sub(r"\\[,;: ]|\\cdot|[\s{}&]", "", formula.replace(r"\dfrac", r"\frac"))
    return re.sub(r"^L=(?=.*\\sum)", "", formula).strip(",.")


def formulas(text: str) -> list[str]:
    """Each formula, plain; what stands side by side or line below line is taken apart."""
    found = [re.sub(r"\\(begin|end)\{aligned\}", "", inline or display) for display, inline in FORMULA.findall(text)]
    return [plain(part) for each in found for part in re.split(r"\\\\|\\q?quad|\\implies", each) if plain(part)]


def words(text: str) -> set[str]:
    """Its words, one form for singular and plural, for -ise and -ize; without those that carry nothing."""
    found = re.findall(r"[a-z0-9]+", FORMULA.sub(" ", text).casefold().replace("iz", "is"))
    return {word.removesuffix("s") for word in found} - {"and", "during", "for", "the", "your"}


def lost(taught: str, ours: str) -> Iterator[str]:
    """The formulas and the bold terms of the taught section that ours lacks."""
    there = formulas(ours)
    yield from (each for each in formulas(taught) if not any(each in formula for formula in there))
    yield from (each for each in BOLD.findall(taught) if not words(each) <= words(ours))


def key(taught: str) -> str:
    return plain(taught.strip("$")) if taught.startswith("$") else taught


@numbers
def test_each_formula_and_each_bold_term_stands_in_its_section(number):
    ours, different = PAIRS[number][1], [entry for entry in DIFFERENT if entry[0] == number]
    assert set(lost(*PAIRS[number])) == {key(taught) for _, taught, _, _ in different}
    assert all(instead in ours for _, _, instead, _ in different)


def test_what_is_taken_out_is_missed():
    taught, ours = PAIRS[3]
    assert r"\phi'(z)=\mathbb1[z>0]" in set(lost(taught, ours.replace(r"\mathbb 1[z>0]", "")))
    assert "Weights:" in set(lost(taught, ours.replace("weights", "")))


@pytest.mark.parametrize(("number", "taught", "correction"), CORRECTED)
def test_what_the_sheet_says_wrongly_is_corrected_in_a_frame(number, taught, correction):
    before, ours = PAIRS[number]
    assert taught in before
    assert any(correction in " ".join(frame.split()) for frame in CAREFUL.findall(ours))


A4 = 841.9, 595.3  # points, landscape
POINT = 96 / 72  # pixels
SMALLEST = 6.5  # points

# The sheet as it lies on paper: its height, the size of its letters, and what sticks out of its column.
LAID_OUT = """() => {
    const sheet = document.querySelector("#cheat-sheet"), box = sheet.getBoundingClientRect();
    const style = getComputedStyle(sheet), columns = parseInt(style.columnCount), gap = parseFloat(style.columnGap);
    const step = (box.width + gap) / columns;
    const seen = (node) => node.checkVisibility() && getComputedStyle(node).columnSpan !== "all";
    const texts = [...sheet.querySelectorAll("section *:not(mjx-container *)")].filter(seen);
    const outside = texts.flatMap((node) => [...node.getClientRects()].map((rect) => {
        const left = box.left + Math.floor((rect.left - box.left + 1) / step) * step;
        return {node, over: rect.right - left - (step - gap)};
    })).filter(({node, over}) => over > 1 || node.scrollWidth > node.clientWidth + 1 && node.clientWidth);
    return {
        height: sheet.scrollHeight, width: box.width, columns, count: texts.length,
        letters: Math.min(...texts.map((node) => parseFloat(getComputedStyle(node).fontSize))),
        outside: outside.map(({node}) => node.outerHTML.slice(0, 120)),
    };
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The sheet in the book's dress, in Chromium."""
    folder = tmp_path_factory.mktemp("sheet")
    (folder / "index.md").write_text(OURS)
    scripts()
    assert sphinx(["-b", "html", "-c", str(HERE), "-Q", str(folder), str(folder / "html")]) == 0
    with browser_page() as page:
        page.goto(f"file://{folder}/html/index.html")
        settled(page)
        yield page


@pytest.mark.browser
def test_it_prints_on_one_side_of_paper(page):
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    [size] = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert [float(side) for side in size] == pytest.approx(A4, abs=1)


@pytest.mark.browser
def test_on_paper_nothing_is_cut_off_or_too_small_to_read(page):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round((A4[0] - 34) * POINT), "height": round((A4[1] - 34) * POINT)})  # 2 x 6 mm
    laid = page.evaluate(LAID_OUT)
    page.emulate_media(media="screen")
    assert laid["count"] > 100
    assert laid["letters"] >= SMALLEST * POINT - 0.01
    assert laid["height"] <= (A4[1] - 34) * POINT
    assert laid["outside"] == []


@pytest.mark.browser
def test_on_the_screen_it_says_how_to_print_and_on_paper_it_does_not(page):
    hint = page.locator("text=Ctrl+P")
    assert hint.is_visible()
    page.emulate_media(media="print")
    assert not hint.is_visible()
    page.emulate_media(media="screen")
