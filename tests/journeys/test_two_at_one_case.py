"""Two browsers at one case: each is told of the other at the next poll, and neither overwrites the other."""

from playwright.sync_api import BrowserContext, expect
from product import Product
from visitor import MOVED, Visitor

BESIDE = "也正打开此办件"
#: No page waits longer than this between two polls.
ONE_POLL = 24_000


def seat(context: BrowserContext, product: Product, username: str) -> Visitor:
    """Sit down at a browser whose clock the test can move on."""
    page = context.new_page()
    page.clock.install()
    visitor = Visitor(page, product)
    visitor.sign_in(username)
    return visitor


def next_poll(visitor: Visitor) -> None:
    """Let the time until the next poll pass in this browser; exactly one poll of the case is answered."""
    with visitor.page.expect_response(lambda answer: answer.url.endswith("/state")):
        visitor.page.clock.fast_forward(ONE_POLL)


def refused_with_what_was_typed(visitor: Visitor, button: str, **typed: str) -> None:
    """Press a button of a page that is no longer true: it is refused in words, and what was typed stands there."""
    form = visitor.page.locator("form#action")
    visitor.press(form.locator(f"button[value={button}]"))
    expect(visitor.page.locator("main")).to_contain_text(MOVED)
    for name, value in typed.items():
        expect(form.locator(f"[name={name}]")).to_have_value(value)


def fill(visitor: Visitor, **typed: str) -> None:
    for name, value in typed.items():
        visitor.page.locator(f"form#action [name={name}]").fill(value)


def test_second_is_told_at_the_next_poll_and_neither_overwrites_the_other(new_context, product: Product) -> None:
    worker, reviewer = (seat(new_context(), product, name) for name in ("worker1", "reviewer1"))
    case_id, _ = worker.hand_in("赵建国", "MZ-001")
    worker.open_case(case_id)
    expect(worker.page.locator("#progress")).not_to_contain_text(BESIDE)
    reviewer.open_case(case_id)
    expect(reviewer.page.locator("#progress")).to_contain_text(BESIDE)  # told before anything is typed
    opinion = {"reason": "入户情况属实", "visitors": "郑洁、周敏", "visited_on": "2026-03-02"}
    fill(reviewer, **opinion)
    leaving = {"reason": "居民要求撤回"}
    next_poll(worker)
    expect(worker.page.locator("#progress")).to_contain_text(BESIDE)

    # The first asks for more days in a window of the same browser while the second still reads and types.
    clocks = worker.page.context.new_page()
    worker.listen(clocks)
    clocks.goto(f"{product.url}/h/wutong/cases/{case_id}/clocks")
    clocks.fill("[name=days]", "5")
    clocks.fill("[name=extension_reason]", "外地核查未回")
    worker.act(clocks.locator("form#ask-extension button[value=ask_extension]"))
    expect(clocks.locator("#extension")).to_contain_text("外地核查未回")
    clocks.close()

    next_poll(reviewer)
    for name, value in opinion.items():  # a poll takes nothing away
        expect(reviewer.page.locator(f"form#action [name={name}]")).to_have_value(value)
    refused_with_what_was_typed(reviewer, "agree", **opinion)
    reviewer.act(reviewer.page.locator("form#action button[value=agree]"))  # having looked at it as it stands now
    expect(reviewer.page.locator("#timeline")).to_contain_text(opinion["reason"])

    # The other way round: the first one's page is older than the second one's opinion.
    fill(worker, **leaving)
    refused_with_what_was_typed(worker, "withdraw", **leaving)
    expect(worker.page.locator("#timeline")).to_contain_text(opinion["reason"])
    expect(worker.page.locator("#timeline")).not_to_contain_text(leaving["reason"])
    for visitor in (worker, reviewer):
        assert [text for text in visitor.complaints if "status of 409" not in text] == []
