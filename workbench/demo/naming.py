"""Names of nobody: common surnames and characters put together, some rare characters, some names with a dot."""

from .chance import Chance

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗" * 4
    + "梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆"
    + "郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    + "单仇解查区尉盖朴缪覃"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "尉迟", "皇甫")
GIVEN = {
    "old": {
        "1": "国建德福贵荣生明发祥根海山林宝金水永成志树春长顺有才义",
        "2": "秀英桂兰玉珍凤琴芳淑华梅莲香翠菊素云巧红月仙爱娥霞",
    },
    "middle": {
        "1": "伟强军勇涛斌波辉刚健杰鹏峰超磊亮平东文明华建新志国宏庆",
        "2": "丽敏静燕艳娟红霞萍玲梅芬芳慧洁云莉琳娜晓雪春英华秋颖",
    },
    "young": {
        "1": "浩宇轩泽睿辰皓博俊熙子铭航晨煜昊然奕翔宸嘉文一诺",
        "2": "欣怡涵梓萱雨诗琪佳语桐悦可馨若彤思妍紫晗艺一诺婉清",
    },
}
#: Some old systems cannot hold these; screens, papers and codecs must.
RARE = "𠮷㐂䶮镕㛃𬭎"
UYGUR_GIVEN = {"1": ("买买提", "艾力", "吐尔逊", "阿卜杜拉"), "2": ("阿依古丽", "古丽娜尔", "帕提古丽", "热依汗")}
UYGUR_FATHER = ("买买提", "艾合买提", "依明", "吐尔逊", "卡德尔", "玉素甫")
TIBETAN = {"1": ("扎西", "多吉", "次仁"), "2": ("卓玛", "央金", "拉姆")}


def make_surname(chance: Chance) -> str:
    """Make a family name, now and then one of two characters."""
    return chance.one_of(DOUBLE_SURNAMES) if chance.happens(0.004) else chance.one_of(SURNAMES)


def make_name(chance: Chance, surname: str, sex: str, birth_year: int) -> str:
    """Make a name that fits sex and year; about one in a hundred has a rare character."""
    age = "old" if birth_year < 1962 else "middle" if birth_year < 1996 else "young"
    pool = GIVEN[age][sex]
    given = chance.one_of(pool) + (chance.one_of(pool) if chance.happens(0.75) else "")
    if chance.happens(0.01):
        given = chance.one_of(RARE) + given[1:]
    return surname + given


def make_dotted_name(chance: Chance, sex: str) -> tuple[str, str]:
    """Make a name with a middle dot, and the code of its ethnic group (GB/T 3304)."""
    if chance.happens(0.2):
        return f"{chance.one_of(TIBETAN[sex])}·{chance.one_of(TIBETAN['1'])}", "04"
    return f"{chance.one_of(UYGUR_GIVEN[sex])}·{chance.one_of(UYGUR_FATHER)}", "05"
