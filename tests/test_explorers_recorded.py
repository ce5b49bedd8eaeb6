"""The recorded face of an explorer in Chromium, with its pictures beside the page, as in the book."""

import pytest
from book_site import Watch
from jupyter_browser import browser_page

from book.pictures import unpack
from dnnlib.losses import bce_with_logits
from labkit.explorers import losses, recorded

pytestmark = pytest.mark.browser
EXPLORER = losses.breaking(bce_with_logits)
LAST = len(EXPLORER.tour)
PAGE = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Page</title>{}</html>'


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    face = unpack(recorded.recorded(EXPLORER, EXPLORER.tour), folder / "pictures", "pictures")
    (folder / "index.html").write_text(PAGE.format(face))
    return f"file://{folder}/index.html"


@pytest.fixture(scope="module")
def browser():
    with browser_page() as page:
        yield page


@pytest.fixture
def page(browser, address):
    browser.set_viewport_size({"width": 1200, "height": 900})
    browser.goto(address, wait_until="networkidle")
    return browser


def told(page) -> str:
    return page.locator(".explorer-step").first.inner_text()


def test_the_keyboard_goes_through_the_tour(page):
    image, slider = page.locator("img"), page.get_by_role("slider", name="Picture")
    slider.focus()
    start = image.get_attribute("src"), image.get_attribute("alt")
    assert f"Picture 1 of {LAST}" in told(page) and "✓" not in told(page)
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == f"Picture 2 of {LAST}: logit: 6"
    assert page.locator(".explorer-step strong").first.inner_text() == "logit: 6"
    assert image.get_attribute("src") != start[0] and "logit 6" in image.get_attribute("alt")
    page.keyboard.press("End")
    assert f"Picture {LAST} of {LAST}" in told(page) and told(page).count("✓ Goal reached") == 2
    page.keyboard.press("Home")
    assert (image.get_attribute("src"), image.get_attribute("alt")) == start
    assert "logit 5" in page.get_by_role("status").inner_text()
    assert not any(step.is_visible() for step in page.locator(".explorer-steps > *").all()), "they only keep the place"


def test_the_buttons_go_one_step_and_stop_at_the_ends(page):
    back, on = page.get_by_role("button", name="Back"), page.get_by_role("button", name="Next")
    back.click(force=True)
    assert "Picture 1 of" in told(page) and back.get_attribute("aria-disabled") == "true"
    on.click()
    assert "Picture 2 of" in told(page) and back.get_attribute("aria-disabled") == "false"
    page.get_by_role("slider").press("End")
    on.click(force=True)
    assert f"Picture {LAST} of" in told(page) and on.get_attribute("aria-disabled") == "true"


def test_pictures_are_asked_for_when_the_slider_is_touched_and_before_they_are_shown(page, address):
    watch = Watch(page, address.rpartition("/")[0])
    page.goto(address, wait_until="networkidle")
    assert len([url for url in watch.asked if url.endswith(".png")]) == 1
    with page.expect_request("**/*.png"):
        page.get_by_role("slider").focus()
    assert 1 < len({url for url in watch.asked if url.endswith(".png")}) < 8
    for _ in range(LAST):
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.images[0].complete && document.images[0].naturalWidth > 0")
    assert watch.taken() == []


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_jumps_and_a_finger_finds_its_place(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    height = page.evaluate("document.body.scrollHeight")
    for _ in range(LAST):
        page.get_by_role("slider").press("ArrowRight")
        assert page.evaluate("document.body.scrollHeight") == height, told(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for place in (*page.get_by_role("button").all(), page.get_by_role("slider")):
        box = place.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44


def test_on_paper_the_first_step_stands_alone(page):
    page.emulate_media(media="print")
    assert not page.get_by_role("slider").is_visible() and page.locator("img").is_visible()
    assert "Picture 1 of" in told(page)
    page.emulate_media(media="screen")


def test_without_javascript_the_first_step_stands_alone(browser, address):
    page = browser.context.browser.new_page(java_script_enabled=False)
    page.goto(address)
    assert page.locator("img").is_visible() and "logit: 5" in told(page)
    assert not page.get_by_role("slider").is_visible() and not page.get_by_role("button").first.is_visible()
    assert page.locator("noscript p").inner_text() == f"The first of {LAST} pictures. JavaScript shows the others."
