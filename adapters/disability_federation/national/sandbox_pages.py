"""The HTML of the pretend platform, in the manner of such sites: tables, hidden state, GB2312 in the head."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

TITLE = "全国残疾人信息化服务平台"
VERSION = "V2024.3"
BUSINESS = {
    "01": "残疾人证新办", "02": "残疾类别/等级变更", "03": "残疾人证到期换领", "04": "残疾人证挂失补办",
    "05": "残疾人证残损换新", "06": "残疾人证迁移", "07": "残疾人证注销", "08": "基本辅助器具适配补贴",
    "09": "机动轮椅车燃油补贴", "10": "家庭无障碍改造", "11": "残疾儿童康复救助", "12": "教育资助",
    "13": "托养服务补贴", "14": "精神残疾人药费补助", "15": "社会保险补贴", "16": "职业技能培训报名",
}  # fmt: skip
SEX = ("1|男", "2|女", "9|未说明")
ID_TYPE = (
    "1|居民身份证", "2|户口簿", "3|护照", "4|港澳居民来往内地通行证",
    "5|台湾居民来往大陆通行证", "6|外国人居留证", "9|其他",
)  # fmt: skip
MARRIAGE = ("1|未婚", "2|已婚", "3|丧偶", "4|离婚", "9|未说明")
EDUCATION = ("1|研究生", "2|大学本科", "3|大学专科", "4|中专中职", "5|高中", "6|初中", "7|小学", "8|其他")
CATEGORY = ("1|视力残疾", "2|听力残疾", "3|言语残疾", "4|肢体残疾", "5|智力残疾", "6|精神残疾", "7|多重残疾")
LEVEL = ("1|一级", "2|二级", "3|三级", "4|四级")
RELATION = ("1|本人", "2|配偶", "3|子女", "4|父母", "5|祖父母外祖父母", "6|兄弟姐妹", "7|其他亲属", "9|其他")
#: name, label, greatest length or choices; in the order of the screen.
FIELDS: tuple[tuple[str, str, int | tuple[str, ...]], ...] = (
    ("txtLybh", "来源编号", 40),
    ("txtBjbh", "来源办件编号", 40),
    ("txtXm", "姓名", 50),
    ("ddlZjlx", "证件类型", ID_TYPE),
    ("txtZjhm", "证件号码", 30),
    ("ddlXb", "性别", SEX),
    ("txtCsrq", "出生日期", 8),
    ("ddlHyzk", "婚姻状况", MARRIAGE),
    ("ddlWhcd", "文化程度", EDUCATION),
    ("txtLxdh", "联系电话", 20),
    ("txtHjqh", "户籍区划", 12),
    ("txtHjdz", "户籍地址", 100),
    ("txtJzqh", "居住区划", 12),
    ("txtJzdz", "居住地址", 100),
    ("txtCjzh", "残疾人证号", 22),
    ("ddlCjlb", "残疾类别", CATEGORY),
    ("ddlCjdj", "残疾等级", LEVEL),
    ("ddlXlb", "申请变更为", CATEGORY),
    ("txtJhrxm", "监护人姓名", 50),
    ("txtJhrzj", "监护人证件号码", 30),
    ("ddlJhrgx", "与监护人关系", RELATION),
    ("txtJhrdh", "监护人电话", 20),
)
REMARKS = "txtBz"
REMARKS_LENGTH = 4000


def page(title: str, body: str, *, notice: str = "", version: str = VERSION, signed_on: bool = True) -> str:
    """Lay one page out."""
    links = '<a href="main.aspx">菜单</a> <a href="query.aspx">查询</a> <a href="list.aspx?lsh=0">进度</a><hr>'
    message = f'<p><font color="red" id="lblMsg">{escape(notice)}</font></p>' if notice else ""
    head = f'<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{escape(title)}</title>'
    foot = f'<hr><small>{TITLE} <span id="ver">{version}</span></small>'
    menu = links if signed_on else ""
    return f"<html><head>{head}</head><body><h2>{escape(title)}</h2>{menu}{message}{body}{foot}</body></html>"


def form(action: str, state: Mapping[str, str], body: str, button: str) -> str:
    """Lay a form out with its hidden state."""
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in state.items())
    submit = f'<input type="submit" value="{button}">'
    return f'<form name="form1" method="post" action="{action}">{hidden}{body}{submit}</form>'


def text_row(name: str, label: str, value: str = "", *, kind: str = "text", length: int = 50) -> str:
    field = f'<input type="{kind}" id="{name}" name="{name}" value="{escape(value)}" maxlength="{length}">'
    return f'<tr><td><label for="{name}">{label}</label></td><td>{field}</td></tr>'


def choice_row(name: str, label: str, choices: Iterable[str], value: str = "") -> str:
    pairs = [("", "--请选择--"), *(choice.split("|") for choice in choices)]
    options = "".join(f'<option value="{v}"{" selected" * (v == value)}>{t}</option>' for v, t in pairs)
    field = f'<select id="{name}" name="{name}">{options}</select>'
    return f'<tr><td><label for="{name}">{label}</label></td><td>{field}</td></tr>'


def application_rows(typed: Mapping[str, str], renamed: Mapping[str, str]) -> str:
    """Lay out the fields of the application form."""
    rows = []
    for name, label, rule in FIELDS:
        shown, value = renamed.get(name, name), typed.get(name, "")
        if isinstance(rule, int):
            rows.append(text_row(shown, label, value, length=rule))
        else:
            rows.append(choice_row(shown, label, rule, value))
    remarks = f'<textarea id="{REMARKS}" name="{REMARKS}" maxlength="{REMARKS_LENGTH}">{escape(typed.get(REMARKS, ""))}'
    rows.append(f'<tr><td><label for="{REMARKS}">备注</label></td><td>{remarks}</textarea></td></tr>')
    return f"<table>{''.join(rows)}</table>"


def echo(typed: Mapping[str, str]) -> str:
    """Show what was understood, before it is confirmed."""
    labels = {name: label for name, label, _ in FIELDS} | {REMARKS: "备注"}
    lines = "".join(
        f'<tr><td>{label}</td><td id="echo_{name}">{escape(typed.get(name, ""))}</td></tr>'
        for name, label in labels.items()
    )
    return f"<table border='1'>{lines}</table>"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay a list out."""
    head = "".join(f"<th>{heading}</th>" for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table id="tblList" border="1"><tr>{head}</tr>{body}</table>'
