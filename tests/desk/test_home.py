"""The home page: by due day, for the role, with a constant number of queries."""


def test_home_opens(world) -> None:
    for who in ("worker1", "reviewer1", "hubadmin1", "sysadmin"):
        for locale in ("zh_CN", "en"):
            answer = world.sign_in(who, locale).get("/h/wutong/")
            assert answer.status_code == 200, who
